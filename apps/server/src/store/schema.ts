import type { ColumnType, Generated, Selectable } from 'kysely'
import type { Buffer } from 'node:buffer'

/** Rows as they stand in the store. Domain and wire types are mapped from these, never the same objects. */

type At = ColumnType<Date, Date | undefined, Date>
type MaybeAt = ColumnType<Date | null, Date | null | undefined, Date | null>
/** jsonb goes in as text, so that a JavaScript array is never mistaken for a PostgreSQL array. */
type Json<T> = ColumnType<T, string | undefined, string>
type MaybeJson<T> = ColumnType<T | null, string | null | undefined, string | null>

export interface InstallationTable { only_row: Generated<boolean>, id: string, created_at: At, sampled_at: At }

/** `identity`: what the engine said that it is when the location was first used. */
export interface LocationsTable { name: string, identity: string, created_at: At }

export interface PeopleTable {
  id: string
  email: string
  name: string
  password_hash: string
  is_operator: Generated<boolean>
  is_disabled: Generated<boolean>
  last_login_at: MaybeAt
  last_project_id: string | null
  created_at: At
}

export interface Quota { databases?: number | null, storageGib?: number | null, cpu?: number | null, memoryMib?: number | null }

export interface ProjectsTable { id: string, name: string, description: Generated<string>, quota: Json<Quota>, created_at: At }
export interface MembersTable { project_id: string, person_id: string, role: string, created_at: At }

export interface SessionsTable {
  id: string
  person_id: string
  project_id: string
  is_cookie: Generated<boolean>
  created_at: At
  expires_at: Date
  ended_at: MaybeAt
}
export interface RefreshTokensTable { hash: Buffer, session_id: string, created_at: At, used_at: MaybeAt }

export interface ApiKeysTable {
  id: string
  project_id: string
  person_id: string
  name: string
  role: string
  scopes: string[] | null
  hash: Buffer
  prefix: string
  last_four: string
  created_at: At
  expires_at: MaybeAt
  last_used_at: MaybeAt
}

export interface StoredMember { name: string, role: 'primary' | 'replica', phase: 'starting' | 'ready' | 'stopped' | 'failed', lagBytes: number | null, lagSeconds: number | null }
/** `Observed` of the engine without what the row has anyway; dates as ISO text. */
export interface StoredObserved {
  phase: string
  reason: string
  message: string
  since: string
  members: StoredMember[]
  endpoint: { host: string, port: number, readOnlyPort?: number, sslNegotiation?: 'direct', caCertificate: string } | null
  serverVersion: string | null
  storageUsedBytes: number | null
  connections: number | null
  transactionsPerSecond: number | null
  generation: number
  pendingRestart: string[]
  /** Absent in what was stored before there was any. */
  undo?: { id: string, until: string, version?: number } | null
}
/**
 * What a restore in place makes of the database, or the operation that is undone and the major version of before, or the one that it is
 * upgraded to. `undoUntil` is null where it is counted from the moment when it begins.
 */
export type StoredRestore = { from: StoredOrigin, undoUntil: string } | { undoes: string, version?: number } | { upgrade: number, undoUntil: string | null }

/** How a backup is taken, where that is not into the archive. */
export interface StoredMethod { method: 'snapshot' }

/** Why the newest operation did not bring the spec into effect. Cleared by the next one that succeeds. */
export interface StoredFailure { operation: string, reason: string, message: string }

export interface DatabasesTable {
  id: string
  project_id: string
  name: string
  location: string
  managed_by: Generated<string>
  labels: Json<Record<string, string>>
  version: number
  instances: number
  storage_gib: number
  cpu: number
  memory_mib: number
  durability: string
  parameters: Json<Record<string, string>>
  extensions: Generated<string[]>
  allowed_cidrs: Generated<string[]>
  deletion_protection: Generated<boolean>
  is_hibernated: Generated<boolean>
  restart_token: Generated<string>
  main_db: string
  owner: string
  generation: Generated<number>
  origin: MaybeJson<StoredOrigin>
  backup: MaybeJson<StoredBackupPolicy>
  next_backup_at: MaybeAt
  next_drill_at: MaybeAt
  last_drill: MaybeJson<StoredDrill>
  maintenance_window: ColumnType<StoredWindow, string | undefined, string>
  expires_at: MaybeAt
  observed: MaybeJson<StoredObserved>
  failure: MaybeJson<StoredFailure>
  phase: string
  reason: Generated<string>
  message: Generated<string>
  since: At
  operation_id: string | null
  scheduled_operation_id: string | null
  created_at: At
  updated_at: At
}

/** `value`: moment (RFC 3339), position, name or id; empty for `latest`. */
export interface StoredOrigin { id: string, database: string, kind: 'time' | 'lsn' | 'name' | 'backup' | 'latest', value: string }

export interface StoredBackupPolicy { schedule: string | null, drillSchedule: string | null, timeZone: string, retentionDays: number }

/** `days`: in English, in the order of the week; `start`: HH:MM. */
export interface StoredWindow { days: string[], start: string, durationMinutes: number, timeZone: string }

/** As it is shown. */
export interface StoredDrill { backup: string, at: string, outcome: 'passed' | 'failed', message: string, recoveryTimeMs: number | null, dataLossMs: number | null }

export interface DeletedDatabasesTable {
  id: string
  project_id: string
  name: string
  location: string
  /** What of the row a new database is made like. */
  row: Json<StoredLikeness>
  deleted_at: At
  kept_until: Date
}

export type StoredLikeness = Pick<Selectable<DatabasesTable>, 'id' | 'name' | 'location' | 'version' | 'storage_gib' | 'cpu' | 'memory_mib' | 'parameters' | 'extensions' | 'allowed_cidrs' | 'main_db' | 'owner' | 'backup'> & {
  /** Archives that were kept from before there were windows do not tell it. */
  maintenance_window?: StoredWindow
  /** Of one that is there. */
  managed_by?: string
}

export interface DatabaseUsersTable {
  database_id: string
  name: string
  access: string
  connection_limit: Generated<number>
  password: Buffer
  next_password: Buffer | null
  is_owner: Generated<boolean>
  phase: string
  message: Generated<string>
  operation_id: string | null
  created_at: At
  updated_at: At
}

export interface DatabaseDbsTable {
  database_id: string
  name: string
  owner: string
  is_main: Generated<boolean>
  phase: string
  message: Generated<string>
  operation_id: string | null
  created_at: At
}

export interface StoredStep { name: string, phase: 'pending' | 'running' | 'done' | 'failed', startedAt: string | null, finishedAt: string | null }
export interface StoredOperationError { reason: string, message: string, nextStep: string }

export interface OperationsTable {
  id: string
  seq: Generated<number>
  project_id: string
  location: string
  database_id: string
  database_name: string
  type: string
  target: Generated<string>
  phase: Generated<string>
  step: string | null
  message: Generated<string>
  steps: Json<StoredStep[]>
  requested_by: string
  cancel_requested: Generated<boolean>
  undo: MaybeJson<Record<string, unknown>>
  not_before: MaybeAt
  /** A change of the database as it was asked for, that waits for `not_before` or did. */
  scheduled_update: MaybeJson<Record<string, unknown>>
  restore: MaybeJson<StoredRestore | StoredMethod>
  error: MaybeJson<StoredOperationError>
  created_at: At
  started_at: MaybeAt
  finished_at: MaybeAt
  run_after: At
  deadline_at: Date
  lease_owner: string | null
  lease_until: MaybeAt
}

export interface ServiceEventsTable {
  id: string
  seq: Generated<number>
  project_id: string
  database_id: string
  database_name: string
  at: At
  type: string
  severity: string
  message: string
  details: Json<Record<string, unknown>>
}

export interface StreamEventsTable { id: Generated<number>, project_id: string, at: At, kind: string, name: string, ref_id: string | null }
export interface ChainsTable { project_id: string, last_id: Generated<number>, last_hash: Generated<string> }

export interface AuditLogTable {
  project_id: string
  id: number
  at: Date
  actor: string
  actor_kind: string
  project: string
  action: string
  target: string
  outcome: string
  source_ip: string | null
  user_agent: string | null
  request_id: string | null
  changes: Json<Record<string, unknown>>
  prev_hash: string
  hash: string
}

export interface IdempotencyKeysTable { scope: string, key: string, request_hash: Buffer, status: number, response: Buffer | null, created_at: At }

export interface MetricSamplesTable {
  database_id: string
  at: Date
  storage_used_bytes: number | null
  connections: number | null
  transactions_per_second: number | null
}

export interface Schema {
  installation: InstallationTable
  locations: LocationsTable
  people: PeopleTable
  projects: ProjectsTable
  members: MembersTable
  sessions: SessionsTable
  refresh_tokens: RefreshTokensTable
  api_keys: ApiKeysTable
  databases: DatabasesTable
  deleted_databases: DeletedDatabasesTable
  database_users: DatabaseUsersTable
  database_dbs: DatabaseDbsTable
  operations: OperationsTable
  service_events: ServiceEventsTable
  stream_events: StreamEventsTable
  chains: ChainsTable
  audit_log: AuditLogTable
  idempotency_keys: IdempotencyKeysTable
  metric_samples: MetricSamplesTable
}
