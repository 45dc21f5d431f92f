import type { DatabaseRow } from '../store/databases.ts'
import type { StoredObserved } from '../store/schema.ts'
import type { Caller } from './caller.ts'
import type { Domain } from './domain.ts'
import { findDatabaseUser, findDb } from '../store/database-users.ts'
import { openPassword } from './database-spec.ts'
import { getDatabase } from './databases.ts'
import { AppError, invalid } from './errors.ts'

/** What somebody needs to connect as one user to one logical database. Holds the password. */
export interface ConnectionTarget {
  readonly database: DatabaseRow
  readonly endpoint: NonNullable<StoredObserved['endpoint']>
  readonly user: string
  readonly password: string
  readonly db: string
}

/** Default: as the owner, to the first logical database. Whoever uses it writes that into the audit log. */
export async function connectionTarget(domain: Domain, caller: Caller, name: string, query: { role?: string | undefined, db?: string | undefined }): Promise<ConnectionTarget> {
  const { project } = caller.principal
  const database = await getDatabase(domain, caller, name)
  const endpoint = database.observed?.endpoint
  if (!endpoint)
    throw new AppError('wrong-phase', `"${name}" is ${database.phase} and has no address yet. Wait until it is ready.`, { retryAfter: 1 })
  const user = await findDatabaseUser(domain.store.db, database.id, query.role ?? database.owner)
  if (!user && query.role === undefined && database.managed_by === 'git')
    throw invalid('?role', `Must be a user that was made here. The password of the owner is where Git put it: in the Secret ${name}-app, unless it says otherwise.`)
  if (!user || user.phase === 'creating')
    throw invalid('?role', 'Must be a user of this database')
  const db = await findDb(domain.store.db, database.id, query.db ?? database.main_db)
  if (!db || db.phase === 'creating')
    throw invalid('?db', 'Must be a logical database of this database')
  return { database, endpoint, user: user.name, password: openPassword(domain, project, database.id, user.name, user.password), db: db.name }
}
