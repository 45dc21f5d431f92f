import type { Credentials } from '@howdah/engine'
import type { Database } from './database.ts'
import { isIP } from 'node:net'
import { addressConfig, maintenanceDatabase, monitorConfig, withClient } from '@howdah/postgres'
import { DatabaseError } from 'pg'
import { allows } from './gateway/routes.ts'

export type LoginOutcome
  = | { readonly kind: 'answered', readonly serverVersion: string }
    /** PostgreSQL knows another password: somebody changed it in SQL. */
    | { readonly kind: 'wrong-password' }
    | { readonly kind: 'not-now', readonly reason: string }
    | { readonly kind: 'refused', readonly message: string }

/** The owner may have set a timeout for all sessions that even this one would run into. */
const calm = '-c statement_timeout=10s -c search_path=pg_catalog'
const askVersion = 'select current_setting(\'server_version\') as version'

/** Log in as the owner through the address that users are given. */
export async function proveLogin(db: Database, owner: Credentials, database: string): Promise<LoginOutcome> {
  try {
    if (db.topology && !isLetIn(db))
      return await proveWithoutAccess(db, owner)
    const config = {
      ...addressConfig(db.address),
      user: owner.user,
      password: owner.password,
      database,
      options: calm,
    }
    return { kind: 'answered', serverVersion: await versionThrough(config) }
  }
  catch (error) {
    const cause = error instanceof Error
      ? error.cause ?? error
      : error
    if (!(cause instanceof DatabaseError)) {
      return {
        kind: 'not-now',
        reason: cause instanceof Error
          ? cause.message
          : String(cause),
      }
    }
    if (cause.code === '28P01')
      return { kind: 'wrong-password' }
    // The allowed networks leave this machine out. Then our monitoring proves the address, and the catalogue the password.
    if (cause.code === '28000' && cause.message.includes('pg_hba'))
      return await proveWithoutAccess(db, owner)
    if (cause.code?.startsWith('53') || cause.code?.startsWith('57P'))
      return { kind: 'not-now', reason: cause.message }
    return { kind: 'refused', message: cause.message }
  }
}

/** Whether the gateway lets this machine in. */
function isLetIn({ applied, installation: { host } }: Database): boolean {
  return allows(applied?.spec.allowedCidrs ?? [])(isIP(host) ? host : '127.0.0.1')
}

async function proveWithoutAccess(db: Database, owner: Credentials): Promise<LoginOutcome> {
  const serverVersion = await versionThrough(monitorConfig(db.directAddress, db.identity.monitorPassword))
  const [row] = await db.asSuperuser(maintenanceDatabase, async session =>
    await session.query<{ verifier: string }>('select rolpassword as verifier from pg_catalog.pg_authid where rolname = $1', [owner.user]))
  return row?.verifier === db.applied?.ownerVerifier
    ? { kind: 'answered', serverVersion }
    : { kind: 'wrong-password' }
}

async function versionThrough(config: Parameters<typeof withClient>[0]): Promise<string> {
  const [row] = await withClient(config, async session => await session.query<{ version: string }>(askVersion))
  return row?.version.split(' ')[0] ?? ''
}
