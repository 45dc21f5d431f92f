import type { Job } from './job.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from '@howdah/engine'
import { StoreError } from '../archive/store-error.ts'

const againMs = 1_000
/** A store that is restarted, or a network that is mended, is not worth the hours that a large backup took. */
const longestMs = 15 * 60_000

/** Ask an archive again while it is away, instead of beginning the whole work anew. What will not pass is thrown at once. */
export async function patiently<T>(job: Pick<Job, 'say' | 'signal'>, work: () => Promise<T>): Promise<T> {
  const begun = performance.now()
  for (;;) {
    try {
      return await work()
    }
    catch (error) {
      const isPassing = error instanceof EngineError && error.cause instanceof StoreError && error.cause.isPassing
      if (!isPassing || performance.now() - begun > longestMs)
        throw error
      job.say(`${error.message} It is tried again.`)
    }
    await delay(againMs, undefined, { signal: job.signal })
  }
}
