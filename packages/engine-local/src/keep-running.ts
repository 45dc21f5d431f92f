import type { ClientConfig } from 'pg'
import type { Log } from './log.ts'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

/** Waits between attempts to bring the server back; the last one repeats. */
const backOffMs = [0, 250, 1_000, 5_000]

/**
 * Brings a server back whenever it ends by itself. Its end is noticed by a connection that is held for nothing else.
 * `restart` starts the server unless it runs, and may be called by several processes.
 */
export function keepRunning(connection: ClientConfig, restart: () => Promise<void>, log: Pick<Log, 'warn' | 'error'>): { close: () => Promise<void> } {
  const closing = new AbortController()
  let client: pg.Client | undefined

  async function untilLost(): Promise<void> {
    const held = new pg.Client({ ...connection, keepAlive: true, application_name: 'howdah keep' })
    client = held
    const lost = new Promise<void>(resolve => held.once('end', resolve))
    // The end follows; the error says no more than that.
    held.on('error', error => log.warn({ err: error }, 'the store ended a connection'))
    // Where it is ended while it connects, its connecting never settles.
    await Promise.race([held.connect(), lost])
    if (closing.signal.aborted)
      await held.end()
    await lost
  }

  async function keep(): Promise<void> {
    for (let attempt = 0; !closing.signal.aborted; attempt++) {
      try {
        await restart()
        attempt = 0
        await untilLost()
        if (!closing.signal.aborted)
          log.warn({}, 'the store ended by itself and is started again')
      }
      catch (error) {
        log.error({ err: error }, 'the store could not be brought back; trying again')
      }
      await delay(backOffMs[Math.min(attempt, backOffMs.length - 1)], undefined, { signal: closing.signal, ref: false }).catch(ignoreAbort)
    }
  }

  const keeping = keep()
  return {
    async close() {
      closing.abort()
      await client?.end()
      await keeping
    },
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError'))
    throw error
}
