import type { Kysely as KyselyType, Transaction } from 'kysely'
import type { PoolConfig } from 'pg'
import type { Schema } from './schema.ts'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'

export type Db = KyselyType<Schema>
export type Tx = Transaction<Schema>

/** bigint columns hold positions and counts, all far below 2^53. */
const int8 = 20
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === int8
      ? Number
      : pg.types.getTypeParser(oid, format as 'text')) as pg.CustomTypesConfig['getTypeParser'],
}

export interface Store {
  readonly db: Db
  /** For the few statements on a hot path that are prepared by hand. */
  readonly pool: pg.Pool
  /** What a connection of our own needs, for LISTEN. */
  readonly connection: PoolConfig
  close: () => Promise<void>
}

/**
 * Opens the pool; nothing is connected yet. `size` is the most connections.
 * A wait for a free connection ends after 5 s: a request must fail with 503 rather than hang.
 */
export function openStore(connection: PoolConfig, size: number, onIdleError: (error: Error) => void): Store {
  const pool = new pg.Pool({
    ...connection,
    max: size,
    types,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 30_000,
    query_timeout: 30_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
    application_name: 'howdah',
  })
  // The pool drops an idle connection that breaks by itself; without a listener the process would end.
  pool.on('error', onIdleError)
  // One that breaks while it is in use fails its statement, and says so once more, to nobody: the same end.
  pool.on('connect', client => void client.on('error', () => {}))
  const db = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool }),
  })
  return {
    db,
    pool,
    connection,
    async close() {
      await db.destroy()
      // Kysely leaves a pool alone that it has not used.
      if (!pool.ended)
        await pool.end()
    },
  }
}

/** SQLSTATEs that say "not now" rather than "never". */
const unavailableStates = new Set([
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '53400',
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  '25006',
  // Somebody else was in the way for too long: a statement's time, a lock, a deadlock.
  '25P03',
  '40001',
  '40P01',
  '55P03',
  '57014',
  '58030',
  '53100',
  '53200',
])
const unavailableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])
const unavailableMessages = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Query read timeout',
  'Client has encountered a connection error',
  'Client was closed',
]

/** True when the store cannot be reached or refuses work for now. */
export function isStoreUnavailable(error: unknown): boolean {
  if (!(error instanceof Error))
    return false
  const { code, syscall } = error as Error & { code?: unknown, syscall?: unknown }
  if (typeof code === 'string' && unavailableStates.has(code))
    return true
  if (typeof code === 'string' && unavailableCodes.has(code) && (code !== 'ENOENT' || syscall === 'connect'))
    return true
  return unavailableMessages.some(message => error.message.startsWith(message))
}

/** The constraint that a unique violation names, undefined for every other error. */
export function violatedConstraint(error: unknown): string | undefined {
  const { code, constraint } = (error ?? {}) as { code?: unknown, constraint?: unknown }
  return code === '23505' && typeof constraint === 'string'
    ? constraint
    : undefined
}
