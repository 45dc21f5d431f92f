import { setTimeout as delay } from 'node:timers/promises'

/** Wait for it, and not for longer than this; it goes on. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const deadline = new AbortController()
  await Promise.race([work, delay(ms, undefined, { signal: deadline.signal }).catch(() => undefined)])
  deadline.abort()
}
