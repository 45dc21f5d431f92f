import type { Db } from './db.ts'
import { sql } from 'kysely'

export interface Gauges {
  readonly phases: Readonly<Record<string, number>>
  readonly queueDepth: number
  /** Of the oldest operation that has not ended; 0 without one. */
  readonly queueAgeSeconds: number
}

/** Counts over the whole installation, for the metrics: one statement. */
export async function readGauges(db: Db): Promise<Gauges> {
  const { rows } = await sql<Gauges>`
    select
      (select coalesce(json_object_agg(phase, n), '{}') from (select phase, count(*) as n from databases group by phase) as by_phase) as phases,
      count(*)::int as "queueDepth",
      coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as "queueAgeSeconds"
    from operations where phase in ('pending', 'running')`.execute(db)
  return rows[0]!
}
