import type { DatabaseSpec } from '@howdah/engine'
import type { Client } from 'pg'
import type { TestEngine } from './local-engine.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@howdah/testkit'
import { connectTo } from './local-engine.ts'

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
 * Clients that write numbered rows through the address, and keep outside of the database what was acknowledged to them. No row
 * is ever written a second time: what is there twice was done twice.
 */
export class Ledger {
  readonly #connect: () => Promise<Client>
  #acknowledged: string[] = []
  readonly #gone = new Set<string>()
  readonly #stop = new AbortController()
  #writers: Promise<void>[] = []

  private constructor(connect: () => Promise<Client>) {
    this.#connect = connect
  }

  /** The address is asked for once: it has to stay the same. */
  static async begin(test: TestEngine, spec: DatabaseSpec, writers: number): Promise<Ledger> {
    const { endpoint } = await test.observe(spec)
    const ledger = new Ledger(async () => await connectTo(endpoint, spec))
    const client = await ledger.#connect()
    await client.query('create table ledger (writer int not null, number int not null)')
    await client.end()
    ledger.#writers = Array.from({ length: writers }, async (_, writer) => await ledger.#write(writer))
    return ledger
  }

  get count(): number {
    return this.#acknowledged.length
  }

  /** Let writers wait, note a moment, and read what is there. Begun anew when something cuts the connection. */
  async moment<T>(note: (client: Client) => Promise<T>): Promise<Moment<T>> {
    return await this.#patiently('a moment can be noted', async (client) => {
      await client.query('begin; lock table ledger in share mode')
      const rows = await rowsOf(client)
      // A time is noted in milliseconds, and the last commit before it may be of the same one.
      await client.query('select pg_sleep(0.005)')
      const noted = await note(client)
      await client.query('select pg_sleep(0.005)')
      await client.query('commit')
      return { rows, noted }
    })
  }

  /**
   * The database is what it was at a moment. What was acknowledged after it and before `ordered`, the count when that was ordered, is gone; of
   * what was acknowledged since, nobody can tell on which side of the restore it fell.
   */
  wentBack({ rows }: Moment<unknown>, ordered: number): void {
    const kept = new Set(rows)
    for (const row of this.#acknowledged.slice(0, ordered)) {
      if (!kept.has(row))
        this.#gone.add(row)
    }
    this.#acknowledged = [...rows]
  }

  /** Ends the writers. */
  async end(): Promise<Audit> {
    this.#stop.abort()
    await Promise.all(this.#writers)
    // The last fault may still cut connections.
    const rows = await this.#patiently('the ledger can be read', rowsOf)
    const there = new Set(rows)
    return {
      missing: this.#acknowledged.filter(row => !there.has(row)),
      twice: rows.filter((row, index) => row === rows[index - 1]),
      returned: rows.filter(row => this.#gone.has(row)),
    }
  }

  async #patiently<T>(what: string, work: (client: Client) => Promise<T>): Promise<T> {
    const { result } = await until(async () => {
      const client = await this.#connect().catch(() => undefined)
      if (!client)
        return undefined
      try {
        return { result: await work(client) }
      }
      catch {
        return undefined
      }
      finally {
        // It may have been cut off.
        await client.end().catch(() => {})
      }
    }, { deadlineMs: 30_000, what })
    return result
  }

  async #write(writer: number): Promise<void> {
    let number = 0
    while (!this.#stop.signal.aborted) {
      const client = await this.#connect().catch(() => undefined)
      if (!client) {
        await delay(10)
        continue
      }
      try {
        while (!this.#stop.signal.aborted) {
          // Each has a number of its own: whether one is there that failed, nobody knows.
          number++
          await client.query('insert into ledger values ($1, $2)', [writer, number])
          this.#acknowledged.push(`${writer}:${number}`)
          // A client of a real application does something else in between; and the machine is shared.
          await delay(1)
        }
      }
      catch {
        // The connection was cut; it goes on with another one.
      }
      finally {
        // It may be what was cut.
        // It may have been cut off.
        await client.end().catch(() => {})
      }
    }
  }
}

/** In an order that puts those together that are there twice. */
export async function rowsOf(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ row: string }>('select writer || \':\' || number as row from ledger order by writer, number')
  return rows.map(({ row }) => row)
}
