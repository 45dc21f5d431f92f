import type { Backup, BackupMethod, RestoreOrder, RestorePoint, RestoreSource, RestoreWindow } from './backups.ts'
import type { Capabilities } from './capabilities.ts'
import type { Engine } from './engine.ts'
import type { FakeArchive } from './fake-backups.ts'
import type { FakeDatabase } from './fake-world.ts'
import type { LogPage, LogQuery, LogRecord } from './logs.ts'
import type { EnginePhase, Notification, Observed, ServiceEvent } from './observed.ts'
import type { Plan, Progress } from './plan.ts'
import type { ExtensionObserved, LogicalDatabaseObserved, LogicalDatabaseSpec, ParameterObserved, RoleObserved, RoleSpec } from './resources.ts'
import type { SchemaObject } from './schema.ts'
import type { DatabaseRef, DatabaseSpec } from './spec.ts'
import type { UpgradeOrder, UpgradeReport } from './upgrades.ts'
import { EngineError, refuseRestart, refuseSnapshot } from './errors.ts'
import { damagedArchive, deleteFakeBackup, drillFakeBackup, fakeWindow, makeFakePoint, newFakeArchive, takeFakeBackup } from './fake-backups.ts'
import { fakeCapabilities, fakeExtensionsOf, fakeParametersOf } from './fake-catalogue.ts'
import { makeFakeMove, sentinels } from './fake-moves.ts'
import { fakeRefusalsOf, refuseFakeName } from './fake-refusals.ts'
import { planFakeRestore, refuseOtherVersion, restoreFake, undoFakeRestore } from './fake-restore.ts'
import { fakeStepsTo } from './fake-steps.ts'
import { planFakeUpgrade, rehearseFakeUpgrade, upgradeFake } from './fake-upgrade.ts'
import { dropFakeDb, dropFakeRole, fakeHeirOf, FakeWorld, keepFakeVolumes, newFakeDatabase, observedOf } from './fake-world.ts'

export { damagedArchive, FakeWorld, sentinels }

export interface FakeEngineOptions {
  readonly world?: FakeWorld
  readonly capabilities?: Partial<Capabilities>
  /** Clock of everything that carries a time. */
  readonly now?: () => Date
}

/**
 * An engine in memory: same promises, no PostgreSQL. Deterministic; nothing happens by itself, so a test decides
 * when a server dies (`crash`), comes back (`recover`), or says something in its log (`writeLog`).
 */
export class FakeEngine implements Engine {
  readonly #world: FakeWorld
  readonly #capabilities: Capabilities
  readonly #now: () => Date
  readonly #listeners = new Set<(notification: Notification) => void>()
  #isOpen = false
  #outage: string | undefined

  constructor(options: FakeEngineOptions = {}) {
    this.#world = options.world ?? new FakeWorld()
    this.#capabilities = { ...fakeCapabilities, ...options.capabilities }
    this.#now = options.now ?? (() => new Date())
  }

  // What tests do to it

  /** From now on every call fails with `unavailable`; undefined ends it. */
  setOutage(reason: string | undefined): void {
    this.#outage = reason
  }

  /** Let a `slow-ready` database become ready with the next `ensure`. */
  release(id: string): void {
    this.#get({ id, name: id, project: '' }).isReleased = true
  }

  /** The server ends by itself. It stays `restarting` until `recover`. */
  crash(id: string): void {
    const db = this.#get({ id, name: id, project: '' })
    db.isLoginProven = false
    this.#setPhase(db, 'restarting', 'PostmasterExited', 'The server ended unexpectedly and is being started again.')
    this.#event(db, 'instance.exited', 'warning', 'The server ended unexpectedly.')
  }

  /** The server is back. */
  recover(id: string): void {
    const db = this.#get({ id, name: id, project: '' })
    db.restarts++
    this.#event(db, 'instance.restarted', 'info', 'The server is back.')
    this.#setPhase(db, 'ready')
  }

  writeLog(id: string, record: Partial<LogRecord>): void {
    this.#get({ id, name: id, project: '' }).log.write(record)
  }

  // The port

  async open(): Promise<void> {
    this.#isOpen = true
  }

  async close(): Promise<void> {
    this.#isOpen = false
  }

  async check(): Promise<void> {
    if (!this.#isOpen)
      throw new EngineError('unavailable', 'The engine is not open.')
    if (this.#outage !== undefined)
      throw new EngineError('unavailable', this.#outage)
  }

  async identity(): Promise<string> {
    await this.check()
    return this.#world.id
  }

  async capabilities(): Promise<Capabilities> {
    await this.check()
    return this.#capabilities
  }

  async plan(spec: DatabaseSpec): Promise<Plan> {
    await this.check()
    const db = this.#world.databases.get(spec.id)
    const refusals = fakeRefusalsOf(spec, db?.spec, this.#capabilities)
    if (!db && spec.from)
      refusals.push(...planFakeRestore(this.#world, spec.from, this.#capabilities, this.#now()).refusals, ...refuseOtherVersion(this.#world, spec.from, spec.version))
    const steps = refusals.length > 0 ? [] : fakeStepsTo(spec, db)
    const restart = db?.spec !== undefined && ['restart', 'gateway', 'stop'].some(step => steps.includes(step))
    const interruption = restart ? 'restart' : steps.includes('reload') ? 'reload' : 'none'
    return { steps, interruption, reasons: restart ? ['The server is restarted or stopped.'] : [], refusals }
  }

  async ensure(spec: DatabaseSpec): Promise<Progress> {
    await this.check()
    const db = this.#world.databases.get(spec.id)
    const [step] = fakeStepsTo(spec, db)
    if (step === undefined)
      return { outcome: 'done' }
    if (db === undefined) {
      this.#create(spec)
      return { outcome: 'continue', step: spec.from ? 'own' : step }
    }
    return makeFakeMove(db, spec, step, (...phase) => this.#setPhase(db, ...phase))
  }

  async destroy(ref: DatabaseRef, { keepVolumes = false }: Parameters<Engine['destroy']>[1] = {}): Promise<Progress> {
    await this.check()
    if (keepVolumes)
      keepFakeVolumes(this.#world, this.#capabilities, ref)
    const db = this.#world.databases.get(ref.id)
    if (db) {
      this.#world.databases.delete(ref.id)
      this.#archive(ref.id).end = this.#now()
      db.log.end()
      this.#emit({ kind: 'gone', ref })
    }
    return { outcome: 'done' }
  }

  async planSwitchover(ref: DatabaseRef, to?: string): Promise<Plan> {
    await this.check()
    const db = this.#get(ref)
    const heir = fakeHeirOf(db, to)
    return typeof heir === 'number'
      ? { steps: ['hand-over', 'login'], interruption: 'restart', reasons: ['Sessions with the primary end once.'], refusals: [] }
      : { steps: [], interruption: 'none', reasons: [], refusals: [{ pointer: '/to', detail: heir }] }
  }

  async switchOver(ref: DatabaseRef, { id, to }: Parameters<Engine['switchOver']>[1]): Promise<Progress> {
    await this.check()
    const db = this.#get(ref)
    if (db.switchover === id)
      return { outcome: 'done' }
    const heir = fakeHeirOf(db, to)
    if (typeof heir !== 'number')
      return { outcome: 'failed', step: 'hand-over', reason: 'NoReplica', message: heir, nextStep: 'Wait until a replica follows, then try again.' }
    Object.assign(db, { primary: heir, switchover: id })
    this.#setPhase(db, 'ready')
    return { outcome: 'continue', step: 'hand-over' }
  }

  readonly planRestart: Engine['planRestart'] = refuseRestart
  readonly restart: Engine['restart'] = refuseRestart

  async observe(ref: DatabaseRef): Promise<Observed | undefined> {
    await this.check()
    const db = this.#world.databases.get(ref.id)
    return db && observedOf(db, this.#capabilities.versions)
  }

  async list(): Promise<readonly Observed[]> {
    await this.check()
    return [...this.#world.databases.values()].map(db => observedOf(db, this.#capabilities.versions))
  }

  watch(listener: (notification: Notification) => void): () => void {
    this.#listeners.add(listener)
    for (const db of this.#world.databases.values())
      listener({ kind: 'observed', observed: observedOf(db, this.#capabilities.versions) })
    return () => this.#listeners.delete(listener)
  }

  async roles(ref: DatabaseRef): Promise<readonly RoleObserved[]> {
    const db = await this.#running(ref)
    const owned = (role: string): string[] => [...db.logicalDatabases.values()].filter(({ owner }) => owner === role).map(({ name }) => name)
    return [...db.roles.values()].map(({ connectionLimit, name }) => ({ name, connectionLimit, sessions: 0, ownedDatabases: owned(name) }))
  }

  async ensureRole(ref: DatabaseRef, role: RoleSpec): Promise<void> {
    const db = await this.#running(ref)
    refuseFakeName(role.name)
    if (role.name === db.spec?.owner.user)
      throw new EngineError('conflict', `"${role.name}" is the owner of the database.`, { pointer: '/name' })
    db.roles.set(role.name, role)
  }

  async dropRole(ref: DatabaseRef, name: string): Promise<void> {
    dropFakeRole(await this.#running(ref), name)
  }

  async logicalDatabases(ref: DatabaseRef): Promise<readonly LogicalDatabaseObserved[]> {
    const db = await this.#running(ref)
    return [...db.logicalDatabases.values()].map(logical => ({ ...logical, sizeBytes: 7_500_000, sessions: 0 }))
  }

  async ensureLogicalDatabase(ref: DatabaseRef, database: LogicalDatabaseSpec): Promise<void> {
    const db = await this.#running(ref)
    refuseFakeName(database.name)
    if (!db.roles.has(database.owner))
      throw new EngineError('not-found', `There is no user "${database.owner}" in this database.`, { pointer: '/owner' })
    db.logicalDatabases.set(database.name, database)
  }

  async dropLogicalDatabase(ref: DatabaseRef, name: string): Promise<void> {
    dropFakeDb(await this.#running(ref), name)
  }

  async schemaObjects(ref: DatabaseRef, database: string): Promise<readonly SchemaObject[]> {
    const db = await this.#running(ref)
    if (!db.logicalDatabases.has(database))
      throw new EngineError('not-found', `There is no logical database "${database}".`)
    return (db.spec?.extensions ?? []).toSorted().map(name => ({ kind: 'extension', schema: '', name, definition: 'version 1.0' }))
  }

  async extensions(ref: DatabaseRef): Promise<readonly ExtensionObserved[]> {
    return fakeExtensionsOf((await this.#running(ref)).spec?.extensions ?? [])
  }

  async parameters(ref: DatabaseRef): Promise<readonly ParameterObserved[]> {
    return fakeParametersOf((await this.#running(ref)).spec?.parameters ?? {})
  }

  async backups(ref: DatabaseRef): Promise<readonly Backup[]> {
    await this.check()
    return this.#archive(ref.id).backups.toReversed()
  }

  async takeBackup(ref: DatabaseRef, id: string, method: BackupMethod = 'archive'): Promise<Progress> {
    refuseSnapshot(method)
    const db = await this.#running(ref)
    const archive = this.#archive(ref.id)
    if (!archive.backups.some(backup => backup.id === id))
      takeFakeBackup(archive, id, db, this.#now())
    return { outcome: 'done' }
  }

  async drillBackup(ref: DatabaseRef, id: string): Promise<Progress> {
    await this.check()
    return drillFakeBackup(this.#archive(ref.id), id, this.#now())
  }

  async deleteBackup(ref: DatabaseRef, id: string): Promise<void> {
    await this.check()
    deleteFakeBackup(this.#archive(ref.id), id)
  }

  async expireBackups(ref: DatabaseRef, before: Date): Promise<void> {
    await this.check()
    const { backups } = this.#archive(ref.id)
    backups.splice(0, Math.max(0, backups.findLastIndex(({ finishedAt }) => finishedAt <= before)))
  }

  async destroyArchive(ref: DatabaseRef): Promise<void> {
    await this.check()
    if (this.#world.databases.has(ref.id))
      throw new EngineError('conflict', `"${ref.name}" is still there and keeps its archive.`)
    this.#world.archives.delete(ref.id)
  }

  async restoreWindow(ref: DatabaseRef): Promise<RestoreWindow> {
    await this.check()
    return fakeWindow(this.#archive(ref.id), this.#now())
  }

  async restorePoints(ref: DatabaseRef): Promise<readonly RestorePoint[]> {
    await this.check()
    return this.#archive(ref.id).points
  }

  async createRestorePoint(ref: DatabaseRef, name: string): Promise<RestorePoint> {
    await this.#running(ref)
    return makeFakePoint(this.#archive(ref.id), name, this.#now())
  }

  async planRestore(ref: DatabaseRef, from: RestoreSource): Promise<Plan> {
    await this.check()
    this.#get(ref)
    return planFakeRestore(this.#world, from, this.#capabilities, this.#now())
  }

  async restore(ref: DatabaseRef, order: RestoreOrder): Promise<Progress> {
    await this.check()
    return this.#told(this.#get(ref), restoreFake(this.#world, this.#get(ref), order))
  }

  async undoRestore(ref: DatabaseRef, id: string): Promise<Progress> {
    await this.check()
    return this.#told(this.#get(ref), undoFakeRestore(this.#get(ref), id))
  }

  async endUndo(ref: DatabaseRef): Promise<void> {
    await this.check()
    const db = this.#get(ref)
    db.kept = undefined
    this.#tell(db)
  }

  async planUpgrade(spec: DatabaseSpec): Promise<Plan> {
    await this.check()
    return planFakeUpgrade(this.#get(spec), spec, this.#capabilities)
  }

  async rehearseUpgrade(...[ref, order]: Parameters<Engine['rehearseUpgrade']>): Promise<Progress> {
    return rehearseFakeUpgrade(await this.#running(ref), order, this.#capabilities, this.#now())
  }

  async upgradeReport(ref: DatabaseRef): Promise<UpgradeReport | undefined> {
    await this.check()
    return this.#get(ref).report
  }

  async upgrade(ref: DatabaseRef, order: UpgradeOrder): Promise<Progress> {
    await this.check()
    return this.#told(this.#get(ref), upgradeFake(this.#get(ref), order))
  }

  async logs(ref: DatabaseRef, query: LogQuery): Promise<LogPage> {
    await this.check()
    return this.#get(ref).log.page(query)
  }

  async* followLogs(...[ref, query, signal]: Parameters<Engine['followLogs']>): AsyncGenerator<LogRecord> {
    await this.check()
    yield* this.#get(ref).log.follow(query, signal)
  }

  // How it works

  #archive(id: string): FakeArchive {
    const archive = this.#world.archives.get(id) ?? newFakeArchive()
    this.#world.archives.set(id, archive)
    return archive
  }

  #create(spec: DatabaseSpec): void {
    const db = newFakeDatabase(spec, this.#world, this.#now)
    this.#world.databases.set(spec.id, db)
    this.#tell(db)
  }

  #setPhase(db: FakeDatabase, phase: EnginePhase, reason = '', message = ''): void {
    if (db.phase !== phase)
      db.since = this.#now()
    Object.assign(db, { phase, reason, message })
    this.#tell(db)
  }

  #told(db: FakeDatabase, progress: Progress): Progress {
    if (progress.outcome === 'continue')
      this.#setPhase(db, 'restarting', 'Starting', 'The server starts.')
    return progress
  }

  #tell(db: FakeDatabase): void {
    this.#emit({ kind: 'observed', observed: observedOf(db, this.#capabilities.versions) })
  }

  #event(db: FakeDatabase, type: string, severity: ServiceEvent['severity'], message: string): void {
    this.#emit({ kind: 'event', event: { ref: db.ref, at: this.#now(), type, severity, message, details: {} } })
  }

  #emit(notification: Notification): void {
    for (const listener of this.#listeners)
      listener(notification)
  }

  async #running(ref: DatabaseRef): Promise<FakeDatabase> {
    await this.check()
    const db = this.#get(ref)
    if (!db.spec || db.phase === 'hibernated' || db.reason === 'PostmasterExited')
      throw new EngineError('unavailable', 'The server does not answer now; try again.')
    return db
  }

  #get(ref: DatabaseRef): FakeDatabase {
    const db = this.#world.databases.get(ref.id)
    if (!db)
      throw new EngineError('not-found', `There is no database "${ref.name}" here.`)
    return db
  }
}
