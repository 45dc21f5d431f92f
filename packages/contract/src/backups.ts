import type { Static } from 'typebox'
import { Type } from 'typebox'
import { closed, DryRun, Id, nullable, oneOf, Timestamp } from './common.ts'

const Lsn = Type.String({ pattern: '^[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}$', description: 'Position in the WAL as PostgreSQL writes it, such as 0/3000158' })
const PointName = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$', description: '1 to 63 letters, digits, hyphens, dots and underscores' })

const Schedule = nullable(Type.String({ minLength: 9, maxLength: 100, description: 'When base backups are taken: five fields of cron, such as `30 2 * * *`. null: only when asked for' }))
const DrillSchedule = nullable(Type.String({ minLength: 9, maxLength: 100, description: 'When the newest backup is restored to prove it: five fields of cron. null: only when asked for' }))
const TimeZone = Type.String({ minLength: 1, maxLength: 64, description: 'In which the schedules are meant, such as Europe/Berlin' })
const RetentionDays = Type.Integer({ minimum: 1, maximum: 3650, description: 'For so many days back any moment can be restored, also after the database was deleted' })

export const BackupPolicy = closed({ schedule: Schedule, drillSchedule: DrillSchedule, timeZone: TimeZone, retentionDays: RetentionDays }, { title: 'BackupPolicy' })
export type BackupPolicy = Static<typeof BackupPolicy>
export const BackupPolicyChange = closed({
  schedule: Type.Optional(Schedule),
  drillSchedule: Type.Optional(DrillSchedule),
  timeZone: Type.Optional(TimeZone),
  retentionDays: Type.Optional(RetentionDays),
}, { title: 'BackupPolicyChange', description: 'What is not named stays as it is. Default: a backup every night, a drill every week, UTC, 7 days' })
export type BackupPolicyChange = Static<typeof BackupPolicyChange>

const DrillOutcome = oneOf(['passed', 'failed'])
const RecoveryTime = nullable(Type.Integer({ description: 'RTO: from the first byte that was fetched to the first query that was answered; null when it did not come so far' }))
const DataLoss = nullable(Type.Integer({ description: 'RPO: for how long a commit was not in the archive yet; null when the database did not run' }))

export const BackupProof = closed({
  drill: Id,
  at: Timestamp,
  outcome: DrillOutcome,
  message: Type.String({ description: 'What was wrong; empty when nothing was' }),
  recoveryTimeMs: RecoveryTime,
  dataLossMs: DataLoss,
  reachedAt: nullable(Type.String({ format: 'date-time', description: 'The moment up to which everything was there' })),
  reachedLsn: nullable(Type.String()),
  checks: Type.Array(closed({ name: Type.String(), outcome: DrillOutcome, detail: Type.String() }, { title: 'ProofCheck' })),
}, { title: 'BackupProof', description: 'What restoring a backup beside the original found' })

export const LastDrill = closed({
  backup: Id,
  at: Timestamp,
  outcome: DrillOutcome,
  message: Type.String(),
  recoveryTimeMs: RecoveryTime,
  dataLossMs: DataLoss,
}, { title: 'LastDrill', description: 'What the last drill of a database found' })
export type LastDrill = Static<typeof LastDrill>

const BackupMethod = oneOf(['archive', 'snapshot'], { description: 'Where its files are. `archive`: beside the WAL, whatever becomes of the storage. `snapshot`: in the storage of the database, as a snapshot of its volume, which is lost with that storage' })
export const BackupQuery = closed({ dryRun: DryRun, method: Type.Optional(oneOf(['archive', 'snapshot'], { default: 'archive', description: '`snapshot`: of the volume, where the location says `snapshot`' })) })

export const Backup = closed({
  id: Id,
  method: BackupMethod,
  startedAt: Timestamp,
  finishedAt: Type.String({ format: 'date-time', description: 'The earliest moment that can be restored with it' }),
  startLsn: Type.String(),
  stopLsn: Type.String(),
  timeline: Type.Integer(),
  serverVersion: Type.String(),
  dataBytes: nullable(Type.Integer({ description: 'Size of the files in it; null of one that was not taken here' })),
  storedBytes: nullable(Type.Integer({ description: 'What it takes in the archive, compressed and without WAL; null of a snapshot, and where the archive is kept in Git' })),
  proof: nullable(BackupProof),
}, { title: 'Backup', description: 'A base backup that is complete. Without a proof it was never restored' })
export type Backup = Static<typeof Backup>
export const BackupList = closed({ items: Type.Array(Backup), nextCursor: Type.Null() }, { title: 'BackupList' })

export const BackupParams = closed({
  name: Type.String({ maxLength: 63 }),
  backup: Type.String({ maxLength: 63 }),
})

export const RestoreSpan = closed({ from: Timestamp, to: Timestamp, fromLsn: Type.String(), toLsn: Type.String() }, { title: 'RestoreSpan' })
export const RestoreWindow = closed({
  earliest: nullable(Timestamp),
  latest: nullable(Timestamp),
  earliestLsn: nullable(Type.String()),
  latestLsn: nullable(Type.String()),
  gaps: Type.Array(RestoreSpan, { description: 'Between earliest and latest, but not to be restored: WAL is missing' }),
}, { title: 'RestoreWindow', description: 'Any moment in it that is in no gap can be restored. All null before the first backup' })
export type RestoreWindow = Static<typeof RestoreWindow>

export const RestorePoint = closed({ name: PointName, at: Timestamp, lsn: Type.String() }, { title: 'RestorePoint', description: 'A moment with a name' })
export type RestorePoint = Static<typeof RestorePoint>
export const RestorePointList = closed({ items: Type.Array(RestorePoint), nextCursor: Type.Null() }, { title: 'RestorePointList' })
export const RestorePointCreate = closed({ name: PointName }, { title: 'RestorePointCreate' })
export type RestorePointCreate = Static<typeof RestorePointCreate>

export const DeletedDatabase = closed({
  id: Id,
  name: Type.String({ description: 'The name that it had' }),
  location: Type.String(),
  version: Type.Integer(),
  deletedAt: Timestamp,
  keptUntil: Timestamp,
}, { title: 'DeletedDatabase', description: 'A database that is gone, and whose archive is kept for a while. `from: { database: id }` brings it back' })
export type DeletedDatabase = Static<typeof DeletedDatabase>
export const DeletedDatabaseParams = closed({
  id: Type.String({ maxLength: 63 }),
})
export const DeletedDatabaseList = closed({ items: Type.Array(DeletedDatabase), nextCursor: Type.Null() }, { title: 'DeletedDatabaseList' })

/** At most one of the moments; the use case refuses more, because clients' generators do not know `oneOf` of objects. */
export const From = closed({
  database: Type.String({ maxLength: 63, description: 'Name of the database whose state it begins with, or id of a deleted one' }),
  at: Type.Optional(Type.String({ format: 'date-time', description: 'Every commit up to this moment, none after it' })),
  lsn: Type.Optional(Lsn),
  name: Type.Optional(PointName),
  backup: Type.Optional(Id),
}, { title: 'From', description: 'The state that a new database begins with. One of `at`, `lsn` (all that was written before it), `name` (of a restore point) and `backup` (when it was finished), or none: the latest' })
export type From = Static<typeof From>

export const Origin = closed({
  database: Type.String({ description: 'Name that it had then' }),
  kind: oneOf(['time', 'lsn', 'name', 'backup', 'latest']),
  value: Type.String({ description: 'The moment, position, name or id; empty for latest' }),
}, { title: 'Origin', description: 'What it began as' })
export type Origin = Static<typeof Origin>

export const Restore = closed({
  at: Type.Optional(Type.String({ format: 'date-time', description: 'Every commit up to this moment, none after it' })),
  lsn: Type.Optional(Lsn),
  name: Type.Optional(PointName),
  backup: Type.Optional(Id),
  undoUntil: Type.Optional(Type.String({ format: 'date-time', description: 'Until then what it is now is kept. Default: for 24 hours; at most 30 days' })),
}, { title: 'Restore', description: 'What a database becomes again. One of `at`, `lsn` (all that was written before it), `name` (of a restore point) and `backup` (when it was finished)' })
export type Restore = Static<typeof Restore>
