/** Severities of PostgreSQL's own log, least important first. */
export const logSeverities = [
  'DEBUG',
  'INFO',
  'NOTICE',
  'LOG',
  'WARNING',
  'ERROR',
  'FATAL',
  'PANIC',
] as const
export type LogSeverity = typeof logSeverities[number]

export interface LogQuery {
  readonly from?: Date
  readonly to?: Date
  /** Least severity, in the order of `logSeverities`. */
  readonly severity?: LogSeverity
  /** Text that the message, statement or detail contains, without regard to case. */
  readonly contains?: string
  /** Name of the instance that wrote it; undefined: any. */
  readonly member?: string
  /** Opaque, from `LogPage.nextCursor`. */
  readonly cursor?: string
  /** Most records; 1 to 1000. */
  readonly limit: number
}

/** One record of PostgreSQL's log. */
export interface LogRecord {
  readonly at: Date
  readonly severity: LogSeverity
  /** Instance that wrote it. */
  readonly member: string
  readonly message: string
  readonly user: string | null
  readonly database: string | null
  readonly pid: number | null
  readonly application: string | null
  readonly remoteHost: string | null
  /** SQLSTATE, null when none. */
  readonly sqlState: string | null
  readonly statement: string | null
  readonly detail: string | null
  readonly hint: string | null
  readonly backendType: string | null
}

/** Newest first. */
export interface LogPage {
  readonly records: readonly LogRecord[]
  readonly nextCursor: string | null
}
