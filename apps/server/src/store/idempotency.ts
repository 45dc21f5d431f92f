import type { Buffer } from 'node:buffer'
import type { Db, Tx } from './db.ts'
import { sql } from 'kysely'

/** Claims the key for this transaction; waits for another one that holds it, and fails if that one commits. */
export async function claimIdempotencyKey(tx: Tx, scope: string, key: string, requestHash: Buffer): Promise<void> {
  await sql`delete from idempotency_keys where scope = ${scope} and key = ${key} and created_at < now() - interval '24 hours'`.execute(tx)
  await tx.insertInto('idempotency_keys').values({
    scope,
    key,
    request_hash: requestHash,
    status: 0,
    response: null,
  }).execute()
}

export async function storeIdempotentAnswer(tx: Tx, scope: string, key: string, status: number, response: Buffer): Promise<void> {
  await tx.updateTable('idempotency_keys').set({ status, response }).where('scope', '=', scope).where('key', '=', key).execute()
}

export function findIdempotentAnswer(db: Db, scope: string, key: string) {
  return db.selectFrom('idempotency_keys').select(['request_hash', 'status', 'response']).where('scope', '=', scope).where('key', '=', key).where('created_at', '>', sql<Date>`now() - interval '24 hours'`).executeTakeFirst()
}
