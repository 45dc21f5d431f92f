import type { Notification, Observed } from '@howdah/engine'
import type { BalancerView } from './balancer.ts'
import type { Caches } from './caches.ts'
import type { Happening } from './events.ts'
import type { Installation } from './installation.ts'
import type { Change } from './kubernetes/watch-cache.ts'
import type { ClusterView } from './views.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { backupHappening } from './backup-events.ts'
import { Database } from './database.ts'
import { happeningsOf } from './events.ts'
import { isAnothers, Owners } from './namespaces.ts'
import { storageLevelOf } from './phase.ts'
import { growthHappening } from './storage-events.ts'

const askAgainMs = 1_000

/** All databases of the location, kept in step with the Clusters that the cache has. */
export class Fleet {
  readonly #installation: Installation
  readonly #emit: (notification: Notification) => void
  readonly #byId = new Map<string, Database>()
  readonly #byPlace = new Map<string, Database>()
  /** What was last told of each, so that only news is told. */
  readonly #told = new Map<string, string>()
  readonly #owners: Owners
  /** Clusters of which it is not known yet whose they are. */
  readonly #asking = new Set<Promise<void>>()
  readonly #closing = new AbortController()

  constructor(installation: Installation, emit: (notification: Notification) => void) {
    this.#installation = installation
    this.#emit = emit
    this.#owners = new Owners(installation)
    installation.clusters.onChange(change => this.#take(change))
  }

  get(id: string): Database | undefined {
    return this.#byId.get(id)
  }

  all(): Database[] {
    return [...this.#byId.values()]
  }

  observed(): Observed[] {
    return this.all().map(database => database.observed)
  }

  /** Settles when every database that should run was heard of. */
  async answered(): Promise<void> {
    await Promise.all(this.#asking)
    await Promise.all(this.all().filter(db => !db.cluster.isHibernationAsked).map(async db => await db.monitor.answered))
  }

  /** Something that belongs to a Cluster changed. */
  touch(namespace: string, cluster: string): void {
    const database = this.#byPlace.get(`${namespace}/${cluster}`)
    if (!database)
      return
    database.follow()
    this.report(database)
  }

  /** The load balancer of a Cluster has another address: what was held through the one before proves nothing any more. */
  move(after: BalancerView | undefined, before: BalancerView | undefined): void {
    const { cluster = '', namespace = '' } = after ?? before ?? {}
    const database = this.#byPlace.get(`${namespace}/${cluster}`)
    if (!database || after?.address === before?.address)
      return
    database.letGo()
    this.#findTarget(database)
    this.touch(namespace, cluster)
  }

  /** Something that all of a namespace share changed. */
  touchAll(namespace: string): void {
    for (const database of this.all()) {
      if (database.namespace === namespace)
        this.report(database)
    }
  }

  /** Something happened to what belongs to a Cluster. */
  tell(namespace: string, cluster: string, happening: Happening | undefined): void {
    const database = this.#byPlace.get(`${namespace}/${cluster}`)
    if (database && happening)
      this.#tell(database, happening)
  }

  report(database: Database): void {
    if (this.#byId.get(database.ref.id) !== database)
      return
    const filling = database.storageLevels.next(storageLevelOf(database.seen))
    if (filling)
      this.#tell(database, filling)
    for (const lost of database.lostSlots.next(database.monitor.vitals?.lostSlots))
      this.#tell(database, lost)
    const { observed } = database
    const text = JSON.stringify({ ...observed, since: undefined })
    if (this.#told.get(database.ref.id) === text)
      return
    this.#told.set(database.ref.id, text)
    this.#emit({ kind: 'observed', observed })
  }

  reportAll(): void {
    for (const database of this.all())
      this.report(database)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.all().map(async database => await database.close()))
    this.#byId.clear()
    this.#byPlace.clear()
  }

  #take({ after, before }: Change<ClusterView>): void {
    if (before && before.uid !== after?.uid)
      this.#drop(before)
    if (!after)
      return
    const known = this.#byId.get(after.id)
    if (!known)
      this.#add(after)
    else if (known.uid === after.uid && before)
      this.#change(known, before, after)
  }

  #add(cluster: ClusterView): void {
    const { location } = this.#installation
    const project = cluster.namespace.startsWith(location.namespacePrefix) ? cluster.namespace.slice(location.namespacePrefix.length) : undefined
    // Somebody's own Cluster is none of ours until it is labelled for the project, and one that tries a backup is no database.
    if (project === undefined || cluster.id === '' || cluster.project !== project || isAnothers(location, cluster.installation))
      return
    if (cluster.isOurs)
      return this.#begin(cluster, project)
    const asking: Promise<void> = this.#ask(cluster, project).finally(() => this.#asking.delete(asking))
    this.#asking.add(asking)
  }

  /** Git says nothing of us in it: it is whose the namespace is. */
  async #ask({ name, namespace, uid }: ClusterView, project: string): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        const isHere = !await this.#owners.isAnothers(namespace)
        const cluster = this.#installation.clusters.get(namespace, name)
        if (isHere && cluster?.uid === uid && !this.#byId.has(cluster.id) && !this.#closing.signal.aborted)
          this.#begin(cluster, project)
        return
      }
      catch (error) {
        this.#installation.log.debug({ err: error, namespace }, 'whose a namespace is cannot be found out now')
        // Closing ends the wait, and the loop.
        await delay(askAgainMs, undefined, { signal: this.#closing.signal, ref: false }).catch(() => {})
      }
    }
  }

  #begin(cluster: ClusterView, project: string): void {
    const database: Database = new Database(this.#installation, cluster, project, () => this.report(database))
    this.#byId.set(cluster.id, database)
    this.#byPlace.set(`${cluster.namespace}/${cluster.name}`, database)
    this.#findTarget(database)
    this.touch(cluster.namespace, cluster.name)
  }

  #change(database: Database, before: ClusterView, after: ClusterView): void {
    const { certificates } = database
    database.certificates = { ...certificates, ...after.certificates }
    for (const happening of happeningsOf({ ...before, certificates }, after)) {
      if (happening.type === 'certificate.renewed')
        this.#findTarget(database)
      this.#tell(database, happening)
      if (happening.type === 'failover' && after.isOurs && happening.details.lostBytes === null)
        database.reportLoss({ from: before.currentPrimary, to: after.currentPrimary }, loss => this.#tell(database, loss))
    }
    if (before.isExternal !== after.isExternal || before.isRouted !== after.isRouted)
      this.#findTarget(database)
    this.touch(after.namespace, after.name)
  }

  #tell({ ref }: Database, happening: Happening): void {
    this.#emit({ kind: 'event', event: { ref, at: new Date(), ...happening } })
  }

  #findTarget(database: Database): void {
    database.findTarget().then(
      () => this.report(database),
      (error: unknown) => this.#installation.log.debug({ err: error, database: database.ref.id }, 'the address of a database is not known yet'),
    )
  }

  #drop(cluster: ClusterView): void {
    const database = this.#byId.get(cluster.id)
    if (database?.uid !== cluster.uid)
      return
    this.#byId.delete(cluster.id)
    this.#byPlace.delete(`${cluster.namespace}/${cluster.name}`)
    this.#told.delete(cluster.id)
    database.markDeleted()
    void database.monitor.detach()
    this.#emit({ kind: 'gone', ref: database.ref })
  }
}

/** What becomes of backups and volumes. What was there when the lists were made first has happened before. */
export function tellHappenings({ backups, volumes }: Caches, fleet: Fleet): void {
  backups.onChange(({ after, before }) => {
    if (after && backups.isSynced)
      fleet.tell(after.namespace, after.cluster, backupHappening(before, after))
  })
  volumes.onChange(({ after, before }) => {
    if (after)
      fleet.tell(after.namespace, after.cluster, growthHappening(before, after))
  })
}
