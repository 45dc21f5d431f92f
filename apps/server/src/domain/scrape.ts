import type { Metrics } from '../telemetry/metrics.ts'
import type { Domain } from './domain.ts'
import { phases } from '@howdah/contract'
import { readGauges } from '../store/gauges.ts'
import { within } from './deadline.ts'

/** However often somebody asks, the store counts once in this time. */
const cachedMs = 1000
const deadlineMs = 2000

/** Brings the gauges up to date and answers the text for Prometheus. Answers without the store, too: it says so then. */
export function createScrape({ store, log }: Domain, metrics: Metrics): () => Promise<{ text: string, type: string }> {
  let refreshing: Promise<void> | undefined
  let refreshedAt = Number.NEGATIVE_INFINITY

  async function refresh(): Promise<void> {
    try {
      const gauges = await within(deadlineMs, readGauges(store.db), () => new Error(`the store did not answer within ${deadlineMs} ms`))
      for (const phase of phases)
        metrics.databases.set({ phase }, gauges.phases[phase] ?? 0)
      metrics.queueDepth.set(gauges.queueDepth)
      metrics.queueAge.set(gauges.queueAgeSeconds)
      metrics.storeUp.set(1)
    }
    catch (error) {
      // The last counts stay as they were; whoever alerts on them looks at howdah_store_up as well.
      log.warn({ err: error }, 'the gauges are not up to date')
      metrics.storeUp.set(0)
    }
    refreshedAt = performance.now()
  }

  return async () => {
    if (performance.now() - refreshedAt >= cachedMs) {
      refreshing ??= refresh().finally(() => {
        refreshing = undefined
      })
      await refreshing
    }
    const { totalCount, idleCount, waitingCount } = store.pool
    metrics.storePool.set({ state: 'busy' }, totalCount - idleCount)
    metrics.storePool.set({ state: 'idle' }, idleCount)
    metrics.storePool.set({ state: 'waiting' }, waitingCount)
    return { text: await metrics.registry.metrics(), type: metrics.registry.contentType }
  }
}
