import type { Connection } from '@howdah/contract'
import type { Caller } from './caller.ts'
import type { Domain } from './domain.ts'
import { findDatabaseUser, findDb } from '../store/database-users.ts'
import { actorOf, change } from './change.ts'
import { connectionFormats } from './connection-formats.ts'
import { openPassword } from './database-spec.ts'
import { getDatabase } from './databases.ts'
import { AppError, invalid } from './errors.ts'

/** How to connect as one user to one logical database, with the password. Audited: it reveals a secret. */
export async function revealConnection(domain: Domain, caller: Caller, name: string, query: { role?: string | undefined, db?: string | undefined }): Promise<Connection> {
  const { project } = caller.principal
  const database = await getDatabase(domain, caller, name)
  const endpoint = database.observed?.endpoint
  if (!endpoint)
    throw new AppError('wrong-phase', `"${name}" is ${database.phase} and has no address yet. Wait until it is ready.`, { retryAfter: 1 })
  const user = await findDatabaseUser(domain.store.db, database.id, query.role ?? database.owner)
  if (!user || user.phase === 'creating')
    throw invalid('?role', 'Must be a user of this database')
  const db = await findDb(domain.store.db, database.id, query.db ?? database.main_db)
  if (!db || db.phase === 'creating')
    throw invalid('?db', 'Must be a logical database of this database')
  const password = openPassword(domain, project, database.id, user.name, user.password)
  await change(domain, project, actorOf(caller), async change =>
    change.audit({ action: 'databases.connection', target: `database/${name}/user/${user.name}` }))
  const { host, port, readOnlyPort, caCertificate } = endpoint
  return {
    host,
    port,
    ...(readOnlyPort === undefined ? {} : { readOnlyPort }),
    database: db.name,
    user: user.name,
    password,
    tls: { mode: 'verify-full', caCertificate },
    formats: connectionFormats({ host, port, database: db.name, user: user.name, password, caFile: domain.caFile(database.location, caCertificate) }),
  }
}
