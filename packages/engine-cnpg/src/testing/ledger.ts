import type { SqlSession } from '@howdah/engine/conformance'
import { setTimeout as delay } from 'node:timers/promises'

export interface Ledger {
  /** Entries that the server said are kept. */
  readonly acknowledged: number
  /** Longest time without an acknowledged entry, in milliseconds. */
  readonly longestPauseMs: number
  /** Stop writing, and answer which acknowledged entries are not there. */
  readonly close: () => Promise<readonly number[]>
}

/** A client that waits for longer than this for a server that is gone has itself to blame. */
const patienceMs = 3_000

async function within(answer: Promise<unknown>): Promise<void> {
  const timeout = new AbortController()
  const isAnswered = await Promise.race([answer.then(() => true), delay(patienceMs, false, { signal: timeout.signal })])
  timeout.abort()
  if (!isAnswered)
    throw new Error('the server does not answer')
}

/** Write numbered entries one after the other, through whatever happens to the server, and remember which were acknowledged. */
export async function keepLedger(connect: () => Promise<SqlSession>): Promise<Ledger> {
  const acknowledged: number[] = []
  const closed = new AbortController()
  let last = performance.now()
  let longest = 0
  const first = await connect()
  await first.query('create table ledger (entry bigint not null)')

  const writing = (async () => {
    let session: SqlSession | undefined = first
    for (let entry = 1; !closed.signal.aborted; entry++) {
      try {
        session ??= await connect()
        await within(session.query(`insert into ledger values (${entry})`))
        acknowledged.push(entry)
        longest = Math.max(longest, performance.now() - last)
        last = performance.now()
      }
      catch {
        // Of this one nobody knows whether it is there; the next one has a number of its own.
        session?.close().catch(() => {}) // which waits for a server that may be cut off
        session = undefined
        await delay(100)
      }
    }
    await session?.close()
  })()

  return {
    get acknowledged() {
      return acknowledged.length
    },
    get longestPauseMs() {
      return longest
    },
    async close() {
      closed.abort()
      await writing
      const session = await connect()
      const rows = await session.query('select entry from ledger')
      await session.close()
      const kept = new Set(rows.map(({ entry }) => Number(entry)))
      return acknowledged.filter(entry => !kept.has(entry))
    },
  }
}
