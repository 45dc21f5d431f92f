import type { Capabilities, DatabaseRef, DatabaseSpec, Engine, LogQuery, Notification, Observed, Plan, Progress, RestoreSource } from '@howdah/engine'
import type { RestoreOrder } from './backup/restore.ts'
import type { Database } from './database.ts'
import type { Managed } from './ensure.ts'
import type { Installation } from './installation.ts'
import type { Inventory } from './inventory.ts'
import type { LocalEngineOptions } from './options.ts'
import { EngineError, refuseRestart, refuseSnapshot } from '@howdah/engine'
import { defaultSettings, dropLogicalDatabase, dropRole, ensureRole, listExtensions, listLogicalDatabases, listParameters, listRoles, listSchemaObjects } from '@howdah/postgres'
import { addLogicalDatabase } from './add-logical-database.ts'
import { writeArchiveFiles } from './archive-site.ts'
import { asked } from './asked.ts'
import { Backups } from './backup/backups.ts'
import { bestOfEachMajor, installBinaries } from './binaries.ts'
import { capabilitiesOf } from './capabilities.ts'
import { claimDatabase, openPlace, openRestored } from './claim.ts'
import { destroyDatabase, finishDeletions } from './destroy.ts'
import { isDiskFull } from './disk-full.ts'
import { advance } from './ensure.ts'
import { followLogs } from './follow-logs.ts'
import { holdDataDirectory } from './hold.ts'
import { InPlace } from './in-place/in-place.ts'
import { finishLeftSwap } from './in-place/swap.ts'
import { openInstallation } from './installation.ts'
import { takeInventory } from './inventory.ts'
import { logsOf, readLogs } from './logs.ts'
import { Mutexes } from './mutex.ts'
import { Offers } from './offers.ts'
import { defaultPoolCalmMs, defaultPoolSize, runningMembers } from './options.ts'
import { planDatabase } from './plan.ts'
import { defaultPortRange, PortBook } from './ports.ts'
import { orderSwitchover, planSwitchover } from './replicas/order-switchover.ts'
import { Supervisor } from './supervisor.ts'
import { Upgrades } from './upgrade/upgrades.ts'
import { WarmPool } from './warm-pool.ts'
import { within } from './within.ts'

/** How long `open` waits for running databases to answer before it leaves that to the background. */
const adoptWithinMs = 2_000
const closeWithinMs = 3_000

/** Databases as PostgreSQL processes on this machine. */
export function createLocalEngine(options: LocalEngineOptions): Engine {
  return new LocalEngine(options)
}

class LocalEngine implements Engine {
  readonly #options: LocalEngineOptions
  readonly #managed = new Map<string, Managed>()
  readonly #claims = new Mutexes()
  readonly #listeners = new Set<(notification: Notification) => void>()
  /** Events of the time before anybody listened: a primary that died while we were away is replaced as soon as we are here. */
  readonly #untold: Notification[] = []
  /** Removal of what an earlier run had begun to delete. */
  #sweeping: Promise<void> = Promise.resolve()
  #opened: { installation: Installation, backups: Backups, inPlace: InPlace, upgrades: Upgrades, offers: Offers, pool: WarmPool, ports: PortBook } | undefined
  #letGo: () => Promise<void> = async () => {}

  constructor(options: LocalEngineOptions) {
    this.#options = options
  }

  async open(): Promise<void> {
    const { location, log } = this.#options
    this.#letGo = await holdDataDirectory(this.#options.dataDir, {
      waits: holder => log.warn({ location, process: holder }, 'another process has the data directory open; waiting for its end'),
    })
    try {
      await this.#openHeld()
    }
    catch (error) {
      await this.#letGo()
      throw error
    }
  }

  async #openHeld(): Promise<void> {
    const { location, log, poolCalmMs = defaultPoolCalmMs, poolSize = defaultPoolSize, portRange = defaultPortRange } = this.#options
    const installation = await openInstallation(this.#options)
    const [first] = installation.binaries
    const ports = new PortBook(portRange, installation.host)
    const pool = new WarmPool(installation, ports, {
      calmAfterMs: poolCalmMs,
      of: (set, isBusy) => set.major === first?.major ? { all: poolSize, running: Math.min(poolSize, runningMembers[isBusy ? 'busy' : 'calm']) } : { all: 1, running: 0 },
    })
    const { databases, members } = await takeInventory(installation)
    await pool.open(members)
    this.#opened = { installation, backups: new Backups(installation), inPlace: new InPlace(), upgrades: new Upgrades(), offers: new Offers(installation, pool), pool, ports }
    this.#sweeping = finishDeletions(installation)
      .catch((error: unknown) => log.error({ err: error }, 'what was deleted could not be removed from the disk'))
    await this.#adoptAll(databases)
    if (first)
      pool.keep(await installBinaries(first, installation.paths.root))
    log.info({ location, databases: this.#managed.size, versions: bestOfEachMajor(installation.binaries).map(set => set.version) }, 'the local engine is open')
  }

  async close(): Promise<void> {
    await within(closeWithinMs, Promise.all([
      this.#opened?.pool.close(),
      this.#opened?.backups.close(),
      this.#opened?.inPlace.close(),
      this.#opened?.upgrades.close(),
      ...[...this.#managed.values()].map(async ({ supervisor }) => await supervisor.close()),
    ]))
    this.#managed.clear()
    this.#opened = undefined
    await this.#letGo()
  }

  async identity(): Promise<string> {
    return this.#ready().installation.authority.fingerprint
  }

  async check(): Promise<void> {
    if (this.#ready().installation.binaries.length === 0)
      throw new EngineError('unavailable', 'There is no PostgreSQL on this machine. Install one (14 or later) or the optional npm packages.')
  }

  async capabilities(): Promise<Capabilities> {
    return capabilitiesOf(this.#ready().installation)
  }

  async plan(spec: DatabaseSpec): Promise<Plan> {
    const managed = this.#managed.get(spec.id)
    const offer = await this.#ready().offers.of(managed?.db.identity.major ?? spec.version)
    return await planDatabase(spec, { ...this.#ready(), capabilities: await this.capabilities(), managed, offer, source: spec.from && this.#managed.get(spec.from.id)?.db })
  }

  async ensure(spec: DatabaseSpec): Promise<Progress> {
    const { installation, pool, ports } = this.#ready()
    const managed = this.#managed.get(spec.id)
    try {
      const offer = await this.#ready().offers.of(managed?.db.identity.major ?? spec.version)
      if (!offer)
        throw new EngineError('unsupported', `PostgreSQL ${spec.version} is not on this machine.`, { pointer: '/version' })
      if (managed)
        return await managed.db.exclusive(async () => await advance(managed, spec, offer))
      return await this.#claims.of(spec.id).run(async () => {
        if (this.#managed.has(spec.id))
          return { outcome: 'continue', step: 'claim' }
        if (spec.from)
          return await this.#restore({ ...spec, from: spec.from }, offer)
        const { db, server } = await claimDatabase(installation, { pool, ports, binaries: offer.binaries, preload: offer.preload }, spec)
        const { supervisor } = this.#manage(db)
        supervisor.follow(server)
        supervisor.report()
        return { outcome: 'continue', step: 'claim' }
      })
    }
    catch (error) {
      if (!isDiskFull(error))
        throw error
      // What was never in effect is not left half-made.
      if (managed && (managed.db.applied?.generation ?? 0) === 0)
        await this.destroy(spec)
      throw new EngineError('exhausted', 'There is no space left on the disk. Free some and try again.', { cause: error })
    }
  }

  async destroy(ref: DatabaseRef, { keepVolumes }: Parameters<Engine['destroy']>[1] = {}): Promise<Progress> {
    if (keepVolumes)
      throw new EngineError('unsupported', 'What a database has on this machine goes with it. Its backups stay.')
    const { backups, inPlace, installation, ports, upgrades } = this.#ready()
    await Promise.all([backups.cancel(ref.id), inPlace.cancel(ref.id), upgrades.cancel(ref.id)])
    const managed = await this.#claims.of(ref.id).run(async () => {
      const managed = this.#managed.get(ref.id)
      await this.#sweeping
      await destroyDatabase(installation, ref.id, managed)
      ports.release(ref.id)
      this.#managed.delete(ref.id)
      return managed
    })
    this.#claims.delete(ref.id)
    if (managed)
      this.#emit({ kind: 'gone', ref: managed.db.ref })
    return { outcome: 'done' }
  }

  async planSwitchover(ref: DatabaseRef, to?: string): Promise<Plan> {
    return await planSwitchover(this.#findManaged(ref), to)
  }

  async switchOver(...[ref, order]: Parameters<Engine['switchOver']>): Promise<Progress> {
    return await orderSwitchover(this.#findManaged(ref), order)
  }

  readonly planRestart = refuseRestart
  readonly restart = refuseRestart

  async observe(ref: DatabaseRef): Promise<Observed | undefined> {
    this.#ready()
    return this.#managed.get(ref.id)?.supervisor.observed
  }

  async list(): Promise<readonly Observed[]> {
    this.#ready()
    return [...this.#managed.values()].map(({ supervisor }) => supervisor.observed)
  }

  watch(listener: (notification: Notification) => void): () => void {
    this.#listeners.add(listener)
    const present = [...this.#managed.values()].map(({ supervisor }): Notification => ({ kind: 'observed', observed: supervisor.observed }))
    for (const notification of [...present, ...this.#untold.splice(0)])
      listener(notification)
    return () => this.#listeners.delete(listener)
  }

  async roles(ref: DatabaseRef) {
    return await listRoles(asked(this.#find(ref)))
  }

  async ensureRole(...[ref, role]: Parameters<Engine['ensureRole']>) {
    const db = this.#find(ref)
    await db.exclusive(async () => await ensureRole(db, role))
  }

  async dropRole(ref: DatabaseRef, name: string) {
    const db = this.#find(ref)
    await db.exclusive(async () => await dropRole(db, name))
  }

  async logicalDatabases(ref: DatabaseRef) {
    return await listLogicalDatabases(asked(this.#find(ref)))
  }

  async ensureLogicalDatabase(...[ref, database]: Parameters<Engine['ensureLogicalDatabase']>) {
    const managed = this.#findManaged(ref)
    await managed.db.exclusive(async () => await addLogicalDatabase(managed, database))
  }

  async dropLogicalDatabase(ref: DatabaseRef, name: string) {
    const db = this.#find(ref)
    await db.exclusive(async () => await dropLogicalDatabase(db, name))
  }

  async schemaObjects(ref: DatabaseRef, database: string) {
    return await listSchemaObjects(this.#find(ref), database)
  }

  async extensions(ref: DatabaseRef) {
    const db = this.#find(ref)
    return await listExtensions(db, await this.#ready().offers.catalogueOf(db))
  }

  async parameters(ref: DatabaseRef) {
    const db = this.#find(ref)
    const spec = db.applied?.spec
    return await listParameters(db, await this.#ready().offers.catalogueOf(db), { set: spec?.parameters ?? {}, defaults: spec ? defaultSettings(spec) : {} })
  }

  async backups(ref: DatabaseRef) {
    return await this.#ready().backups.list(ref)
  }

  async takeBackup(...[ref, id, method = 'archive']: Parameters<Engine['takeBackup']>) {
    refuseSnapshot(method)
    return await this.#ready().backups.take(this.#find(ref), id)
  }

  async drillBackup(ref: DatabaseRef, id: string) {
    return await this.#ready().backups.drill(ref, this.#managed.get(ref.id)?.db, id)
  }

  async deleteBackup(ref: DatabaseRef, id: string) {
    await this.#ready().backups.remove(ref, id)
  }

  async expireBackups(ref: DatabaseRef, before: Date) {
    await this.#ready().backups.expire(ref, before)
  }

  async destroyArchive(ref: DatabaseRef) {
    if (this.#managed.has(ref.id))
      throw new EngineError('conflict', `"${ref.name}" is still there and keeps its archive.`)
    await this.#ready().backups.removeArchive(ref)
  }

  async restoreWindow(ref: DatabaseRef) {
    return await this.#ready().backups.window(ref, this.#managed.get(ref.id)?.db)
  }

  async restorePoints(ref: DatabaseRef) {
    return await this.#ready().backups.points(ref)
  }

  async createRestorePoint(ref: DatabaseRef, name: string) {
    return await this.#ready().backups.makePoint(this.#find(ref), name)
  }

  async planRestore(ref: DatabaseRef, from: RestoreSource) {
    const { backups, inPlace } = this.#ready()
    return await inPlace.plan(this.#findManaged(ref), from, this.#managed.get(from.id)?.db, backups)
  }

  async restore(...[ref, order]: Parameters<Engine['restore']>) {
    return await this.#ready().inPlace.restore(this.#findManaged(ref), this.#managed.get(order.from.id)?.db, order)
  }

  async undoRestore(ref: DatabaseRef, id: string) {
    return await this.#ready().inPlace.undo(this.#findManaged(ref), id)
  }

  async endUndo(ref: DatabaseRef) {
    await this.#ready().inPlace.endUndo(this.#findManaged(ref))
  }

  async planUpgrade(spec: DatabaseSpec) {
    return await this.#ready().upgrades.plan(this.#findManaged(spec), spec, { capabilities: await this.capabilities(), next: await this.#ready().offers.of(spec.version) })
  }

  async rehearseUpgrade(...[ref, { id, version }]: Parameters<Engine['rehearseUpgrade']>) {
    const [db, { offers, upgrades }] = [this.#find(ref), this.#ready()]
    return await upgrades.rehearse(db, id, await offers.newMajor(version), await offers.newMajor(db.identity.major))
  }

  async upgradeReport(ref: DatabaseRef) {
    return await this.#ready().upgrades.report(this.#find(ref))
  }

  async upgrade(...[ref, order]: Parameters<Engine['upgrade']>) {
    return await this.#ready().upgrades.upgrade(this.#findManaged(ref), order, await this.#ready().offers.newMajor(order.version))
  }

  async logs(ref: DatabaseRef, query: LogQuery) {
    return await readLogs(logsOf(this.#find(ref)), query)
  }

  followLogs(...[ref, query, signal]: Parameters<Engine['followLogs']>) {
    const db = this.#find(ref)
    return followLogs(logsOf(db), query, AbortSignal.any([signal, db.deleted]))
  }

  /** Restore, and when that is whole, take it in among the others. */
  async #restore(spec: RestoreOrder['spec'], { binaries, preload }: Pick<RestoreOrder, 'binaries' | 'preload'>): Promise<Progress> {
    const { backups, installation, ports } = this.#ready()
    const port = ports.of(spec.id) ?? await ports.reserve(spec.id)
    const restored = await backups.restore({ installation, binaries, preload, spec, source: this.#managed.get(spec.from.id)?.db, port })
    if ('outcome' in restored)
      return restored
    const { supervisor } = this.#manage(await openRestored(installation, restored))
    supervisor.follow(restored.running?.process)
    supervisor.report()
    return { outcome: 'continue', step: 'own' }
  }

  #ready() {
    if (!this.#opened)
      throw new EngineError('unavailable', 'The engine is not open.')
    return this.#opened
  }

  #find(ref: DatabaseRef): Database {
    return this.#findManaged(ref).db
  }

  #findManaged(ref: DatabaseRef): Managed {
    this.#ready()
    const managed = this.#managed.get(ref.id)
    if (!managed)
      throw new EngineError('not-found', `There is no database "${ref.name}" here.`)
    return managed
  }

  #manage(db: Database): Managed {
    const { pool, ports } = this.#ready()
    const managed = { db, ports, supervisor: new Supervisor(db, notification => this.#emit(notification), () => pool.isHurried) }
    this.#managed.set(db.ref.id, managed)
    return managed
  }

  #emit(notification: Notification): void {
    if (this.#listeners.size === 0 && notification.kind === 'event')
      this.#untold.push(notification)
    for (const listener of this.#listeners)
      listener(notification)
  }

  /** Know every database, then give those that should run a moment to answer; the rest comes back in the background. */
  async #adoptAll(databases: Inventory['databases']): Promise<void> {
    const adopted = await Promise.all(databases.map(async found => await this.#adopt(found)))
    await within(adoptWithinMs, Promise.all(adopted.map(async ({ supervisor }) => await supervisor.settled)))
  }

  async #adopt({ root, identity }: Inventory['databases'][number]): Promise<Managed> {
    const { installation, ports } = this.#ready()
    const managed = this.#manage(await openPlace(installation, root, await finishLeftSwap(installation, root) ?? identity))
    const { applied, followers, primary, topology } = managed.db
    for (const port of [identity.port, ...topology ? [topology.readOnlyPort, ...topology.members.map(member => member.port)] : []])
      ports.note(port, identity.ref.id)
    // Where it archives to, and with what, may have been changed while we were away; it need not be restarted for that.
    if (installation.archives && applied)
      await Promise.all([primary, ...followers].map(async ({ paths: { instance } }) => await writeArchiveFiles(installation, identity.ref.id, 'put', instance, applied.generation > 0)))
    if (applied && applied.generation > 0 && !applied.hibernated)
      managed.supervisor.recover('Adopting', '')
    return managed
  }
}
