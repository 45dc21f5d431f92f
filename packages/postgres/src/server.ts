import type { Session } from './sessions.ts'

/** A server that the SQL of this package works on. */
export interface Server {
  /** Name of the first logical database. Throws `unavailable` while the database is still being made. */
  readonly main: string
  /** Role that owns the first logical database. Throws as `main` does. */
  readonly owner: string
  /** Roles of whatever keeps the server running, beside PostgreSQL's and ours: nobody sees or touches them. */
  readonly systemRoles: readonly string[]
  /** Run `work` as superuser in a logical database. Errors of PostgreSQL become `EngineError`. */
  asSuperuser: <T>(database: string, work: (session: Session) => Promise<T>) => Promise<T>
}
