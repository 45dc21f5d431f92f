import type { DatabaseUser, Db } from '@howdah/contract'
import type { SeenUser } from '../../domain/database-users.ts'
import type { SeenDb } from '../../domain/dbs.ts'

export function databaseUserView({ row, seen }: SeenUser): DatabaseUser {
  return {
    name: row.name,
    access: row.access as DatabaseUser['access'],
    connectionLimit: row.connection_limit,
    isOwner: row.is_owner,
    phase: row.phase as DatabaseUser['phase'],
    message: row.message,
    sessions: seen?.sessions ?? null,
    ownedDbs: [
      ...seen?.ownedDatabases ?? [],
    ],
    operation: row.operation_id,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}

export function dbView({ row, seen }: SeenDb): Db {
  return {
    name: row.name,
    owner: row.owner,
    isMain: row.is_main,
    phase: row.phase as Db['phase'],
    message: row.message,
    sizeBytes: seen?.sizeBytes ?? null,
    sessions: seen?.sessions ?? null,
    operation: row.operation_id,
    createdAt: row.created_at.toISOString(),
  }
}
