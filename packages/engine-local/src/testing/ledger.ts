import type { DatabaseSpec } from '@howdah/engine'
import type { TestEngine } from './local-engine.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@howdah/testkit'

/**
 * Clients that write numbered rows through the address, and keep outside of the database what was acknowledged to them. No row
 * is ever written a second time: what is there twice was done twice.
 */
export class Ledger {
  readonly #test: TestEngine
  readonly #spec: DatabaseSpec
  readonly #acknowledged: string[] = []
  readonly #stop = new AbortController()
  #writers: Promise<void>[] = []

  constructor(test: TestEngine, spec: DatabaseSpec) {
    this.#test = test
    this.#spec = spec
  }

  get count(): number {
    return this.#acknowledged.length
  }

  /** Of what was acknowledged after so many, nothing is said any more: the database became what it was before some of it. */
  giveUp(since: number): void {
    this.#acknowledged.splice(since)
  }

  async begin(writers: number): Promise<void> {
    const client = await this.#test.connect(this.#spec)
    await client.query('create table ledger (writer int not null, number int not null)')
    await client.end()
    this.#writers = Array.from({ length: writers }, async (_, writer) => await this.#write(writer))
  }

  /** Ends the writers; answers what was acknowledged and is not there, and what is there twice. */
  async end(): Promise<{ missing: string[], twice: string[] }> {
    this.#stop.abort()
    await Promise.all(this.#writers)
    // The last fault may still cut connections.
    const rows = await until(async () => await this.#read().catch(() => undefined), { deadlineMs: 30_000, what: 'the ledger can be read' })
    const there = new Set(rows.map(({ row }) => row))
    return { missing: this.#acknowledged.filter(row => !there.has(row)), twice: rows.filter(({ times }) => times > 1).map(({ row }) => row) }
  }

  async #read(): Promise<{ row: string, times: number }[]> {
    const client = await this.#test.connect(this.#spec)
    const { rows } = await client.query<{ row: string, times: number }>('select writer || \':\' || number as row, count(*)::int as times from ledger group by 1')
    await client.end()
    return rows
  }

  async #write(writer: number): Promise<void> {
    let number = 0
    while (!this.#stop.signal.aborted) {
      const client = await this.#test.connect(this.#spec).catch(() => undefined)
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
        await client.end().catch(() => {})
      }
    }
  }
}
