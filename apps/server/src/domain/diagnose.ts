import type { Diagnosis } from '@howdah/contract'
import type { Caller } from './caller.ts'
import type { Domain } from './domain.ts'
import { actorOf, change } from './change.ts'
import { examineConnection } from './connection-doctor.ts'
import { connectionTarget } from './connection-target.ts'

/**
 * Connects as a client would and says which step fails. Only ever to the database's own address: the caller names a
 * user and a logical database that are there, and nothing else. Audited, because it uses a password.
 */
export async function diagnose(domain: Domain, caller: Caller, name: string, query: { role?: string | undefined, db?: string | undefined }): Promise<Diagnosis> {
  const { database, endpoint, user, password, db } = await connectionTarget(domain, caller, name, query)
  const { host, port, sslNegotiation, caCertificate } = endpoint
  const steps = await examineConnection({ host, port, caCertificate, isDirect: sslNegotiation === 'direct', user, password, database: db, isHibernated: database.is_hibernated })
  const failed = steps.find(({ outcome }) => outcome === 'failed')
  await change(domain, caller.principal.project, actorOf(caller), async change =>
    change.audit({ action: 'databases.diagnose', target: `database/${name}/user/${user}`, outcome: failed ? 'failure' : 'success', changes: failed ? { failedStep: failed.name } : {} }))
  return { ok: failed === undefined, at: new Date().toISOString(), host, port, user, database: db, steps }
}
