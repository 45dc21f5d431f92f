import type { Client } from 'pg'
import { setTimeout as delay } from 'node:timers/promises'
import { maintenanceDatabase } from './names.ts'

const letGoWithinMs = 500

/** End a connection; one to a server that does not answer is cut. */
export async function letGo(client: Client): Promise<void> {
  const deadline = new AbortController()
  await Promise.race([
    client.end(),
    delay(letGoWithinMs, undefined, { signal: deadline.signal }).then(() => client.connection.stream.destroy()).catch(() => undefined),
  ])
  deadline.abort()
}

/** Sessions of users now. */
export async function readConnections(client: Client): Promise<number> {
  const { rows } = await client.query<{ connections: number }>(`
    select count(*)::int as connections from pg_stat_activity
    where backend_type = 'client backend' and usename not like 'howdah\\_%'`)
  return rows[0]?.connections ?? 0
}

export interface Usage {
  /** On disk, WAL included. The server counts its own files faster than we could. */
  readonly storageBytes: number
  /** Since the statistics began, in the databases of users: we work in our own. */
  readonly transactions: number
}

export async function readUsage(client: Client): Promise<Usage> {
  const { rows } = await client.query<{ bytes: string, transactions: string }>(`
    select ((select sum(pg_database_size(oid)) from pg_database)
      + (select coalesce(sum(size), 0) from pg_ls_waldir()))::bigint as bytes,
      (select coalesce(sum(xact_commit + xact_rollback), 0)::bigint from pg_stat_database where datname <> '${maintenanceDatabase}') as transactions`)
  return { storageBytes: Number(rows[0]?.bytes), transactions: Number(rows[0]?.transactions) }
}

/** Between two counts, to one decimal; undefined when the statistics began anew. */
export function transactionsPerSecond(before: number, now: number, ms: number): number | undefined {
  return now < before || ms <= 0
    ? undefined
    : Math.round((now - before) / ms * 10_000) / 10
}
