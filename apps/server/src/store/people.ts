import type { Insertable, Selectable, Updateable } from 'kysely'
import type { Db } from './db.ts'
import type { PeopleTable } from './schema.ts'
import { sql } from 'kysely'

export type PersonRow = Selectable<PeopleTable>

/** Constraint that a second person with the same e-mail meets. */
export const personEmailConstraint = 'people_email'

export function findPerson(db: Db, id: string): Promise<PersonRow | undefined> {
  return db.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Locked until the transaction ends. */
export function lockPerson(db: Db, id: string): Promise<PersonRow | undefined> {
  return db.selectFrom('people').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
}

export function findPersonByEmail(db: Db, email: string): Promise<PersonRow | undefined> {
  return db.selectFrom('people').selectAll().where(sql`lower(email)`, '=', sql`lower(${email})`).executeTakeFirst()
}

/** By e-mail, after it (in lower case). */
export function listPeople(db: Db, after: string | undefined, limit: number): Promise<PersonRow[]> {
  let query = db.selectFrom('people').selectAll()
  if (after !== undefined)
    query = query.where(sql`lower(email)`, '>', after)
  return query.orderBy(sql`lower(email)`).limit(limit).execute()
}

export function insertPerson(db: Db, row: Insertable<PeopleTable>): Promise<PersonRow> {
  return db.insertInto('people').values(row).returningAll().executeTakeFirstOrThrow()
}

export function updatePerson(db: Db, id: string, change: Updateable<PeopleTable>): Promise<PersonRow> {
  return db.updateTable('people').set(change).where('id', '=', id).returningAll().executeTakeFirstOrThrow()
}

export async function deletePerson(db: Db, id: string): Promise<void> {
  await db.deleteFrom('people').where('id', '=', id).execute()
}

/** Locks all operators who can sign in until the transaction ends, so that two cannot remove each other. */
export async function lockOperators(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('people').select('id').where('is_operator', '=', true).where('is_disabled', '=', false).orderBy('created_at').orderBy('id').forUpdate().execute()
  return rows.map(row => row.id)
}
