import type { Db } from './db.ts'

/** Keep what the place of a location is, unless it is known already; answers what is known. */
export async function rememberLocation(db: Db, name: string, identity: string): Promise<string> {
  await db.insertInto('locations').values({ name, identity }).onConflict(conflict => conflict.doNothing()).execute()
  const { identity: known } = await db.selectFrom('locations').select('identity').where('name', '=', name).executeTakeFirstOrThrow()
  return known
}
