import type { Insertable, Selectable, Updateable } from 'kysely'
import type { Db, Tx } from './db.ts'
import type { DatabaseDbsTable, DatabaseUsersTable } from './schema.ts'

export type DatabaseUserRow = Selectable<DatabaseUsersTable>
export type DbRow = Selectable<DatabaseDbsTable>

export const databaseUserConstraint = 'database_users_pkey'
export const dbConstraint = 'database_dbs_pkey'

export function listDatabaseUsers(db: Db, databaseId: string): Promise<DatabaseUserRow[]> {
  return db.selectFrom('database_users').selectAll().where('database_id', '=', databaseId).orderBy('name').execute()
}

export function findDatabaseUser(db: Db, databaseId: string, name: string): Promise<DatabaseUserRow | undefined> {
  return db.selectFrom('database_users').selectAll().where('database_id', '=', databaseId).where('name', '=', name).executeTakeFirst()
}

/** Who came with the database. */
export function findOwner(db: Db, databaseId: string): Promise<DatabaseUserRow | undefined> {
  return db.selectFrom('database_users').selectAll().where('database_id', '=', databaseId).where('is_owner', '=', true).executeTakeFirst()
}

export function insertDatabaseUser(tx: Tx, row: Insertable<DatabaseUsersTable>): Promise<DatabaseUserRow> {
  return tx.insertInto('database_users').values(row).returningAll().executeTakeFirstOrThrow()
}

export async function updateDatabaseUser(tx: Tx, databaseId: string, name: string, change: Updateable<DatabaseUsersTable>): Promise<DatabaseUserRow | undefined> {
  return tx.updateTable('database_users').set(change).where('database_id', '=', databaseId).where('name', '=', name).returningAll().executeTakeFirst()
}

export async function deleteDatabaseUser(tx: Tx, databaseId: string, name: string): Promise<void> {
  await tx.deleteFrom('database_users').where('database_id', '=', databaseId).where('name', '=', name).execute()
}

export function listDbs(db: Db, databaseId: string): Promise<DbRow[]> {
  return db.selectFrom('database_dbs').selectAll().where('database_id', '=', databaseId).orderBy('name').execute()
}

export function findDb(db: Db, databaseId: string, name: string): Promise<DbRow | undefined> {
  return db.selectFrom('database_dbs').selectAll().where('database_id', '=', databaseId).where('name', '=', name).executeTakeFirst()
}

export function insertDb(tx: Tx, row: Insertable<DatabaseDbsTable>): Promise<DbRow> {
  return tx.insertInto('database_dbs').values(row).returningAll().executeTakeFirstOrThrow()
}

export function updateDb(tx: Tx, databaseId: string, name: string, change: Updateable<DatabaseDbsTable>): Promise<DbRow | undefined> {
  return tx.updateTable('database_dbs').set(change).where('database_id', '=', databaseId).where('name', '=', name).returningAll().executeTakeFirst()
}

export async function deleteDb(tx: Tx, databaseId: string, name: string): Promise<void> {
  await tx.deleteFrom('database_dbs').where('database_id', '=', databaseId).where('name', '=', name).execute()
}
