import type { Session, SessionLimits } from '@howdah/postgres'
import type { Identity } from './state.ts'
import { superuserConfig, superuserRole, withClient } from '@howdah/postgres'

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
