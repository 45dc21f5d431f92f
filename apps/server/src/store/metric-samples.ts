import type { Db } from './db.ts'
import { sql } from 'kysely'

/**
 * Writes down what is known of every database in this minute. Several processes may ask: the row that they all move on
 * lets one of them do it, and the others find nothing left to do. Of a database whose engine cannot be asked now
 * nothing is known, whatever was seen before. Answers how many samples were taken.
 */
export async function takeSamples(db: Db): Promise<number> {
  const { numAffectedRows } = await sql`
    with turn as (
      update installation set sampled_at = date_trunc('minute', now()) where sampled_at < date_trunc('minute', now()) returning sampled_at
    )
    insert into metric_samples (database_id, at, storage_used_bytes, connections, transactions_per_second)
    select id, sampled_at, (observed->>'storageUsedBytes')::bigint, (observed->>'connections')::int, (observed->>'transactionsPerSecond')::float8
    from turn, databases where observed->>'phase' <> 'unknown'`.execute(db)
  return Number(numAffectedRows ?? 0)
}

export interface MetricStep {
  /** Number of the step, from 0. */
  readonly step: number
  readonly storageUsedBytes: number | null
  readonly connections: number | null
  readonly transactionsPerSecond: number | null
}

/** The highest sample of each step that has one. */
export async function readMetricSteps(db: Db, databaseId: string, range: { from: Date, to: Date, stepSeconds: number }): Promise<MetricStep[]> {
  const { rows } = await sql<MetricStep>`
    select floor(extract(epoch from at - ${range.from}::timestamptz) / ${range.stepSeconds})::int as step,
      max(storage_used_bytes) as "storageUsedBytes", max(connections) as connections, max(transactions_per_second) as "transactionsPerSecond"
    from metric_samples where database_id = ${databaseId} and at >= ${range.from} and at < ${range.to}
    group by 1`.execute(db)
  return rows
}
