import type { Insertable, Selectable, Updateable } from 'kysely'
import type { Db, Tx } from './db.ts'
import type { DatabasesTable } from './schema.ts'
import { sql } from 'kysely'

export type DatabaseRow = Selectable<DatabasesTable>
export type NewDatabase = Insertable<DatabasesTable>
export type DatabaseChange = Updateable<DatabasesTable>

const jsonColumns: ReadonlySet<string> = new Set<keyof DatabaseRow>(['labels', 'parameters', 'backup', 'maintenance_window'])

/** Columns of the spec as they were read, for writing them back. */
export function columnsOf(values: Readonly<Record<string, unknown>>): DatabaseChange {
  // Keys and values are of a row.
  return Object.fromEntries(Object.entries(values).map(([column, value]) => [column, jsonColumns.has(column) && value !== null ? JSON.stringify(value) : value])) as DatabaseChange
}

/** Constraint that a second database of the same name meets. */
export const databaseNameConstraint = 'databases_project_id_name_key'

export interface DatabaseFilter {
  /** Text that the name contains. */
  readonly q?: string | undefined
  readonly phases?: readonly string[] | undefined
  /** All of them; an undefined value asks for the key only. */
  readonly labels?: readonly { key: string, value: string | undefined }[] | undefined
  /** Names after this one. */
  readonly after?: string | undefined
  readonly limit: number
}

/** In the order of their names. */
export function listDatabases(db: Db, projectId: string, filter: DatabaseFilter): Promise<DatabaseRow[]> {
  let query = db.selectFrom('databases').selectAll().where('project_id', '=', projectId)
  if (filter.after !== undefined)
    query = query.where('name', '>', filter.after)
  if (filter.q)
    query = query.where('name', 'in', namesWith(db, projectId, filter.q, filter))
  if (filter.phases && filter.phases.length > 0)
    query = query.where('phase', 'in', [...filter.phases])
  for (const { key, value } of filter.labels ?? [])
    query = query.where(value === undefined ? sql<boolean>`labels ? ${key}` : sql<boolean>`labels @> ${JSON.stringify({ [key]: value })}::jsonb`)
  return query.orderBy('name').limit(filter.limit).execute()
}

/**
 * Names that contain a text. A subquery of its own reads them from an index, which is a hundredth of the table: no index
 * helps to find a text that few names have. LIKE, not strpos: the planner knows how many names it will find.
 */
function namesWith(db: Db, projectId: string, q: string, { phases = [], labels = [], after, limit }: DatabaseFilter) {
  const pattern = `%${q.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`
  let names = db.selectFrom('databases').select('name').where('project_id', '=', projectId).where('name', 'like', pattern)
  if (after !== undefined)
    names = names.where('name', '>', after)
  // Labels are in no index by name, so all names go on to be looked at; the offset keeps the planner from undoing this.
  if (labels.length > 0)
    return names.offset(0)
  if (phases.length > 0)
    names = names.where('phase', 'in', [...phases])
  return names.orderBy('name').limit(limit)
}

export function findDatabase(db: Db, projectId: string, name: string): Promise<DatabaseRow | undefined> {
  return db.selectFrom('databases').selectAll().where('project_id', '=', projectId).where('name', '=', name).executeTakeFirst()
}

/** Reads the row and keeps others from changing it until the transaction ends. */
export function lockDatabase(tx: Tx, projectId: string, name: string): Promise<DatabaseRow | undefined> {
  return tx.selectFrom('databases').selectAll().where('project_id', '=', projectId).where('name', '=', name).forUpdate().executeTakeFirst()
}

export function lockDatabaseById(tx: Tx, id: string): Promise<DatabaseRow | undefined> {
  return tx.selectFrom('databases').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
}

export function findDatabaseById(db: Db, id: string): Promise<DatabaseRow | undefined> {
  return db.selectFrom('databases').selectAll().where('id', '=', id).executeTakeFirst()
}

export function databasesOfLocation(db: Db, location: string) {
  return db.selectFrom('databases').innerJoin('projects', 'projects.id', 'databases.project_id').select(['databases.id', 'databases.name', 'databases.phase', 'databases.operation_id', 'projects.name as project']).where('location', '=', location).execute()
}

/** Databases whose backup or drill is due and can be begun, the longest due first; of each location so many at a time. */
export async function dueFor(type: 'backup.create' | 'backup.drill', db: Db, locations: readonly string[], atATime: number): Promise<{ id: string, project: { id: string, name: string } }[]> {
  const dueAt = sql.ref(type === 'backup.create' ? 'd.next_backup_at' : 'd.next_drill_at')
  const { rows } = await sql<{ id: string, project: { id: string, name: string } }>`
    select id, project from (
      select d.id, json_build_object('id', p.id, 'name', p.name) as project, ${dueAt} as due_at,
        row_number() over (partition by d.location order by ${dueAt})
          + (select count(*) from operations o where o.location = d.location and o.type = ${type} and o.phase in ('pending', 'running')) as place
      from databases d join projects p on p.id = d.project_id
      where ${dueAt} <= now() and d.phase in ('ready', 'degraded') and d.location = any(${locations})
    ) due
    where place <= ${atATime}
    order by due_at`.execute(db)
  return rows
}

/** Those of the project that began as this one was, by name. */
export function branchesOf(db: Db, projectId: string, id: string): Promise<DatabaseRow[]> {
  return db.selectFrom('databases').selectAll().where('project_id', '=', projectId).where(sql<boolean>`origin ->> 'id' = ${id}`).orderBy('name').execute()
}

/** Databases whose time is over, with their projects. */
export async function expiredBranches(db: Db, locations: readonly string[]): Promise<{ name: string, project: { id: string, name: string } }[]> {
  const { rows } = await sql<{ name: string, project: { id: string, name: string } }>`
    select d.name, json_build_object('id', p.id, 'name', p.name) as project from databases d join projects p on p.id = d.project_id
    where d.expires_at <= now() and d.phase <> 'deleting' and not d.deletion_protection and d.location = any(${locations})`.execute(db)
  return rows
}

/** Databases of which something is kept for undoing a restore, for longer than was asked. */
export async function databasesWithUndoOver(db: Db, locations: readonly string[]): Promise<{ id: string, name: string, location: string, project: string }[]> {
  const { rows } = await sql<{ id: string, name: string, location: string, project: string }>`
    select d.id, d.name, d.location, p.name as project from databases d join projects p on p.id = d.project_id
    where (d.observed -> 'undo' ->> 'until')::timestamptz <= now() and d.operation_id is null and d.location = any(${locations})`.execute(db)
  return rows
}

export function insertDatabase(tx: Tx, row: NewDatabase): Promise<DatabaseRow> {
  return tx.insertInto('databases').values(row).returningAll().executeTakeFirstOrThrow()
}

/** False: the id or the name is there already. */
export async function insertDatabaseUnlessThere(tx: Tx, row: NewDatabase): Promise<boolean> {
  return await tx.insertInto('databases').values(row).onConflict(conflict => conflict.doNothing()).returning('id').executeTakeFirst() !== undefined
}

export function updateDatabase(tx: Tx, id: string, change: DatabaseChange): Promise<DatabaseRow> {
  return tx.updateTable('databases').set(change).where('id', '=', id).returningAll().executeTakeFirstOrThrow()
}

export async function deleteDatabase(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('databases').where('id', '=', id).execute()
}

/** What a project uses, replicas counted. */
export async function usageOf(db: Db, projectId: string): Promise<{ databases: number, storageGib: number, cpu: number, memoryMib: number }> {
  const row = await db.selectFrom('databases').where('project_id', '=', projectId).select([
    sql<number>`count(*)`.as('databases'),
    sql<number>`coalesce(sum(storage_gib * instances), 0)::bigint`.as('storageGib'),
    sql<number>`coalesce(sum(cpu * instances), 0)`.as('cpu'),
    sql<number>`coalesce(sum(memory_mib * instances), 0)::bigint`.as('memoryMib'),
  ]).executeTakeFirstOrThrow()
  return row
}
