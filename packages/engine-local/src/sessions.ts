import type { OpenSession, Session, SessionLimits } from '@howdah/postgres'
import type { ClientConfig } from 'pg'
import type { Identity } from './state.ts'
import { openSession, superuserConfig, superuserRole, withClient } from '@howdah/postgres'
import { DatabaseError } from 'pg'

interface Server {
  readonly identity: Pick<Identity, 'port' | 'major' | 'superuserPassword'>
  readonly socketFolder: string
}

/** Run `work` as superuser over the Unix socket. Errors of PostgreSQL become `EngineError`. */
export async function asSuperuser<T>(server: Server, database: string, work: (session: Session) => Promise<T>, limits: SessionLimits = {}): Promise<T> {
  return await withClient(configOf(server, database, limits), work)
}

/** A session of the superuser where it is not known which of some passwords the server has; it is tried with the first one first. */
export async function openWithOneOf(server: Server, passwords: readonly string[], database: string): Promise<OpenSession> {
  const [superuserPassword = '', ...others] = passwords
  try {
    return await openSession(configOf({ ...server, identity: { ...server.identity, superuserPassword } }, database))
  }
  catch (error) {
    const cause = error instanceof Error ? error.cause : undefined
    if (others.length === 0 || !(cause instanceof DatabaseError && cause.code === '28P01'))
      throw error
    return await openWithOneOf(server, others, database)
  }
}

function configOf({ identity, socketFolder }: Server, database: string, limits?: SessionLimits): ClientConfig {
  return {
    ...superuserConfig(identity.major, limits),
    host: socketFolder,
    port: identity.port,
    user: superuserRole,
    password: identity.superuserPassword,
    database,
  }
}
