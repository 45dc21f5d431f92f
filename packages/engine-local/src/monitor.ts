import type { Database } from './database.ts'
import { letGo, monitorConfig } from '@howdah/postgres'
import { Client } from 'pg'

/**
 * Log in as the monitoring role, and stay: through the address that users are given, or where there are several instances
 * at the primary itself, because the gateway's end is not the server's. `lost` hears when it breaks.
 */
export async function openMonitor(db: Database, answerWithinMs: number, lost: (client: Client) => void): Promise<Client> {
  const client = new Client({
    ...monitorConfig(db.directAddress, db.identity.monitorPassword),
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
