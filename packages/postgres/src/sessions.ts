import type pg from 'pg'
import { EngineError } from '@howdah/engine'
import { Client, DatabaseError } from 'pg'
import { maintenanceDatabase, monitorRole } from './names.ts'

/** Name that sessions of ours carry in `pg_stat_activity`. */
const applicationName = 'howdah'

/**
 * Settings of our privileged sessions. The owner of a database can give it defaults (`ALTER DATABASE … SET`) that would
 * change what our statements mean; what is in the startup packet wins over them.
 */
const pinned: Readonly<Record<string, string>> = {
  'search_path': 'pg_catalog',
  'role': 'none',
  'local_preload_libraries': '',
  'standard_conforming_strings': 'on',
  'default_transaction_read_only': 'off',
  'default_transaction_isolation': 'read\\ committed',
  'default_transaction_deferrable': 'off',
  'default_tablespace': '',
  'default_table_access_method': 'heap',
  'row_security': 'off',
  'check_function_bodies': 'off',
  'client_min_messages': 'warning',
  'client_encoding': 'UTF8',
  'DateStyle': 'ISO',
  'IntervalStyle': 'iso_8601',
  'TimeZone': 'UTC',
  'statement_timeout': '60s',
  'lock_timeout': '10s',
  'idle_in_transaction_session_timeout': '60s',
  'jit': 'off',
  // Our statements carry verifiers and are nobody's business.
  'log_statement': 'none',
  'log_min_duration_statement': '-1',
  'log_min_error_statement': 'panic',
  'pg_stat_statements.track': 'none',
}

const connectTimeoutMs = 10_000
/** Beyond the server's own limit for our statements: then it is not the statement that hangs. */
const queryTimeoutMs = 70_000

export interface Session {
  /** Run statements; rows of the last one. */
  query: <Row extends object = Record<string, unknown>>(text: string, values?: unknown[]) => Promise<Row[]>
}

export interface SessionLimits {
  /** Most time for one statement, where it is another than usual. */
  readonly statementMs?: number
}

/** What every session of ours as superuser has, wherever the server is. */
export function superuserConfig(major: number, { statementMs }: SessionLimits = {}): pg.ClientConfig {
  return {
    options: optionsText({
      ...pinned,
      ...statementMs === undefined
        ? {}
        : { statement_timeout: `${statementMs}ms` },
      ...major >= 17
        ? { event_triggers: 'off' }
        : {},
    }),
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: (statementMs ?? 0) + queryTimeoutMs,
  }
}

/** How the monitoring role connects: through the same address and the same TLS as every client. */
export function monitorConfig(address: Address, password: string): pg.ClientConfig {
  return {
    ...addressConfig(address),
    user: monitorRole,
    password,
    database: maintenanceDatabase,
    options: optionsText({ search_path: 'pg_catalog', statement_timeout: '5s', default_transaction_read_only: 'on' }),
    application_name: applicationName,
  }
}

/** Where a client finds the server, and what it trusts. */
export interface Address {
  readonly host: string
  readonly port: number
  /** PEM of the authority. */
  readonly ca: string
  /** True: TLS begins with the first byte, without asking for it first. PostgreSQL 17 and newer. */
  readonly isDirect?: boolean
}

export function addressConfig({ ca, host, isDirect = false, port }: Address): pg.ClientConfig {
  return {
    host,
    port,
    ssl: { ca, host, minVersion: 'TLSv1.2' },
    ...isDirect ? { sslnegotiation: 'direct' } : {},
    connectionTimeoutMillis: connectTimeoutMs,
  }
}

function optionsText(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`).join(' ')
}

/** A session that is held. */
export interface OpenSession extends Session {
  /** Settles when it has ended, whoever ended it. */
  readonly ended: Promise<void>
  /** Asks for its end. That the server has noticed is nothing to wait for. */
  readonly close: () => void
}

/** Connect, and stay until `close`. */
export async function openSession(config: pg.ClientConfig): Promise<OpenSession> {
  const client = new Client(config)
  // A connection lost between two queries fails the next one; without a listener it would end the process.
  client.on('error', ignoreLoss)
  const ended = new Promise<void>(resolve => client.once('end', resolve))
  const close = (): void => {
    client.end().catch(ignoreLoss)
  }
  try {
    await client.connect()
  }
  catch (error) {
    close()
    throw translate(error)
  }
  return {
    ended,
    close,
    query: async <Row extends object>(text: string, values?: unknown[]) => {
      try {
        const result: unknown = await client.query<Row>(values
          ? { text, values }
          : { text })
        // Several statements in one text answer with several results.
        const last = (Array.isArray(result)
          ? result.at(-1)
          : result) as pg.QueryResult<Row> // pg's own shapes
        return last.rows
      }
      catch (error) {
        throw translate(error)
      }
    },
  }
}

/** Connect, work, disconnect. */
export async function withClient<T>(config: pg.ClientConfig, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await openSession(config)
  try {
    return await work(session)
  }
  finally {
    session.close()
  }
}

function ignoreLoss(): void {}

/** PostgreSQL's refusals as the port's errors. */
function translate(error: unknown): unknown {
  if (error instanceof EngineError)
    return error
  if (!(error instanceof DatabaseError)) {
    return error instanceof Error && ('code' in error || /timeout|terminated|connection/i.test(error.message))
      ? new EngineError('unavailable', 'The server does not answer now; try again.', { cause: error })
      : error
  }
  const code = error.code ?? ''
  if (['53100', '53400', '54000'].includes(code))
    return new EngineError('exhausted', `PostgreSQL: ${error.message}`, { cause: error })
  if (code.startsWith('57P') || code.startsWith('08') || code.startsWith('53'))
    return new EngineError('unavailable', `PostgreSQL: ${error.message}`, { cause: error })
  if (['42710', '42P04'].includes(code))
    return new EngineError('conflict', `PostgreSQL: ${error.message}`, { cause: error })
  // Two changes of one role or database at the same time: PostgreSQL lets the second one fail instead of wait.
  if (error.message === 'tuple concurrently updated')
    return new EngineError('unavailable', 'Something else changes it at the same time; try again.', { cause: error })
  if (code.startsWith('XX'))
    return error
  return new EngineError('invalid', `PostgreSQL: ${error.message}`, { cause: error })
}
