import type { Db, Tx } from './db.ts'
import { sql } from 'kysely'

/** Any number that no other program uses as an advisory lock in this database. */
const lockKey = 7_246_329_402

/** One first start at a time, until the transaction ends. */
export async function lockInstallation(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${lockKey})`.execute(tx)
}

export async function findInstallationId(db: Db): Promise<string | undefined> {
  return (await db.selectFrom('installation').select('id').executeTakeFirst())?.id
}

export async function insertInstallation(tx: Tx, id: string): Promise<void> {
  await tx.insertInto('installation').values({ id }).execute()
}
