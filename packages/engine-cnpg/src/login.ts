import type { Credentials } from '@howdah/engine'
import type { Database } from './database.ts'
import { withClient } from '@howdah/postgres'
import { DatabaseError } from 'pg'
import { connectionOf } from './target.ts'

export type LoginOutcome
  = | { readonly kind: 'answered', readonly serverVersion: string }
    /** PostgreSQL knows another password: the operator is about to set it, or somebody changed it in SQL. */
    | { readonly kind: 'wrong-password' }
    | { readonly kind: 'not-now', readonly reason: string }
    | { readonly kind: 'refused', readonly message: string }

/** The owner may have set a timeout for all sessions that even this one would run into. */
const calm = '-c statement_timeout=10s -c search_path=pg_catalog'

/** Log in as the owner through the address that users are given. */
export async function proveLogin(db: Database, owner: Credentials, database: string): Promise<LoginOutcome> {
  try {
    const [row] = await withClient({
      ...connectionOf(await db.target()),
      user: owner.user,
      password: owner.password,
      database,
      options: calm,
    }, async session => await session.query<{ version: string }>('select current_setting(\'server_version\') as version'))
    return { kind: 'answered', serverVersion: row?.version.split(' ')[0] ?? '' }
  }
  catch (error) {
    const cause = error instanceof Error ? error.cause ?? error : error
    if (!(cause instanceof DatabaseError))
      return { kind: 'not-now', reason: cause instanceof Error ? cause.message : String(cause) }
    if (cause.code === '28P01')
      return { kind: 'wrong-password' }
    // The allowed networks leave us out. Then our monitoring proves the address; the password was set by us.
    if (cause.code === '28000' && cause.message.includes('pg_hba')) {
      const { vitals } = db.monitor
      return vitals ? { kind: 'answered', serverVersion: vitals.serverVersion } : { kind: 'not-now', reason: 'The monitoring is not answered yet.' }
    }
    if (cause.code?.startsWith('53') || cause.code?.startsWith('57P'))
      return { kind: 'not-now', reason: cause.message }
    return { kind: 'refused', message: cause.message }
  }
}
