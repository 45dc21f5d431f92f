import type { Client } from 'pg'
import { replicationName } from './instance-settings.ts'

/** How a replica is seen by its primary. */
export interface Following {
  readonly isStreaming: boolean
  readonly lagBytes: number
  readonly lagSeconds: number
}

/** Replicas that are connected, by ordinal. PostgreSQL forgets its measure of time when all is replayed: then it is none. */
export async function readFollowing(client: Client, ordinals: readonly number[]): Promise<ReadonlyMap<number, Following>> {
  const { rows } = await client.query<{ name: string, streaming: boolean, bytes: string | null, seconds: number | null }>(`
    select application_name as name, state = 'streaming' as streaming,
      greatest(0, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)) as bytes,
      round(coalesce(extract(epoch from replay_lag), 0)::numeric, 3)::float8 as seconds
    from pg_stat_replication where usename = 'howdah_replication'`)
  return new Map(ordinals.flatMap((ordinal) => {
    const row = rows.find(({ name }) => name === replicationName(ordinal))
    return row ? [[ordinal, { isStreaming: row.streaming, lagBytes: Number(row.bytes ?? 0), lagSeconds: Number(row.seconds ?? 0) }]] : []
  }))
}
