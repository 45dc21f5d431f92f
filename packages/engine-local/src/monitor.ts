import type { Database } from './database.ts'
import { letGo, monitorConfig } from '@howdah/postgres'
import { Client } from 'pg'

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
