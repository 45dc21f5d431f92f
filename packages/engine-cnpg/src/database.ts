import type { Credentials, DatabaseRef, Observed } from '@howdah/engine'
import type { Server, Session, SessionLimits } from '@howdah/postgres'
import type pg from 'pg'
import type { Sealing } from './backup/running.ts'
import type { Happening } from './events.ts'
import type { Installation } from './installation.ts'
import type { KubeObject } from './kubernetes/objects.ts'
import type { Failover } from './loss.ts'
import type { Judgement, Seen } from './phase.ts'
import type { State } from './state.ts'
import type { Target } from './target.ts'
import type { ClusterView, PodView } from './views.ts'
import { EngineError } from '@howdah/engine'
import { monitorConfig, superuserConfig, withClient } from '@howdah/postgres'
import { DatabaseError } from 'pg'
import { admitMonitor } from './configure.ts'
import { pathOf, resources } from './kubernetes/objects.ts'
import { reportLoss } from './loss.ts'
import { isReplaced, LostNode, primaryInDoubt } from './lost-node.ts'
import { LostSlots, remakeReplicaSlots } from './lost-slots.ts'
import { Mender, silentInstances } from './mender.ts'
import { Monitor } from './monitor.ts'
import { monitorSecretOf, nudgeAnnotation, operatorRoles, stateAnnotation, superuserName } from './names.ts'
import { ensureMonitorPassword } from './owner-secret.ts'
import { isHealthy, isUnknownName, judge, membersOf, nameUnresolved } from './phase.ts'
import { readStartLog } from './start-log.ts'
import { StorageLevels } from './storage-events.ts'
import { connectionOf, endpointOf, findTarget, readSecret, superuserConnectionOf } from './target.ts'

/** A server that is slow all the time is no reason to have the operator look all the time. */
const lateNudgeEveryMs = 10_000

interface Lease extends KubeObject {
  readonly spec?: { readonly renewTime?: string }
}

/** One database that is in the cluster: what is known of it while we run. */
export class Database implements Server {
  readonly ref: DatabaseRef
  readonly uid: string
  readonly namespace: string
  readonly systemRoles = operatorRoles
  /** True after a login of the owner answered, until something happens that may have changed that. */
  isLoginProven = false
  /** Version that answered the owner's login; the monitoring says it too, a moment later. */
  provenVersion: string | undefined
  readonly monitor: Monitor
  readonly storageLevels = new StorageLevels()
  readonly lostSlots = new LostSlots()
  /** What is on its way into the archive, by what it is for. */
  readonly sealings = new Map<string, Sealing>()
  /** Since when, by our own clock, the end of its archive is waited for. */
  endingSince: number | undefined
  /** When each certificate that was seen ends: while one is replaced, the operator names none. */
  certificates: Readonly<Record<string, string>>
  readonly #installation: Installation
  readonly #mender: Mender
  readonly #lostNode: LostNode
  readonly #deleted = new AbortController()
  /** Nobody follows it any more: it is gone, or we go. */
  readonly #left = new AbortController()
  #target: Target | undefined
  /** A look that is under way: whoever wants the first one at the same time shares it. */
  #finding: Promise<Target> | undefined
  #superuserPassword: string | undefined
  /** Code of the error with which our last work in it ended; empty when it was let in. */
  #complaint = ''
  readonly #changed: () => void
  /** By our own clock. */
  #nudgedAt = Number.NEGATIVE_INFINITY
  #judged: (Judgement & { readonly since: Date }) | undefined
  #isRemakingSlots = false

  constructor(installation: Installation, cluster: ClusterView, project: string, changed: () => void) {
    this.ref = { id: cluster.id, project, name: cluster.name }
    this.uid = cluster.uid
    this.namespace = cluster.namespace
    this.certificates = cluster.certificates
    this.#installation = installation
    this.#changed = changed
    this.monitor = new Monitor({
      connection: async () => await this.#monitorConnection(),
      isPrivileged: () => this.cluster.isOurs,
      replicas: () => this.#replicas,
      changed: () => {
        // What the owner's login proved ends with the connection that was held: also when the cluster's API is away and says nothing.
        if (this.monitor.vitals === undefined) {
          this.isLoginProven = false
          this.#nudgeOperator()
          this.#lostNode.look()
        }
        this.#remakeSlots(this.monitor.vitals?.lostSlots ?? [])
        changed()
      },
      late: () => {
        if (performance.now() - this.#nudgedAt > lateNudgeEveryMs)
          this.#nudgeOperator()
      },
      log: installation.log,
    })
    this.#mender = new Mender(() => silentInstances(this.seen), pod => this.#end(pod))
    this.#lostNode = new LostNode({
      inDoubt: () => primaryInDoubt(this.seen),
      isReplaced: pod => isReplaced(this.seen, pod),
      renewedAt: async node => (await installation.api.get<Lease>(resources.lease, { namespace: 'kube-node-lease', name: node }))?.spec?.renewTime,
      giveUp: async pod => await this.#giveUp(pod),
      remove: async pod => await this.#remove(pod),
      failed: error => installation.log.warn({ err: error, database: this.ref.id }, 'whether the node of a primary is gone could not be found out'),
    })
  }

  get deleted(): AbortSignal {
    return this.#deleted.signal
  }

  markDeleted(): void {
    this.#deleted.abort()
    this.#left.abort()
    this.#mender.close()
    this.#lostNode.close()
  }

  /** Do nothing by ourselves any more. */
  async close(): Promise<void> {
    this.#left.abort()
    this.#mender.close()
    this.#lostNode.close()
    await this.monitor.detach()
  }

  /** What the cache has of its Cluster. Throws `not-found` when that is gone. */
  get cluster(): ClusterView {
    const cluster = this.#installation.clusters.get(this.namespace, this.ref.name)
    if (!cluster || cluster.uid !== this.uid)
      throw new EngineError('not-found', `There is no database "${this.ref.name}" here.`)
    return cluster
  }

  get main(): string {
    return this.cluster.database
  }

  get owner(): string {
    return this.cluster.owner
  }

  get seen(): Seen {
    return {
      cluster: this.cluster,
      pods: this.#installation.podsOf(this.namespace, this.ref.name),
      quotas: this.#installation.quotasOf(this.namespace),
      answers: this.monitor.vitals !== undefined || this.isLoginProven,
      complaint: this.monitor.complaint || this.#complaint,
      lag: this.cluster.isOurs ? this.monitor.vitals?.lag : undefined,
      storageUsedBytes: this.monitor.vitals?.storageUsedBytes,
      isBalancerPending: this.cluster.isExternal && this.#installation.balancerAddress(this.namespace, this.ref.name) === undefined,
      problem: this.#installation.problem,
      now: new Date(),
    }
  }

  get observed(): Observed {
    const { seen } = this
    const { cluster } = seen
    const judged = judge(seen)
    const last = this.#judged
    this.#judged = { ...judged, since: last?.phase === judged.phase ? last.since : last ? new Date() : cluster.createdAt }
    const { vitals } = this.monitor
    return {
      ref: this.ref,
      ...this.#judged,
      members: membersOf(seen),
      endpoint: this.#target && endpointOf(this.#target),
      serverVersion: vitals?.serverVersion ?? this.provenVersion,
      storageUsedBytes: vitals?.storageUsedBytes,
      connections: vitals?.connections,
      transactionsPerSecond: vitals?.transactionsPerSecond,
      generation: cluster.state.generation,
      pendingRestart: [],
      managedBy: cluster.isOurs ? 'howdah' : 'git',
      delivered: cluster.delivered,
      undo: cluster.kept && { id: cluster.kept.id, until: cluster.kept.until, version: cluster.kept.version },
    }
  }

  /** Follow what the cache says: hold on to a server that should be there, leave one alone that should not. */
  follow(): void {
    this.#mender.look()
    this.#lostNode.look()
    const { cluster, pods } = this.seen
    const isWanted = (cluster.state.isConfigured || (!cluster.isOurs && isHealthy(cluster))) && !cluster.isHibernationAsked && !cluster.isDeleting
    if (!isWanted) {
      this.isLoginProven = false
      void this.monitor.detach()
      return
    }
    this.monitor.attach()
    const isPrimaryReady = pods.some(pod => pod.name === cluster.currentPrimary && pod.isReady)
    // A replica that has come is looked for at once.
    if (!isPrimaryReady || (cluster.isOurs && (this.monitor.vitals?.lag.size ?? 0) < this.#replicas))
      this.monitor.look()
    // The held connection knows better; without one, a primary that is not ready ends what was proven.
    if (this.monitor.vitals === undefined && (!isHealthy(cluster) || !isPrimaryReady))
      this.isLoginProven = false
  }

  async target(): Promise<Target> {
    return this.#target ?? await (this.#finding ?? this.findTarget())
  }

  /** Look again: its authority may be another one. */
  async findTarget(): Promise<Target> {
    const finding = findTarget(this.#installation, this.cluster)
    this.#finding = finding
    try {
      this.#target = await finding
      return this.#target
    }
    finally {
      if (this.#finding === finding)
        this.#finding = undefined
    }
  }

  /** Remember in the cluster what is now in effect. */
  async record(change: Partial<State>): Promise<void> {
    const { api, clusters } = this.#installation
    const state = { ...this.cluster.state, ...change }
    clusters.note(await api.merge(resources.cluster, { namespace: this.namespace, name: this.ref.name }, {
      metadata: { uid: this.uid, annotations: { [stateAnnotation]: JSON.stringify(state) } },
    }))
  }

  /** Nobody of ours is in a server that Git owns; there the application's own user proves that one can log in. */
  async readOwner(): Promise<Credentials> {
    const { owner, ownerSecret } = this.cluster
    const { password, username = owner } = await readSecret(this.#installation.api, this.namespace, ownerSecret) ?? {}
    if (password === undefined)
      throw new EngineError('unavailable', `The password of its owner is not in the Secret "${ownerSecret}".`)
    return { user: username, password }
  }

  async asSuperuser<T>(database: string, work: (session: Session) => Promise<T>, limits?: SessionLimits): Promise<T> {
    const target = await this.target()
    const known = this.#superuserPassword
    const password = known ?? await this.#readSuperuserPassword()
    try {
      const answer = await withClient({
        ...superuserConfig(this.#major, limits),
        ...superuserConnectionOf(target),
        user: superuserName,
        password,
        database,
      }, work)
      this.#complain('')
      return answer
    }
    catch (error) {
      this.#superuserPassword = undefined
      this.#complain(codeOf(error))
      if (isUnknownName(this.#complaint))
        throw new EngineError('unavailable', nameUnresolved(this.cluster), { cause: error })
      // Between its Secret and the server the operator takes a moment.
      throw isWrongPassword(error)
        ? new EngineError('unavailable', 'The operator is giving the superuser another password; try again.', { cause: error })
        : error
    }
  }

  /** No watch tells of it. */
  #complain(code: string): void {
    if (code === this.#complaint)
      return
    this.#complaint = code
    this.#changed()
  }

  /** Tell what a failover lost, when that is known. */
  reportLoss(failover: Failover, tell: (happening: Happening) => void): void {
    const { api, log } = this.#installation
    reportLoss(failover, {
      seen: () => this.seen,
      log: async name => await readStartLog(api, { namespace: this.namespace, name }),
      tell,
      signal: this.#left.signal,
    }).catch((error: unknown) => log.warn({ err: error, database: this.ref.id, ...failover }, 'what a failover lost could not be found out'))
  }

  /** What is held is no proof of how it is reached from now on. */
  letGo(): void {
    this.isLoginProven = false
    void this.monitor.detach()
  }

  /** Of its server, which in an upgrade is another one than what is in effect. */
  get #major(): number {
    const { dataMajor, state } = this.cluster
    return dataMajor ?? state.spec?.version ?? 17
  }

  /** How many of them should follow the primary now. */
  get #replicas(): number {
    const { cluster, pods } = this.seen
    return pods.filter(pod => pod.isInstance && pod.isReady && pod.name !== cluster.currentPrimary).length
  }

  /**
   * Have the operator look at the database now. Otherwise it does when the node is given up, and then waits for up to 30 s for
   * an instance that does not answer: better that these begin with the first doubt.
   */
  #nudgeOperator(): void {
    const { api, clusters, log } = this.#installation
    const cluster = clusters.get(this.namespace, this.ref.name)
    if (cluster?.uid !== this.uid || !cluster.isOurs || cluster.instances < 2 || cluster.isHibernationAsked || cluster.isDeleting)
      return
    this.#nudgedAt = performance.now()
    api.merge(resources.cluster, { namespace: this.namespace, name: this.ref.name }, {
      metadata: { uid: this.uid, annotations: { [nudgeAnnotation]: new Date().toISOString() } },
    }).catch((error: unknown) => log.debug({ err: error, database: this.ref.id }, 'the operator could not be told to look'))
  }

  #remakeSlots(lost: readonly string[]): void {
    const { clusters, log } = this.#installation
    if (lost.length === 0 || this.#isRemakingSlots || !clusters.get(this.namespace, this.ref.name)?.isOurs)
      return
    this.#isRemakingSlots = true
    remakeReplicaSlots(this, lost)
      .catch((error: unknown) => log.warn({ err: error, database: this.ref.id, slots: lost }, 'slots that were lost could not be made anew'))
      .finally(() => {
        this.#isRemakingSlots = false
        this.monitor.look()
      })
  }

  /** Its server may not hear that it is to stop. */
  #end({ name, uid }: PodView): void {
    const { api, log } = this.#installation
    log.warn({ database: this.ref.id, pod: name }, 'an instance that answers nobody is ended, so that the operator makes it again')
    api.delete(resources.pod, { namespace: this.namespace, name }, { uid, graceSeconds: 10 })
      .catch((error: unknown) => log.warn({ err: error, database: this.ref.id, pod: name }, 'an instance that answers nobody could not be ended'))
  }

  /** Say of a pod what Kubernetes will say of it later. The operator decides what follows; a kubelet that is there says otherwise. */
  async #giveUp({ name, node, uid }: PodView): Promise<void> {
    const { api, log } = this.#installation
    log.warn({ database: this.ref.id, pod: name, node }, 'the node of a primary is silent: the operator is told that the primary is not ready')
    await api.json(pathOf(resources.pod, { namespace: this.namespace, name, subresource: 'status' }), {
      method: 'PATCH',
      contentType: 'application/strategic-merge-patch+json',
      body: {
        metadata: { uid },
        status: { conditions: [{ type: 'Ready', status: 'False', reason: 'NodeSilent', message: 'Its node renews nothing, and nobody answers at its address.', lastTransitionTime: new Date().toISOString() }] },
      },
    })
  }

  /** As Kubernetes does later. Gracefully: what may run there yet keeps its name until its node says that it ended. */
  async #remove({ name, uid }: PodView): Promise<void> {
    await this.#installation.api.delete(resources.pod, { namespace: this.namespace, name }, { uid })
  }

  async #readSuperuserPassword(): Promise<string> {
    const secret = await readSecret(this.#installation.api, this.namespace, `${this.ref.name}-superuser`)
    if (secret?.password === undefined) {
      throw this.cluster.isOurs
        ? new EngineError('unavailable', 'The database is still being made.')
        : new EngineError('unsupported', 'Its Cluster has no superuser access: set enableSuperuserAccess where it is kept.')
    }
    this.#superuserPassword = secret.password
    return secret.password
  }

  /** Somebody deleted the Secret with the one there was. */
  async #newMonitorPassword(): Promise<string> {
    const password = await ensureMonitorPassword(this.#installation, this.ref)
    await admitMonitor(this, this.#major, password)
    return password
  }

  async #monitorConnection(): Promise<pg.ClientConfig> {
    if (!this.cluster.isOurs) {
      const { password, user } = await this.readOwner()
      return { ...connectionOf(await this.target()), user, password, database: this.main }
    }
    const [target, secret] = await Promise.all([this.target(), readSecret(this.#installation.api, this.namespace, monitorSecretOf(this.ref))])
    return { ...monitorConfig(target.address, secret?.password ?? await this.#newMonitorPassword()), ...connectionOf(target) }
  }
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause ? String(cause.code) : ''
}

function isWrongPassword(error: unknown): boolean {
  return error instanceof EngineError && error.cause instanceof DatabaseError && error.cause.code === '28P01'
}
