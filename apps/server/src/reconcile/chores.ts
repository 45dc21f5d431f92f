import type { Domain } from '../domain/domain.ts'
import { metricsKeptHours } from '@howdah/contract'
import { sql } from 'kysely'

const everyMs = 10 * 60_000

/** What is kept how long. The audit log is kept for ever: its chain has no gaps. */
const prunings = [
  sql`delete from stream_events where at < now() - interval '24 hours'`,
  sql`delete from idempotency_keys where created_at < now() - interval '24 hours'`,
  sql`delete from sessions where expires_at < now() - interval '7 days' or ended_at < now() - interval '7 days'`,
  sql`delete from service_events where at < now() - interval '90 days'`,
  sql`delete from metric_samples where at < now() - make_interval(hours => ${metricsKeptHours})`,
  sql`delete from operations where finished_at < now() - interval '90 days'`,
]

/** Removes what is too old, now and every ten minutes. Several workers may do it; it comes to the same. */
export function startChores(domain: Domain): () => void {
  const run = async (): Promise<void> => {
    for (const pruning of prunings)
      await pruning.execute(domain.store.db)
  }
  const guarded = (): void => void run().catch((error: unknown) => domain.log.warn({ err: error }, 'old records could not be removed; trying again later'))
  const timer = setInterval(guarded, everyMs)
  timer.unref()
  guarded()
  return () => clearInterval(timer)
}
