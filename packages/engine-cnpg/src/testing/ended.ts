import type { Progress } from '@howdah/engine'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from '@howdah/engine'
import { until } from '@howdah/testkit'

/** Ask once, as the worker does: what is unavailable is to be tried again. */
export async function asked(step: () => Promise<Progress>): Promise<Progress> {
  return await step().catch((error: unknown): Progress => {
    if (error instanceof EngineError && error.code === 'unavailable')
      return { outcome: 'wait', step: 'try again', afterMs: 500, reason: error.message }
    throw error
  })
}

/** Ask again until it has ended. */
export async function ended(step: () => Promise<Progress>, { deadlineMs, what = 'it has ended' }: { readonly deadlineMs: number, readonly what?: string }): Promise<Progress> {
  return await until(async () => {
    const progress = await asked(step)
    if (progress.outcome === 'wait')
      await delay(progress.afterMs)
    return progress.outcome === 'done' || progress.outcome === 'failed' ? progress : undefined
  }, { deadlineMs, what })
}

/** The same for what has no other end. */
export async function done(step: () => Promise<Progress>, options: Parameters<typeof ended>[1]): Promise<void> {
  const progress = await ended(step, options)
  if (progress.outcome !== 'done')
    throw new Error(`${options.what ?? 'it'}: ${JSON.stringify(progress)}`)
}
