import type { Capabilities, DatabaseRef, DatabaseSpec, Engine, LogQuery, Notification, Observed, Plan, Progress, Refusal } from '@howdah/engine'
import type { Database } from './database.ts'
import type { Move } from './ensure.ts'
import type { Installation } from './installation.ts'
import type { Image, Location } from './location.ts'
import type { Origin } from './manifests/bootstrap.ts'
import type { CnpgEngineOptions } from './options.ts'
import { EngineError } from '@howdah/engine'
import { defaultSettings, dropLogicalDatabase, dropRole, ensureLogicalDatabase, ensureRole, listExtensions, listLogicalDatabases, listParameters, listRoles, listSchemaObjects, refusalsOf } from '@howdah/postgres'
import { Absence } from './absence.ts'
import { Backups } from './backup/backups.ts'
import { Caches } from './caches.ts'
import { capabilitiesOf } from './capabilities.ts'
import { Catalogues } from './catalogues.ts'
import { prepareForUsers } from './configure.ts'
import { keptElsewhere } from './delivered.ts'
import { destroyDatabase } from './destroy.ts'
import { advance, interruptionOf, lookAt, nextSteps } from './ensure.ts'
import { Fleet, tellHappenings } from './fleet.ts'
import { followLogs } from './follow-logs.ts'
import { refusalsToGrow } from './growth.ts'
import { noImages } from './image-catalog.ts'
import { imageFor } from './image-for.ts'
import { InPlace } from './in-place/in-place.ts'
import { installationOf, locationOf } from './installation.ts'
import { KubeApi } from './kubernetes/api.ts'
import { inClusterAccess, kubeconfigAccess } from './kubernetes/kubeconfig.ts'
import { resources } from './kubernetes/objects.ts'
import { readLogs } from './logs.ts'
import { missingKind } from './missing-kinds.ts'
import { PodIndex } from './pod-index.ts'
import { sweepPodMonitors } from './project-objects.ts'
import { planRestart, restart } from './restart.ts'
import { Serial } from './serial.ts'
import { readSettings } from './settings.ts'
import { planSwitchover, switchOver } from './switch-over.ts'
import { translated } from './translate.ts'
import { Upgrades } from './upgrade/upgrades.ts'
import { within } from './within.ts'

/** How long `open` waits for the cluster's API, and then for databases that run to answer. What takes longer goes on in the background. */
const syncWithinMs = 10_000
const adoptWithinMs = 2_000
const sweepEveryMs = 60_000

/** Databases as CloudNativePG clusters on Kubernetes. */
export function createCnpgEngine(options: CnpgEngineOptions): Engine {
  return translated(new CnpgEngine(readSettings(options.settings), options))
}

class CnpgEngine implements Engine {
  readonly #location: Location
  readonly #options: CnpgEngineOptions
  readonly #listeners = new Set<(notification: Notification) => void>()
  readonly #serial = new Serial()
  readonly #catalogues: Catalogues
  /** Projects that Prometheus was told of. */
  readonly #monitored = new Set<string>()
  #opened: { readonly installation: Installation, readonly caches: Caches, readonly fleet: Fleet, readonly backups: Backups, readonly inPlace: InPlace, readonly upgrades: Upgrades } | undefined
  readonly #absence = new Absence(() => this.#opened?.fleet.reportAll())
  #sweepTimer: NodeJS.Timeout | undefined

  constructor(location: Location, options: CnpgEngineOptions) {
    this.#location = location
    this.#catalogues = new Catalogues(() => this.#images)
    this.#options = options
  }

  async open(): Promise<void> {
    const { installation: controlPlane, location: name, log, openBucket } = this.#options
    const { backups, context, kubeconfig } = this.#location
    const bucket = backups && await openBucket(backups)
    const api = new KubeApi(kubeconfig === undefined ? await inClusterAccess() : await kubeconfigAccess(kubeconfig, context))
    const caches = new Caches(api, this.#location, log)
    const { clusters, pods, quotas } = caches
    const index = new PodIndex(pods)
    const installation = installationOf({ api, bucket, caches, index, location: await locationOf(controlPlane, this.#location), log, problem: () => this.#absence.isAway ? caches.problem : undefined })
    const fleet = new Fleet(installation, notification => this.#emit(notification))
    index.onChange((namespace, cluster) => fleet.touch(namespace, cluster))
    const backedUp = new Backups(installation, id => fleet.get(id))
    const inPlace = new InPlace(installation, id => fleet.get(id), backedUp)
    this.#opened = { installation, caches, fleet, backups: backedUp, inPlace, upgrades: new Upgrades(installation, inPlace) }
    caches.onProblem(() => this.#absence.notice(caches.problem !== undefined))
    quotas.onChange(({ after, before }) => fleet.touchAll((after ?? before)?.namespace ?? ''))
    caches.balancers?.onChange(({ after, before }) => fleet.move(after, before))
    tellHappenings(caches, fleet)
    await within(syncWithinMs, caches.start())
    await within(adoptWithinMs, fleet.answered())
    this.#sweep()
    this.#sweepTimer = setInterval(() => this.#sweep(), sweepEveryMs).unref()
    log.info({ location: name, databases: fleet.all().length, isSynced: clusters.isSynced }, 'the location is open')
  }

  async close(): Promise<void> {
    const opened = this.#opened
    this.#opened = undefined
    this.#absence.end()
    clearInterval(this.#sweepTimer)
    if (!opened)
      return
    const { caches, fleet, installation } = opened
    await Promise.all([caches.close(), fleet.close()])
    installation.api.close()
  }

  async check(): Promise<void> {
    const { caches: { clusters, problem: notFollowed }, installation: { api, images, location } } = this.#ready()
    const problem = notFollowed ?? noImages(location, images) ?? await missingKind(api, location)
    if (problem !== undefined || !clusters.isSynced)
      throw new EngineError('unavailable', `The location "${this.#options.location}" cannot be used now: ${problem ?? 'its cluster has not answered yet.'}`)
  }

  /** The uid of `kube-system` is what names a Kubernetes cluster; the prefix is our place in it. */
  async identity(): Promise<string> {
    const system = await this.#ready().installation.api.get(resources.namespace, { name: 'kube-system' })
    if (system?.metadata.uid === undefined)
      throw new EngineError('unavailable', 'The cluster does not say which one it is.')
    return `${system.metadata.uid}/${this.#location.namespacePrefix}`
  }

  async capabilities(): Promise<Capabilities> {
    return capabilitiesOf(this.#location, this.#images)
  }

  async plan(spec: DatabaseSpec): Promise<Plan> {
    const { fleet } = this.#ready()
    const db = fleet.get(spec.id)
    const cluster = db?.cluster
    if (db && !cluster?.isOurs)
      return { steps: [], interruption: 'none', reasons: [], refusals: [{ pointer: '', detail: keptElsewhere(db) }] }
    const applied = cluster?.state.spec
    const refusals = [...refusalsOf(spec, {
      capabilities: await this.capabilities(),
      catalogue: await this.#catalogues.for(applied?.version ?? spec.version),
      major: applied?.version,
      applied: applied && cluster && { storageGib: applied.storageGib, database: cluster.database, owner: cluster.owner },
    }), ...db ? await refusalsToGrow(this.#ready().installation.api, db, spec) : await this.#refusalsOfOrigin(spec)]
    if (refusals.length > 0)
      return { steps: [], interruption: 'none', reasons: [], refusals }
    const move = await this.#lookAt(spec, db)
    const steps = nextSteps(move)
    return { steps, ...interruptionOf(steps, move), refusals }
  }

  async ensure(spec: DatabaseSpec): Promise<Progress> {
    const { backups } = this.#ready()
    return await this.#inTurn(spec, async (inPlace, db) => {
      if (db && !db.cluster.isOurs)
        throw new EngineError('conflict', keptElsewhere(db))
      const underWay = await inPlace.goOn(spec, db)
      if (underWay)
        return underWay
      const origin = db || !spec.from ? undefined : await backups.originOf(spec, spec.from, this.#sourceOf(spec))
      return origin && 'outcome' in origin ? origin : await advance(await this.#lookAt(spec, db, origin))
    })
  }

  async destroy(...[ref, options]: Parameters<Engine['destroy']>): Promise<Progress> {
    return await this.#inTurn(ref, async (_, db) => await destroyDatabase(this.#ready().installation, ref, db, options))
  }

  async observe(ref: DatabaseRef): Promise<Observed | undefined> {
    return this.#synced().get(ref.id)?.observed
  }

  async list(): Promise<readonly Observed[]> {
    return this.#synced().observed()
  }

  watch(listener: (notification: Notification) => void): () => void {
    this.#listeners.add(listener)
    for (const observed of this.#opened?.fleet.observed() ?? [])
      listener({ kind: 'observed', observed })
    return () => this.#listeners.delete(listener)
  }

  async roles(ref: DatabaseRef) {
    return await listRoles(this.#find(ref))
  }

  async ensureRole(...[ref, role]: Parameters<Engine['ensureRole']>) {
    const db = this.#find(ref)
    await this.#serial.run(ref.id, async () => {
      await prepareForUsers(db)
      await ensureRole(db, role)
    })
  }

  async dropRole(ref: DatabaseRef, name: string) {
    const db = this.#find(ref)
    await this.#serial.run(ref.id, async () => await dropRole(db, name))
  }

  async logicalDatabases(ref: DatabaseRef) {
    return await listLogicalDatabases(this.#find(ref))
  }

  async ensureLogicalDatabase(...[ref, database]: Parameters<Engine['ensureLogicalDatabase']>) {
    const db = this.#find(ref)
    await this.#serial.run(ref.id, async () => {
      await prepareForUsers(db)
      await ensureLogicalDatabase(db, database)
    })
  }

  async dropLogicalDatabase(ref: DatabaseRef, name: string) {
    const db = this.#find(ref)
    await this.#serial.run(ref.id, async () => await dropLogicalDatabase(db, name))
  }

  async schemaObjects(ref: DatabaseRef, database: string) {
    return await listSchemaObjects(this.#find(ref), database)
  }

  async extensions(ref: DatabaseRef) {
    const db = this.#find(ref)
    return await listExtensions(db, await this.#catalogues.of(db))
  }

  async parameters(ref: DatabaseRef) {
    const db = this.#find(ref)
    const { spec } = db.cluster.state
    return await listParameters(db, await this.#catalogues.of(db), {
      set: spec?.parameters ?? {},
      defaults: spec ? defaultSettings(spec) : {},
    })
  }

  async planSwitchover(ref: DatabaseRef, to?: string): Promise<Plan> {
    return planSwitchover(this.#findOurs(ref), to)
  }

  async switchOver(...[ref, order]: Parameters<Engine['switchOver']>): Promise<Progress> {
    const { installation } = this.#ready()
    const db = this.#findOurs(ref)
    return await this.#serial.run(ref.id, async () => await switchOver(installation, db, order))
  }

  async planRestart(ref: DatabaseRef): Promise<Plan> {
    return await planRestart(this.#find(ref))
  }

  async restart(...[ref, order]: Parameters<Engine['restart']>): Promise<Progress> {
    const { installation } = this.#ready()
    const db = this.#find(ref)
    return await this.#serial.run(ref.id, async () => await restart(installation, db, order))
  }

  async backups(ref: DatabaseRef) {
    return await this.#ready().backups.list(ref)
  }

  async takeBackup(...[ref, id, method = 'archive']: Parameters<Engine['takeBackup']>) {
    return await this.#ready().backups.take(this.#find(ref), id, method)
  }

  async drillBackup(ref: DatabaseRef, id: string) {
    const { backups, fleet } = this.#ready()
    return await backups.drill(ref, fleet.get(ref.id), id)
  }

  async deleteBackup(ref: DatabaseRef, id: string) {
    await this.#ready().backups.remove(ref, id)
  }

  async expireBackups(ref: DatabaseRef, before: Date) {
    await this.#ready().backups.expire(ref, before)
  }

  async destroyArchive(ref: DatabaseRef) {
    await this.#ready().backups.destroy(ref)
  }

  async restoreWindow(ref: DatabaseRef) {
    return await this.#ready().backups.window(ref, this.#synced().get(ref.id))
  }

  async restorePoints(ref: DatabaseRef) {
    return await this.#ready().backups.points(ref)
  }

  async createRestorePoint(ref: DatabaseRef, name: string) {
    return await this.#ready().backups.makePoint(this.#find(ref), name)
  }

  async planRestore(...[ref, from]: Parameters<Engine['planRestore']>): Promise<Plan> {
    return await this.#ready().inPlace.plan(this.#findOurs(ref), from)
  }

  async restore(...[ref, order]: Parameters<Engine['restore']>): Promise<Progress> {
    return await this.#inTurn(ref, async (inPlace, db) => await inPlace.restore(ref, db, order))
  }

  async undoRestore(ref: DatabaseRef, id: string): Promise<Progress> {
    return await this.#inTurn(ref, async (inPlace, db) => await inPlace.undo(ref, db, id))
  }

  async endUndo(ref: DatabaseRef): Promise<void> {
    await this.#inTurn(ref, async (inPlace, db) => await inPlace.endUndo(ref, db))
  }

  async planUpgrade(spec: DatabaseSpec): Promise<Plan> {
    const { upgrades } = this.#ready()
    return await upgrades.plan(this.#findOurs(spec), spec, { capabilities: await this.capabilities(), catalogue: await this.#catalogues.for(spec.version) })
  }

  async rehearseUpgrade(...[ref, order]: Parameters<Engine['rehearseUpgrade']>): Promise<Progress> {
    return await this.#ready().upgrades.rehearse(this.#findOurs(ref), order)
  }

  async upgradeReport(ref: DatabaseRef) {
    return await this.#ready().upgrades.report(ref)
  }

  async upgrade(...[ref, order]: Parameters<Engine['upgrade']>): Promise<Progress> {
    const { upgrades } = this.#ready()
    return await this.#inTurn(ref, async (_, db) => await upgrades.upgrade(ref, db, order))
  }

  async logs(ref: DatabaseRef, query: LogQuery) {
    return await readLogs(this.#ready().installation, this.#find(ref), query)
  }

  followLogs(...[ref, query, signal]: Parameters<Engine['followLogs']>) {
    const db = this.#find(ref)
    return followLogs(this.#ready().installation, db, query, AbortSignal.any([signal, db.deleted]))
  }

  #ready() {
    if (!this.#opened)
      throw new EngineError('unavailable', 'The engine is not open.')
    return this.#opened
  }

  /** Before everything was listed once, nothing can be said about what is not there. */
  #synced(): Fleet {
    const { fleet, installation } = this.#ready()
    if (!installation.clusters.isSynced)
      throw new EngineError('unavailable', `The location "${this.#options.location}" cannot be used now: ${installation.clusters.problem ?? 'its cluster has not answered yet.'}`)
    return fleet
  }

  #find(ref: DatabaseRef): Database {
    const db = this.#synced().get(ref.id)
    if (!db)
      throw new EngineError('not-found', `There is no database "${ref.name}" here.`)
    return db
  }

  /** One that we made, and whose Cluster is ours to change. */
  #findOurs(ref: DatabaseRef): Database {
    const db = this.#find(ref)
    if (!db.cluster.isOurs)
      throw new EngineError('conflict', keptElsewhere(db))
    return db
  }

  async #refusalsOfOrigin(spec: DatabaseSpec): Promise<Refusal[]> {
    const { backups } = this.#ready()
    const detail = spec.from && await backups.refusalOf(spec, spec.from, this.#sourceOf(spec))
    return detail === undefined ? [] : [{ pointer: '/from', detail }]
  }

  /** Nobody begins with the data of another project, whatever is asked. */
  #sourceOf({ from, project }: DatabaseSpec): Database | undefined {
    const source = from && this.#ready().fleet.get(from.id)
    return source?.ref.project === project ? source : undefined
  }

  async #lookAt(spec: DatabaseSpec, db: Database | undefined, origin?: Origin): Promise<Move> {
    const major = db?.cluster.state.spec?.version ?? spec.version
    const { image } = imageFor(this.#images, major)
    return await lookAt(this.#ready().installation, spec, { db, catalogue: await this.#catalogues.for(major), image, ...origin ? { origin } : {} })
  }

  get #images(): readonly Image[] {
    return this.#opened?.installation.images ?? this.#location.images
  }

  /** Whatever changes what a database is made from comes one after the other. */
  async #inTurn<T>(ref: DatabaseRef, work: (inPlace: InPlace, db: Database | undefined) => Promise<T>): Promise<T> {
    const { fleet, inPlace } = this.#ready()
    return await this.#serial.run(ref.id, async () => await work(inPlace, fleet.get(ref.id)))
  }

  #emit(notification: Notification): void {
    for (const listener of this.#listeners)
      listener(notification)
  }

  #sweep(): void {
    if (!this.#opened)
      return
    const { backups, fleet, installation, upgrades } = this.#opened
    sweepPodMonitors(installation, fleet, this.#monitored).catch((error: unknown) => this.#options.log.warn({ err: error, location: this.#options.location }, 'PodMonitors could not be made'))
    backups.sweep().catch((error: unknown) => this.#options.log.warn({ err: error, location: this.#options.location }, 'what drills left could not be removed'))
    upgrades.sweep().catch((error: unknown) => this.#options.log.warn({ err: error, location: this.#options.location }, 'what rehearsals left could not be removed'))
  }
}
