import type { Client } from 'pg'
import { parseLsn } from '@howdah/postgres'
import { replicationName } from './instance-settings.ts'

/** How a replica is seen by its primary. */
export interface Following {
  readonly isStreaming: boolean
  readonly lagBytes: number
  readonly lagSeconds: number
}

/**
 * A replica answers twice as often. One that was stopped while much is sent to it does not, and neither does PostgreSQL end what sends to it, nor the
 * checkpoint that wants the slot back.
 */
const answersWithinS = 15

/**
 * Replicas that are connected, by ordinal. PostgreSQL forgets its measure of time when all is replayed: then it is none. Of one that is silent it keeps
 * what it measured before, so that one has been behind since it answered last.
 */
export async function readFollowing(client: Client, ordinals: readonly number[]): Promise<ReadonlyMap<number, Following>> {
  const { rows } = await client.query<{ name: string, streaming: boolean, bytes: string | null, seconds: number | null }>(`
    select application_name as name, state = 'streaming' and coalesce(reply_time > now() - interval '${answersWithinS} s', true) as streaming,
      greatest(0, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)) as bytes,
      round(extract(epoch from greatest(replay_lag, case when replay_lsn < pg_current_wal_lsn() and reply_time < now() - interval '2 s' then now() - reply_time end, interval '0'))::numeric, 3)::float8 as seconds
    from pg_stat_replication where usename = 'howdah_replication'`)
  return new Map(ordinals.flatMap((ordinal) => {
    const row = rows.find(({ name }) => name === replicationName(ordinal))
    return row ? [[ordinal, { isStreaming: row.streaming, lagBytes: Number(row.bytes ?? 0), lagSeconds: Number(row.seconds ?? 0) }]] : []
  }))
}

/** What a primary says of its WAL. */
export interface WalSeen {
  /** All before it is on its disk. */
  readonly end: bigint | undefined
  /** The replicas for which it keeps none any longer, because that held more than it may. */
  readonly unkept: ReadonlySet<number>
}

export async function readWal(client: Client, ordinals: readonly number[]): Promise<WalSeen> {
  const { rows } = await client.query<{ end: string, lost: string[] }>(`
    select pg_current_wal_flush_lsn()::text as end, array(select slot_name::text from pg_replication_slots where wal_status = 'lost') as lost`)
  return { end: parseLsn(rows[0]?.end ?? ''), unkept: new Set(ordinals.filter(ordinal => rows[0]?.lost.includes(replicationName(ordinal)))) }
}
