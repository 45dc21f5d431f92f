import type { Domain } from '../domain/domain.ts'
import { metricStepSeconds } from '@howdah/contract'
import { takeSamples } from '../store/metric-samples.ts'

const everyMs = metricStepSeconds * 1000
/** Into the minute, so that a clock of the store that is a little behind has begun it too. */
const afterMs = 2000

/** Samples every database once a minute. Each worker tries; the store lets one of them. */
export function startSampler(domain: Domain): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  let isStopped = false

  function schedule(): void {
    if (isStopped)
      return
    timer = setTimeout(() => running = sample(), everyMs - (Date.now() - afterMs) % everyMs)
    timer.unref()
  }
  async function sample(): Promise<void> {
    try {
      await takeSamples(domain.store.db)
    }
    catch (error) {
      domain.log.warn({ err: error }, 'the metrics of this minute could not be kept')
    }
    schedule()
  }

  schedule()
  return async () => {
    isStopped = true
    clearTimeout(timer)
    await running
  }
}
