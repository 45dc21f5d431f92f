import type { Capabilities } from './capabilities.ts'
import type { FakeArchive } from './fake-backups.ts'
import type { EnginePhase, Observed } from './observed.ts'
import type { LogicalDatabaseSpec, RoleSpec } from './resources.ts'
import type { DatabaseRef, DatabaseSpec } from './spec.ts'
import type { UpgradeReport } from './upgrades.ts'
import { EngineError } from './errors.ts'
import { FakeLog } from './fake-log.ts'
import { refuseFakeName } from './fake-refusals.ts'

/** One database of a fake location. */
export interface FakeDatabase {
  readonly ref: DatabaseRef
  readonly port: number
  phase: EnginePhase
  reason: string
  message: string
  since: Date
  spec: DatabaseSpec | undefined
  generation: number
  isLoginProven: boolean
  isReleased: boolean
  restarts: number
  /** Ordinal of the instance that is the primary. */
  primary: number
  /** The last switchover that was served. */
  switchover: string
  roles: Map<string, RoleSpec>
  logicalDatabases: Map<string, LogicalDatabaseSpec>
  /** What it was before the last restore in place, or upgrade. */
  kept: FakeKept | undefined
  /** What the last rehearsal of an upgrade found. */
  report: UpgradeReport | undefined
  readonly log: FakeLog
}

export interface FakeKept extends FakeContent {
  /** Of the restore, or the upgrade. */
  readonly id: string
  readonly until: Date
  readonly version: number
}

/** What is in a fake database. */
export type FakeContent = Pick<FakeDatabase, 'roles' | 'logicalDatabases'>

/** What outlives an engine object: give the same world to a second engine to see it adopt. */
export class FakeWorld {
  readonly id = crypto.randomUUID()
  readonly databases = new Map<string, FakeDatabase>()
  /** By the id of the database; they outlive it. */
  readonly archives = new Map<string, FakeArchive>()
  /** Of deleted databases, as `project/name`. */
  readonly keptVolumes = new Set<string>()
  nextPort = 40_000
}

/** One that was just asked for. What it begins as, where it is another one, brings its roles and logical databases. */
export function newFakeDatabase(spec: DatabaseSpec, world: FakeWorld, now: () => Date): FakeDatabase {
  const { id, project, name } = spec
  if (world.keptVolumes.has(`${project}/${name}`))
    throw new EngineError('conflict', `Volumes of an earlier database named "${name}" are kept.`)
  const source = spec.from && world.databases.get(spec.from.id)
  return {
    ref: { id, project, name },
    port: world.nextPort++,
    phase: 'provisioning',
    reason: '',
    message: '',
    since: now(),
    spec: undefined,
    generation: 0,
    isLoginProven: false,
    isReleased: false,
    restarts: 0,
    primary: 1,
    switchover: '',
    roles: new Map(source?.roles),
    logicalDatabases: new Map(source?.logicalDatabases),
    kept: undefined,
    report: undefined,
    log: new FakeLog(now, `${name}-1`),
  }
}

/** What is seen of a fake database. */
export function observedOf(db: FakeDatabase, versions: Capabilities['versions']): Observed {
  const isUp = db.phase === 'ready' || db.phase === 'degraded'
  const phase = isUp
    ? 'ready'
    : db.phase === 'hibernated'
      ? 'stopped'
      : db.phase === 'failed'
        ? 'failed'
        : 'starting'
  const count = db.spec?.instances ?? 1
  const version = versions.find(({ major }) => major === db.spec?.version)
  return {
    ref: db.ref,
    phase: db.phase,
    reason: db.reason,
    message: db.message,
    since: db.since,
    members: ordinalsOf(db).map((ordinal) => {
      const isPrimary = ordinal === db.primary
      return { name: `${db.ref.name}-${ordinal}`, role: isPrimary ? 'primary' : 'replica', phase, lagBytes: isPrimary ? null : 0, lagSeconds: isPrimary ? null : 0 }
    }),
    endpoint: { host: '127.0.0.1', port: db.port, ...count > 1 ? { readOnlyPort: db.port + 10_000 } : {}, caCertificate: '-----BEGIN CERTIFICATE-----\nZmFrZQ==\n-----END CERTIFICATE-----\n' },
    serverVersion: db.generation > 0
      ? version?.version
      : undefined,
    storageUsedBytes: db.generation > 0
      ? 40_000_000
      : undefined,
    connections: isUp ? 0 : undefined,
    transactionsPerSecond: isUp ? 0 : undefined,
    generation: db.generation,
    pendingRestart: [],
    undo: db.kept && { id: db.kept.id, until: db.kept.until, version: db.kept.version },
    managedBy: 'howdah',
  }
}

/** The primary is never among those that go. */
function ordinalsOf(db: FakeDatabase): number[] {
  const count = db.spec?.instances ?? 1
  const others = [1, 2, 3, 4, 5].filter(ordinal => ordinal !== db.primary)
  return [db.primary, ...others.slice(0, count - 1)].sort()
}

/** The replica that a switchover makes the primary, or why there is none. */
export function fakeHeirOf(db: FakeDatabase, to: string | undefined): number | string {
  const replicas = ordinalsOf(db).filter(ordinal => ordinal !== db.primary)
  const heir = replicas.find(ordinal => to === undefined || to === `${db.ref.name}-${ordinal}`)
  return heir ?? (to === undefined ? 'There is no replica that could become the primary.' : `"${to}" is no replica of this database.`)
}

/** What it owned is the owner's. */
export function dropFakeRole(db: FakeDatabase, name: string): void {
  refuseFakeName(name)
  const owner = db.spec?.owner.user ?? ''
  if (name === owner)
    throw new EngineError('conflict', `"${name}" owns the database.`, { pointer: '/name' })
  db.roles.delete(name)
  for (const logical of db.logicalDatabases.values()) {
    if (logical.owner === name)
      db.logicalDatabases.set(logical.name, { ...logical, owner })
  }
}

export function dropFakeDb(db: FakeDatabase, name: string): void {
  refuseFakeName(name)
  if (name === db.spec?.database)
    throw new EngineError('conflict', `"${name}" is the first logical database.`, { pointer: '/name' })
  db.logicalDatabases.delete(name)
}

/** Whoever deletes it next leaves its volumes. */
export function keepFakeVolumes({ databases, keptVolumes }: FakeWorld, capabilities: Pick<Capabilities, 'keepVolumes'>, { id, name, project }: DatabaseRef): void {
  if (!capabilities.keepVolumes)
    throw new EngineError('unsupported', 'Volumes cannot be kept here.')
  if (databases.has(id))
    keptVolumes.add(`${project}/${name}`)
}
