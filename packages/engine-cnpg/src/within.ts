import { setTimeout as delay } from 'node:timers/promises'

/** Wait for work, but not for longer than this; it goes on then. Throws what it throws in time. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const deadline = new AbortController()
  // It is ended below, whichever comes first.
  await Promise.race([work, delay(ms, undefined, { signal: deadline.signal }).catch(() => undefined)])
  deadline.abort()
}
