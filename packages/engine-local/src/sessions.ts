import type { Session, SessionLimits } from '@howdah/postgres'
import type { Identity } from './state.ts'
import { superuserConfig, superuserRole, withClient } from '@howdah/postgres'
import { DatabaseError } from 'pg'

/** Run `work` as superuser over the Unix socket. Errors of PostgreSQL become `EngineError`. */
export async function asSuperuser<T>(
  server: { readonly identity: Pick<Identity, 'port' | 'major' | 'superuserPassword'>, readonly socketFolder: string },
  database: string,
  work: (session: Session) => Promise<T>,
  limits: SessionLimits = {},
): Promise<T> {
  const { identity } = server
  return await withClient({
    ...superuserConfig(identity.major, limits),
    host: server.socketFolder,
    port: identity.port,
    user: superuserRole,
    password: identity.superuserPassword,
    database,
  }, work)
}

/** The same where it is not known which of some passwords the server has; it is tried with the first one first. */
export async function asSuperuserWithOneOf<T>(server: Parameters<typeof asSuperuser>[0], passwords: readonly string[], database: string, work: (session: Session) => Promise<T>): Promise<T> {
  const [superuserPassword = '', ...others] = passwords
  try {
    return await asSuperuser({ ...server, identity: { ...server.identity, superuserPassword } }, database, work)
  }
  catch (error) {
    const cause = error instanceof Error ? error.cause : undefined
    if (others.length === 0 || !(cause instanceof DatabaseError && cause.code === '28P01'))
      throw error
    return await asSuperuserWithOneOf(server, others, database, work)
  }
}
