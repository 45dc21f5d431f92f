import type { Insertable, Selectable, Updateable } from 'kysely'
import type { Db, Tx } from './db.ts'
import type { OperationsTable } from './schema.ts'
import { sql } from 'kysely'
import { progressPayload, streamChannel, workChannel } from './stream.ts'

export type OperationRow = Selectable<OperationsTable>

const open = ['pending', 'running']

export function insertOperation(tx: Tx, row: Insertable<OperationsTable>): Promise<OperationRow> {
  return tx.insertInto('operations').values(row).returningAll().executeTakeFirstOrThrow()
}

export function findOperation(db: Db, projectId: string, id: string): Promise<OperationRow | undefined> {
  return db.selectFrom('operations').selectAll().where('project_id', '=', projectId).where('id', '=', id).executeTakeFirst()
}

export function findOperations(db: Db, ids: readonly string[]): Promise<OperationRow[]> {
  return ids.length === 0 ? Promise.resolve([]) : db.selectFrom('operations').selectAll().where('id', 'in', [...ids]).execute()
}

export function lockOperation(tx: Tx, id: string): Promise<OperationRow | undefined> {
  return tx.selectFrom('operations').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
}

/** The operations of a database that have not ended, oldest first: the order in which they run. */
export function openOperations(db: Db, databaseId: string): Promise<OperationRow[]> {
  return db.selectFrom('operations').selectAll().where('database_id', '=', databaseId).where('phase', 'in', open).orderBy('seq').execute()
}

/** Changes whose time has come, the longest due first, with their projects. */
export async function dueScheduled(db: Db, locations: readonly string[]): Promise<{ id: string, database_id: string, project: { id: string, name: string } }[]> {
  const { rows } = await sql<{ id: string, database_id: string, project: { id: string, name: string } }>`
    select o.id, o.database_id, json_build_object('id', p.id, 'name', p.name) as project from operations o join projects p on p.id = o.project_id
    where o.phase = 'scheduled' and o.not_before <= now() and o.location = any(${locations})
    order by o.not_before`.execute(db)
  return rows
}

export interface OperationFilter {
  readonly database?: string | undefined
  readonly type?: string | undefined
  readonly phases?: readonly string[] | undefined
  readonly before?: number | undefined
  readonly limit: number
}

/** Newest first. */
export function listOperations(db: Db, projectId: string, filter: OperationFilter): Promise<OperationRow[]> {
  let query = db.selectFrom('operations').selectAll().where('project_id', '=', projectId)
  if (filter.database !== undefined)
    query = query.where('database_name', '=', filter.database)
  if (filter.type !== undefined)
    query = query.where('type', '=', filter.type)
  if (filter.phases && filter.phases.length > 0)
    query = query.where('phase', 'in', [...filter.phases])
  if (filter.before !== undefined)
    query = query.where('seq', '<', filter.before)
  return query.orderBy('seq', 'desc').limit(filter.limit).execute()
}

export interface Claim {
  readonly owner: string
  readonly locations: readonly string[]
  readonly limit: number
  readonly leaseMs: number
  /** Operations that this worker still has in hand, whatever their leases say. */
  readonly except: readonly string[]
}

/**
 * Whether an operation waits for an older one of its database. What is done with backups, and rehearsed, takes hours on a large database
 * and changes nothing of it, so that and all else go on side by side.
 */
const isQueued = sql<boolean>`exists (
  select 1 from operations earlier
  where earlier.database_id = o.database_id and earlier.seq < o.seq and earlier.phase in ('pending', 'running')
    and (earlier.type ~ '^(backup|upgrade)[.]') = (o.type ~ '^(backup|upgrade)[.]'))`

/**
 * Takes up to `limit` operations that may run now: of each database only the oldest, and none that another worker
 * holds. Workers that ask at the same time get different ones. Time in which nobody worked on an operation does not
 * count towards its deadline: a night without a control plane must not fail what nobody tried.
 */
export async function claimOperations(db: Db, claim: Claim): Promise<OperationRow[]> {
  const { rows } = await sql<OperationRow>`
    update operations set
      phase = 'running',
      started_at = coalesce(started_at, now()),
      lease_owner = ${claim.owner},
      lease_until = now() + ${claim.leaseMs} * interval '1 millisecond',
      deadline_at = deadline_at + greatest(now() - coalesce(lease_until, created_at), interval '0')
    where id in (
      select o.id from operations o
      where o.phase in ('pending', 'running') and o.run_after <= now() and o.location = any(${claim.locations})
        and (o.lease_until is null or o.lease_until <= now() or o.lease_owner = ${claim.owner})
        and not o.id = any(${claim.except}::uuid[])
        and not ${isQueued}
      order by o.run_after, o.seq
      limit ${claim.limit}
      for update skip locked
    )
    returning *`.execute(db)
  return rows
}

/** Lengthens the leases that this worker still holds; answers which those are. */
export async function renewLeases(db: Db, owner: string, ids: readonly string[], leaseMs: number): Promise<ReadonlySet<string>> {
  if (ids.length === 0)
    return new Set()
  const rows = await db.updateTable('operations')
    .set({ lease_until: sql<Date>`now() + ${leaseMs} * interval '1 millisecond'` })
    .where('lease_owner', '=', owner)
    .where('id', 'in', [...ids])
    .where('phase', 'in', open)
    .returning('id')
    .execute()
  return new Set(rows.map(row => row.id))
}

/** Gives operations back, for another worker to go on with at once. `except`: those whose present step has not ended. */
export async function releaseLeases(db: Db, owner: string, except: readonly string[]): Promise<void> {
  await sql`
    update operations set lease_owner = null, lease_until = now()
    where lease_owner = ${owner} and phase in ('pending', 'running') and not id = any(${except}::uuid[])`.execute(db)
  await sql`select pg_notify(${workChannel}, '')`.execute(db)
}

/**
 * Writes how far an operation is as the holder of its lease, and tells it, in one statement. Undefined when the lease
 * went to somebody else. Not durable: after a crash the step is run again and says the same.
 */
export async function noteProgress(db: Db, operation: OperationRow, owner: string): Promise<Pick<OperationRow, 'cancel_requested'> | undefined> {
  const { rows } = await sql<Pick<OperationRow, 'cancel_requested'>>`
    with quick as materialized (
      select set_config('synchronous_commit', 'off', true) as value
    ), noted as (
      update operations set steps = ${JSON.stringify(operation.steps)}::jsonb, step = ${operation.step}, message = ${operation.message}
      from quick where quick.value = 'off' and id = ${operation.id} and lease_owner = ${owner} and phase in ('pending', 'running')
      returning cancel_requested
    ), chain as materialized (
      -- As every change of the project: its stream is in the order of the commits.
      select noted.cancel_requested from chains, noted where chains.project_id = ${operation.project_id} for no key update of chains
    ), said as (
      insert into stream_events (project_id, kind, name, ref_id)
      select ${operation.project_id}::uuid, 'operation', ${operation.database_name}, ${operation.id}::uuid from chain
      returning *
    )
    select chain.cancel_requested, pg_notify(${streamChannel}, ${progressPayload}) from chain, said`.execute(db)
  return rows[0]
}

/** Writes progress as the holder of the lease; undefined when the lease went to somebody else. */
export function updateHeldOperation(tx: Tx, id: string, owner: string, change: Updateable<OperationsTable>): Promise<OperationRow | undefined> {
  return tx.updateTable('operations').set(change).where('id', '=', id).where('lease_owner', '=', owner).where('phase', 'in', open).returningAll().executeTakeFirst()
}

export function updateOperation(tx: Tx, id: string, change: Updateable<OperationsTable>): Promise<OperationRow> {
  return tx.updateTable('operations').set(change).where('id', '=', id).returningAll().executeTakeFirstOrThrow()
}

/**
 * In how many milliseconds the next operation of these locations may be tried, null when none waits. One that queues
 * behind another of its database is not asked for: the end of that one calls for it.
 */
export async function nextOperationInMs(db: Db, locations: readonly string[]): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select extract(epoch from min(greatest(run_after, coalesce(lease_until, run_after))) - now())::float8 * 1000 as ms
    from operations o
    where o.phase in ('pending', 'running') and o.location = any(${locations})
      and not ${isQueued}`.execute(db)
  return rows[0]?.ms ?? null
}

/** Which of these operations somebody asked to stop. */
export async function cancelRequested(db: Db, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0)
    return []
  const rows = await db.selectFrom('operations').select('id').where('id', 'in', [...ids]).where('cancel_requested', '=', true).execute()
  return rows.map(row => row.id)
}
