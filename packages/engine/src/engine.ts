import type { Backup, BackupMethod, RestoreOrder, RestorePoint, RestoreSource, RestoreWindow } from './backups.ts'
import type { Capabilities } from './capabilities.ts'
import type { LogPage, LogQuery, LogRecord } from './logs.ts'
import type { Notification, Observed } from './observed.ts'
import type { Plan, Progress } from './plan.ts'
import type { ExtensionObserved, LogicalDatabaseObserved, LogicalDatabaseSpec, ParameterObserved, RoleObserved, RoleSpec } from './resources.ts'
import type { SchemaObject } from './schema.ts'
import type { DatabaseRef, DatabaseSpec } from './spec.ts'
import type { UpgradeOrder, UpgradeReport } from './upgrades.ts'

/**
 * One location where databases run. Every method but `open`, `close` and `watch` may be called concurrently, for
 * different databases and for the same one. Errors are `EngineError`; anything else is a bug of the driver.
 */
export interface Engine {
  /** Adopt what is already there and begin background work. Resolves when calls can be served. Never starts what runs. */
  open: () => Promise<void>
  /** Let go of everything within a few seconds. Databases run on. */
  close: () => Promise<void>
  /** Rejects with `unavailable` and the reason when the engine cannot serve now. Told by `GET /ready`. */
  check: () => Promise<void>
  /**
   * Which place this is: the same text from every engine object over it, for ever, and from no other place. The control
   * plane keeps it, so that a location that was set to somewhere else by mistake is refused instead of found empty.
   */
  identity: () => Promise<string>

  capabilities: () => Promise<Capabilities>

  /** What `ensure(spec)` would do, from where the database is now. A refusal is a value, not an error. */
  plan: (spec: DatabaseSpec) => Promise<Plan>
  /**
   * Move one bounded step towards the spec. Creates, changes, restarts, hibernates, resumes and rotates: whichever
   * the difference between spec and reality asks for. `done` only after a login with `spec.owner` through the
   * address that the user is given answered (not when hibernated).
   */
  ensure: (spec: DatabaseSpec) => Promise<Progress>
  /**
   * Move one bounded step towards nothing being left: servers, data, secrets, port. Of something unknown: `done`.
   * With `keepVolumes` its volumes stay, whole and with nobody's hand on them; no other database begins with what is in them, so
   * while they are there one of its name is a `conflict`. Where the engine cannot: `unsupported`, and nothing has happened.
   */
  destroy: (ref: DatabaseRef, options?: { readonly keepVolumes?: boolean }) => Promise<Progress>

  /** What `switchOver` would do. A refusal is a value; `/to` is its pointer. */
  planSwitchover: (ref: DatabaseRef, to?: string) => Promise<Plan>
  /**
   * Move one bounded step towards another instance being the primary: `to`, a member's name, or the most advanced
   * replica. Nothing that was committed is lost; where no replica can take over, nothing happens and it has `failed`.
   * Once for each id: of one that was served, `done`.
   */
  switchOver: (ref: DatabaseRef, order: { readonly id: string, readonly to?: string }) => Promise<Progress>

  /** What `restart` would do. A refusal is a value. */
  planRestart: (ref: DatabaseRef) => Promise<Plan>
  /**
   * Move one bounded step towards every server of a database that somebody else delivers having restarted, and its spec being as
   * it was. `done` after a login answered. Once for each id: of one that was served, `done`. One of ours restarts by `ensure`: `conflict`.
   */
  restart: (ref: DatabaseRef, order: { readonly id: string }) => Promise<Progress>

  /** What is there now; undefined when nothing is. */
  observe: (ref: DatabaseRef) => Promise<Observed | undefined>
  /** Everything that is there, for adoption and for finding orphans. */
  list: () => Promise<readonly Observed[]>
  /**
   * Be told of every change as it happens, first of all of the present state of each database. Returns how to
   * stop. Calls are in order for one database; a listener that throws is a bug of the listener's.
   */
  watch: (listener: (notification: Notification) => void) => () => void

  roles: (ref: DatabaseRef) => Promise<readonly RoleObserved[]>
  /** Create the role or change it to be as asked. Idempotent. */
  ensureRole: (ref: DatabaseRef, role: RoleSpec) => Promise<void>
  /**
   * Drop the role; what it owns goes to the database's owner, its sessions are ended. Of something unknown: nothing.
   */
  dropRole: (ref: DatabaseRef, name: string) => Promise<void>

  logicalDatabases: (ref: DatabaseRef) => Promise<readonly LogicalDatabaseObserved[]>
  /** Create the logical database or change its owner. Idempotent. */
  ensureLogicalDatabase: (ref: DatabaseRef, database: LogicalDatabaseSpec) => Promise<void>
  /** Drop it and end its sessions. Of something unknown: nothing. */
  dropLogicalDatabase: (ref: DatabaseRef, name: string) => Promise<void>

  /** What the schema of a logical database is made of, in the order of kind, schema and name. `not-found` without such a one. */
  schemaObjects: (ref: DatabaseRef, database: string) => Promise<readonly SchemaObject[]>

  extensions: (ref: DatabaseRef) => Promise<readonly ExtensionObserved[]>
  parameters: (ref: DatabaseRef) => Promise<readonly ParameterObserved[]>

  /** Backups that can be restored, newest first. Also of a database that was destroyed, as long as its archive is kept. */
  backups: (ref: DatabaseRef) => Promise<readonly Backup[]>
  /** Move one bounded step towards a backup of this id being there. Of one that is: `done`. Default: into the archive. `invalid` by a method that is not offered. */
  takeBackup: (ref: DatabaseRef, id: string, method?: BackupMethod) => Promise<Progress>
  /**
   * Move one bounded step towards the drill of this id being over: restore the newest backup beside the original, look at
   * what is in it, remove it, and leave its proof with the backup. `failed` when the backup is not good. `invalid` without a backup.
   */
  drillBackup: (ref: DatabaseRef, id: string) => Promise<Progress>
  /** Remove it, and WAL that only it needed. Of something unknown: nothing. */
  deleteBackup: (ref: DatabaseRef, id: string) => Promise<void>
  /** Keep what a restore to any moment from `before` on needs, and remove the rest. */
  expireBackups: (ref: DatabaseRef, before: Date) => Promise<void>
  /** Leave nothing of the archive of a database that was destroyed; `conflict` while it is there. */
  destroyArchive: (ref: DatabaseRef) => Promise<void>
  /** What `DatabaseSpec.from` may name. Also of a database that was destroyed, as long as its archive is kept. */
  restoreWindow: (ref: DatabaseRef) => Promise<RestoreWindow>
  restorePoints: (ref: DatabaseRef) => Promise<readonly RestorePoint[]>
  /** Give this moment a name. `conflict` when it is taken. */
  createRestorePoint: (ref: DatabaseRef, name: string) => Promise<RestorePoint>

  /** What `restore` would do. A refusal is a value; `/from` is its pointer. */
  planRestore: (ref: DatabaseRef, from: RestoreSource) => Promise<Plan>
  /**
   * Move one bounded step towards the database being what the source was, under the address that it has. It serves until
   * that is at hand; then its connections end, and what it was is kept until `endUndo` or the next restore. Passwords in
   * it are gone: `ensure` is called next. Once for each id: of one that was served, `done`.
   */
  restore: (ref: DatabaseRef, order: RestoreOrder) => Promise<Progress>
  /** Move one bounded step towards being what it was before the restore, or the upgrade, of this id, which is then gone. Where that is not what is kept: `done`. */
  undoRestore: (ref: DatabaseRef, id: string) => Promise<Progress>
  /** Keep nothing for `undoRestore` any more. */
  endUndo: (ref: DatabaseRef) => Promise<void>

  /** What `upgrade` to `spec.version` would do. A refusal is a value; it names the version, or what of the spec that version does not know. */
  planUpgrade: (spec: DatabaseSpec) => Promise<Plan>
  /**
   * Move one bounded step towards the rehearsal of this id being over: all that an upgrade to another major does, to a copy that is then
   * removed. The database serves meanwhile. What was found is left as the report; `failed` when an upgrade would fail.
   */
  rehearseUpgrade: (ref: DatabaseRef, order: Pick<UpgradeOrder, 'id' | 'version'>) => Promise<Progress>
  /** What the last rehearsal found; undefined when there was none. */
  upgradeReport: (ref: DatabaseRef) => Promise<UpgradeReport | undefined>
  /**
   * Move one bounded step towards the database being on this version, under the address that it has and with the passwords that it has.
   * Another major: nobody can connect while its data is brought over, and what it was is kept as after `restore`, for `undoRestore`.
   * Its own: the servers restart with the newest binaries, replicas first. `ensure` is called next. Once for each id: of one that was served, `done`.
   */
  upgrade: (ref: DatabaseRef, order: UpgradeOrder) => Promise<Progress>

  /** A page of PostgreSQL's own log, of all instances together, newest first. */
  logs: (ref: DatabaseRef, query: LogQuery) => Promise<LogPage>
  /** Records as they are written, oldest first, from now on. Ends when the signal aborts or the database is gone. */
  followLogs: (ref: DatabaseRef, query: Pick<LogQuery, 'severity' | 'contains' | 'member'>, signal: AbortSignal) => AsyncIterable<LogRecord>
}
