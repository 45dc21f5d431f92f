import type { Insertable, Selectable, Updateable } from 'kysely'
import type { Db, Tx } from './db.ts'
import type { OperationsTable } from './schema.ts'
import { sql } from 'kysely'
import { workChannel } from './stream.ts'

export type OperationRow = Selectable<OperationsTable>

const open = ['pending', 'running']

export function insertOperation(tx: Tx, row: Insertable<OperationsTable>): Promise<OperationRow> {
  return tx.insertInto('operations').values(row).returningAll().executeTakeFirstOrThrow()
}

/** Tells every worker at commit. */
export async function notifyWork(tx: Tx): Promise<void> {
  await sql`select pg_notify(${workChannel}, '')`.execute(tx)
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

/**
 * Takes up to `limit` operations that may run now: of each database only the oldest, and none that another worker
 * holds. Workers that ask at the same time get different ones.
 */
export async function claimOperations(db: Db, claim: { owner: string, locations: readonly string[], limit: number, leaseMs: number }): Promise<OperationRow[]> {
  const { rows } = await sql<OperationRow>`
    update operations set
      phase = 'running',
      started_at = coalesce(started_at, now()),
      lease_owner = ${claim.owner},
      lease_until = now() + ${claim.leaseMs} * interval '1 millisecond'
    where id in (
      select o.id from operations o
      where o.phase in ('pending', 'running') and o.run_after <= now() and o.location = any(${claim.locations})
        and (o.lease_until is null or o.lease_until < now())
        and not exists (select 1 from operations earlier where earlier.database_id = o.database_id and earlier.seq < o.seq and earlier.phase in ('pending', 'running'))
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

/** Gives operations back, for another worker to go on with at once. */
export async function releaseLeases(db: Db, owner: string): Promise<void> {
  await db.updateTable('operations').set({ lease_owner: null, lease_until: null }).where('lease_owner', '=', owner).where('phase', 'in', open).execute()
  await sql`select pg_notify(${workChannel}, '')`.execute(db)
}

/** Writes progress as the holder of the lease; undefined when the lease went to somebody else. */
export function updateHeldOperation(tx: Tx, id: string, owner: string, change: Updateable<OperationsTable>): Promise<OperationRow | undefined> {
  return tx.updateTable('operations').set(change).where('id', '=', id).where('lease_owner', '=', owner).where('phase', 'in', open).returningAll().executeTakeFirst()
}

export function updateOperation(tx: Tx, id: string, change: Updateable<OperationsTable>): Promise<OperationRow> {
  return tx.updateTable('operations').set(change).where('id', '=', id).returningAll().executeTakeFirstOrThrow()
}

/** When the next operation of these locations may be tried, null when none waits. */
export async function nextOperationAt(db: Db, locations: readonly string[]): Promise<Date | null> {
  const row = await db.selectFrom('operations')
    .select(sql<Date | null>`min(greatest(run_after, coalesce(lease_until, run_after)))`.as('at'))
    .where('phase', 'in', open)
    .where('location', 'in', [...locations])
    .executeTakeFirst()
  return row?.at ?? null
}
