/** A PostgreSQL role that the control plane made for a user of a database. */
export interface RoleSpec {
  /** 1 to 63 bytes; not reserved (`postgres`, `pg_…`, `howdah_…`). */
  readonly name: string
  /** Plain text, in memory only; undefined leaves the password as it is. */
  readonly password?: string
  /**
   * `owner`: member of the database's owner role. `read-write`, `read-only`: all data of the database, now and later.
   * `none`: may connect; grants are given in SQL.
   */
  readonly access: 'owner' | 'read-write' | 'read-only' | 'none'
  /** Most concurrent connections; -1 for no limit of its own. */
  readonly connectionLimit: number
}

/** A role as PostgreSQL reports it. */
export interface RoleObserved {
  readonly name: string
  readonly connectionLimit: number
  /** Sessions that it has open now. */
  readonly sessions: number
  /** Logical databases that it owns. */
  readonly ownedDatabases: readonly string[]
}

/** A logical database inside a database: `CREATE DATABASE`. */
export interface LogicalDatabaseSpec {
  readonly name: string
  /** Role that owns it: the database's owner or one of its users. */
  readonly owner: string
}

export interface LogicalDatabaseObserved {
  readonly name: string
  readonly owner: string
  readonly sizeBytes: number
  readonly sessions: number
}

/** Every logical database has it from its beginning; nobody switched it on. */
export const inbornExtension = 'plpgsql'

/** One extension of the catalogue of a database. */
export interface ExtensionObserved {
  readonly name: string
  /** Version that would be installed. */
  readonly defaultVersion: string
  /** Version that is on; null when it is off. */
  readonly installedVersion: string | null
  readonly description: string
  /** Other extensions that it needs, switched on with it. */
  readonly requires: readonly string[]
  /** True: it only works after a restart, because the server loads a library at start. */
  readonly needsRestart: boolean
}

/** One parameter of the catalogue of a database, from the running server's `pg_settings`. */
export interface ParameterObserved {
  readonly name: string
  /** Current value in PostgreSQL's own notation with unit, as `SHOW` gives it. */
  readonly value: string
  /** What it would be if the user had not set it. */
  readonly default: string
  /** True: the user set it (it is in `DatabaseSpec.parameters`). */
  readonly isChanged: boolean
  readonly type: 'bool' | 'enum' | 'integer' | 'real' | 'string'
  /** Unit of the bare number (`8kB`, `ms`, `min` …), null when it has none. */
  readonly unit: string | null
  readonly min: number | null
  readonly max: number | null
  readonly enumValues: readonly string[] | null
  readonly needsRestart: boolean
  readonly pendingRestart: boolean
  readonly category: string
  readonly description: string
}
