import { setTimeout as delay } from 'node:timers/promises'
import { until } from './until.ts'

/** A login, as whoever writes a ledger uses it. */
export interface LedgerSession {
  /** Answers the rows of the last statement. */
  readonly query: (text: string) => Promise<readonly Record<string, unknown>[]>
  readonly close: () => Promise<void>
}

export interface LedgerOptions {
  readonly writers: number
  /** A writer that waits for longer than this has itself to blame, and goes on with another session. Default: it waits until it is cut off. */
  readonly patienceMs?: number
  /** How long a writer does something else after each row, and how long before it tries to log in again. */
  readonly restMs?: number
  /** Note of each row how far the server had its WAL on disk when it had acknowledged the row. */
  readonly notesWal?: boolean
}

/** A row that the server said is kept. */
export interface Acknowledged {
  readonly row: string
  readonly at: Date
  /** Position up to which the server had its WAL on disk then, the commit of the row included; empty where it is not noted. */
  readonly flushed: string
}

/** What the ledger says of a database in the end; each should be empty. */
export interface Audit {
  /** Acknowledged, and not there. */
  readonly missing: readonly string[]
  /** There twice. */
  readonly twice: readonly string[]
  /** Taken away by a restore in place, and there. */
  readonly returned: readonly string[]
}

/** A moment at which nobody wrote, and every row that was there. */
export interface Moment<T> {
  readonly rows: readonly string[]
  readonly noted: T
}

/**
 * Clients that write numbered rows, and keep outside of the database what was acknowledged to them. No row is ever written a second
 * time: what is there twice was done twice.
 */
export class Ledger {
  readonly #login: () => Promise<LedgerSession>
  readonly #patienceMs: number | undefined
  readonly #restMs: number
  readonly #notesWal: boolean
  #acknowledged: Acknowledged[] = []
  readonly #gone = new Set<string>()
  readonly #stop = new AbortController()
  #writers: Promise<void>[] = []
  #last = performance.now()
  #longestPauseMs = 0

  private constructor(login: () => Promise<LedgerSession>, { notesWal = false, patienceMs, restMs = 1 }: LedgerOptions) {
    this.#login = login
    this.#patienceMs = patienceMs
    this.#restMs = restMs
    this.#notesWal = notesWal
  }

  static async begin(login: () => Promise<LedgerSession>, options: LedgerOptions): Promise<Ledger> {
    const ledger = new Ledger(login, options)
    const session = await login()
    await session.query('create table ledger (writer int not null, number int not null)')
    await session.close()
    ledger.#writers = Array.from({ length: options.writers }, async (_, writer) => await ledger.#write(writer))
    return ledger
  }

  /** Rows that the server said are kept. */
  get count(): number {
    return this.#acknowledged.length
  }

  /** Longest time in which no row was acknowledged, in milliseconds. */
  get longestPauseMs(): number {
    return this.#longestPauseMs
  }

  /** Let writers wait, note a moment, and read what is there. Begun anew when something cuts the connection. */
  async moment<T>(note: (session: LedgerSession) => Promise<T>): Promise<Moment<T>> {
    return await this.#patiently('a moment can be noted', async (session) => {
      await session.query('begin; lock table ledger in share mode')
      const rows = await rowsOf(session)
      // A time is noted in milliseconds, and the last commit before it may be of the same one.
      await session.query('select pg_sleep(0.005)')
      const noted = await note(session)
      await session.query('select pg_sleep(0.005)')
      await session.query('commit')
      return { rows, noted }
    })
  }

  /**
   * The database is what it was at a moment. What was acknowledged after it and before `ordered`, the count when that was ordered, is gone; of
   * what was acknowledged since, nobody can tell on which side of the restore it fell.
   */
  wentBack({ rows }: Moment<unknown>, ordered: number): void {
    const kept = new Set(rows)
    for (const { row } of this.#acknowledged.slice(0, ordered)) {
      if (!kept.has(row))
        this.#gone.add(row)
    }
    const known = new Map(this.#acknowledged.map(each => [each.row, each]))
    this.#acknowledged = rows.map(row => known.get(row) ?? { row, at: new Date(), flushed: '' })
  }

  /** What was acknowledged and is not there, while the database is well. It is not looked for again. */
  async lost(): Promise<readonly Acknowledged[]> {
    const before = new Set(this.#acknowledged)
    const there = new Set(await this.#patiently('the ledger can be read', rowsOf))
    const isLost = (each: Acknowledged): boolean => before.has(each) && !there.has(each.row)
    const lost = this.#acknowledged.filter(isLost)
    this.#acknowledged = this.#acknowledged.filter(each => !isLost(each))
    return lost
  }

  /** Ends the writers. */
  async end(): Promise<Audit> {
    this.#stop.abort()
    await Promise.all(this.#writers)
    // The last fault may still cut connections.
    const rows = await this.#patiently('the ledger can be read', rowsOf)
    const there = new Set(rows)
    return {
      missing: this.#acknowledged.map(({ row }) => row).filter(row => !there.has(row)),
      twice: rows.filter((row, index) => row === rows[index - 1]),
      returned: rows.filter(row => this.#gone.has(row)),
    }
  }

  async #patiently<T>(what: string, work: (session: LedgerSession) => Promise<T>): Promise<T> {
    const { result } = await until(async () => {
      const session = await this.#login().catch(() => undefined)
      if (!session)
        return undefined
      try {
        return { result: await work(session) }
      }
      catch {
        return undefined
      }
      finally {
        // It may have been cut off.
        await session.close().catch(() => {})
      }
    }, { deadlineMs: 30_000, what })
    return result
  }

  async #write(writer: number): Promise<void> {
    let number = 0
    while (!this.#stop.signal.aborted) {
      const session = await this.#login().catch(() => undefined)
      if (!session) {
        await delay(this.#restMs * 10)
        continue
      }
      try {
        while (!this.#stop.signal.aborted) {
          // Each has a number of its own: whether one is there that failed, nobody knows.
          number++
          const insert = `insert into ledger values (${writer}, ${number})`
          const rows = await this.#answered(session.query(this.#notesWal ? `begin; ${insert}; commit; select pg_current_wal_flush_lsn()::text as flushed` : insert))
          this.#acknowledge(`${writer}:${number}`, this.#notesWal ? String(rows[0]?.flushed) : '')
          // A client of a real application does something else in between; and the machine is shared.
          await delay(this.#restMs)
        }
      }
      catch {
        // The connection was cut; it goes on with another one.
      }
      // Whoever is impatient does not wait for a server that is cut off.
      const closed = session.close().catch(() => {})
      if (this.#patienceMs === undefined)
        await closed
    }
  }

  #acknowledge(row: string, flushed: string): void {
    this.#acknowledged.push({ row, at: new Date(), flushed })
    const now = performance.now()
    this.#longestPauseMs = Math.max(this.#longestPauseMs, now - this.#last)
    this.#last = now
  }

  async #answered<T>(answer: Promise<T>): Promise<T> {
    if (this.#patienceMs === undefined)
      return await answer
    const waiting = new AbortController()
    const isAnswered = await Promise.race([
      answer.then(() => true).finally(() => waiting.abort()),
      delay(this.#patienceMs, false, { signal: waiting.signal }).catch(() => false),
    ])
    if (!isAnswered)
      throw new Error('the server does not answer')
    return await answer
  }
}

/** In an order that puts those together that are there twice. */
export async function rowsOf(session: LedgerSession): Promise<string[]> {
  const rows = await session.query('select writer || \':\' || number as row from ledger order by writer, number')
  return rows.map(({ row }) => String(row))
}
