import type { Insertable, Selectable } from 'kysely'
import type { Db, Tx } from './db.ts'
import type { DeletedDatabasesTable } from './schema.ts'
import { sql } from 'kysely'

export type DeletedDatabaseRow = Selectable<DeletedDatabasesTable>

/** Once: whoever finds it written down has nothing to add. */
export async function insertDeletedDatabase(tx: Tx, row: Insertable<DeletedDatabasesTable>): Promise<void> {
  await tx.insertInto('deleted_databases').values(row).onConflict(conflict => conflict.column('id').doNothing()).execute()
}

/** Without those that are still being deleted. */
export function listDeletedDatabases(db: Db, projectId: string): Promise<DeletedDatabaseRow[]> {
  return gone(db).where('project_id', '=', projectId).orderBy('deleted_at', 'desc').execute()
}

export function findDeletedDatabase(db: Db, projectId: string, id: string): Promise<DeletedDatabaseRow | undefined> {
  return gone(db).where('project_id', '=', projectId).where('id', '=', id).executeTakeFirst()
}

export function expiredDatabases(db: Db, locations: readonly string[]): Promise<(DeletedDatabaseRow & { project: string })[]> {
  return db.selectFrom('deleted_databases').innerJoin('projects', 'projects.id', 'deleted_databases.project_id').selectAll('deleted_databases').select('projects.name as project').where('kept_until', '<=', sql<Date>`now()`).where('location', 'in', [...locations]).execute()
}

export async function forgetDeletedDatabase(db: Db, id: string): Promise<void> {
  await db.deleteFrom('deleted_databases').where('id', '=', id).execute()
}

function gone(db: Db) {
  return db.selectFrom('deleted_databases').selectAll().where(({ exists, not, selectFrom }) => not(exists(selectFrom('databases').select('id').whereRef('databases.id', '=', 'deleted_databases.id'))))
}
