import type { Database } from './database.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { monitorConfig } from '@howdah/postgres'
import { Client } from 'pg'

const letGoWithinMs = 500

/** Log in as the monitoring role, through the address that users are given, and stay. `lost` hears when it breaks. */
export async function openMonitor(db: Database, answerWithinMs: number, lost: (client: Client) => void): Promise<Client> {
  const client = new Client({
    ...monitorConfig(db.address, db.identity.monitorPassword),
    connectionTimeoutMillis: answerWithinMs,
    query_timeout: answerWithinMs,
    keepAlive: true,
  })
  // A server that dies is heard of several times; whoever listens counts once.
  client.on('error', () => lost(client))
  client.on('end', () => lost(client))
  try {
    await client.connect()
    return client
  }
  catch (error) {
    await letGo(client)
    throw error
  }
}

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

/** Bytes on disk, WAL included. The server counts its own files faster than we could. */
export async function readStorage(client: Client): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(`
    select ((select sum(pg_database_size(oid)) from pg_database)
      + (select coalesce(sum(size), 0) from pg_ls_waldir()))::bigint as bytes`)
  return Number(rows[0]?.bytes)
}
