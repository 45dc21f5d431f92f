import type { Pool } from 'pg'
import type { Context } from './bench.ts'
import type { BenchServer } from './server.ts'
import { openPrivatePostgres } from '@howdah/engine-local'
import pg from 'pg'

/** The server's own store, to fill it with what a bench needs. */
export async function storeOf({ afterwards }: Context, server: BenchServer): Promise<Pool> {
  // It runs already: this only tells how to connect. Closing it would shut it down.
  const { connection } = await openPrivatePostgres({ dataDir: server.dataDir })
  const pool = new pg.Pool({ ...connection, max: 2 })
  afterwards(async () => await pool.end())
  return pool
}
