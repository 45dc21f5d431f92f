import type { Connection } from '@howdah/contract'
import type { Caller } from './caller.ts'
import type { Domain } from './domain.ts'
import { actorOf, change } from './change.ts'
import { connectionFormats } from './connection-formats.ts'
import { connectionTarget } from './connection-target.ts'

/** How to connect as one user to one logical database, with the password. Audited: it reveals a secret. */
export async function revealConnection(domain: Domain, caller: Caller, name: string, query: { role?: string | undefined, db?: string | undefined }): Promise<Connection> {
  const { database, endpoint, user, password, db } = await connectionTarget(domain, caller, name, query)
  await change(domain, caller.principal.project, actorOf(caller), async change =>
    change.audit({ action: 'databases.connection', target: `database/${name}/user/${user}` }))
  const { host, port, readOnlyPort, sslNegotiation, caCertificate } = endpoint
  return {
    host,
    port,
    ...(readOnlyPort === undefined ? {} : { readOnlyPort }),
    database: db,
    user,
    password,
    tls: { mode: 'verify-full', caCertificate, ...(sslNegotiation === undefined ? {} : { sslNegotiation }) },
    formats: connectionFormats({ host, port, database: db, user, password, caFile: domain.caFile(database.location, caCertificate), isDirect: sslNegotiation === 'direct' }),
  }
}
