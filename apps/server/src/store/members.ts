import type { Db } from './db.ts'
import { sql } from 'kysely'

/** A membership with the person's part that lists show. */
export interface MemberRow {
  readonly person_id: string
  readonly email: string
  readonly name: string
  readonly role: string
  readonly created_at: Date
}

/** Constraint that adding a member twice meets. */
export const memberConstraint = 'members_pkey'

function members(db: Db) {
  return db.selectFrom('members').innerJoin('people', 'people.id', 'members.person_id').select([
    'members.person_id',
    'people.email',
    'people.name',
    'members.role',
    'members.created_at',
  ])
}

export function findMember(db: Db, projectId: string, personId: string): Promise<MemberRow | undefined> {
  return members(db).where('members.project_id', '=', projectId).where('members.person_id', '=', personId).executeTakeFirst()
}

/** By e-mail, after it (in lower case). */
export function listMembers(db: Db, projectId: string, after: string | undefined, limit: number): Promise<MemberRow[]> {
  let query = members(db).where('members.project_id', '=', projectId)
  if (after !== undefined)
    query = query.where(sql`lower(people.email)`, '>', after)
  return query.orderBy(sql`lower(people.email)`).limit(limit).execute()
}

export interface MembershipRow { readonly id: string, readonly name: string, readonly role: string }

/** Where the person is a member, by the project's name. */
export function membershipsOf(db: Db, personId: string): Promise<MembershipRow[]> {
  return db.selectFrom('members').innerJoin('projects', 'projects.id', 'members.project_id').select([
    'projects.id',
    'projects.name',
    'members.role',
  ]).where('members.person_id', '=', personId).orderBy('projects.name').execute()
}

export async function insertMember(db: Db, projectId: string, personId: string, role: string): Promise<void> {
  await db.insertInto('members').values({ project_id: projectId, person_id: personId, role }).execute()
}

export async function setMemberRole(db: Db, projectId: string, personId: string, role: string): Promise<void> {
  await db.updateTable('members').set({ role }).where('project_id', '=', projectId).where('person_id', '=', personId).execute()
}

export async function deleteMember(db: Db, projectId: string, personId: string): Promise<void> {
  await db.deleteFrom('members').where('project_id', '=', projectId).where('person_id', '=', personId).execute()
}

/** Locks the project's admins until the transaction ends, so that two cannot remove each other. */
export async function lockAdmins(db: Db, projectId: string): Promise<string[]> {
  const rows = await db.selectFrom('members').select('person_id').where('project_id', '=', projectId).where('role', '=', 'admin').orderBy('person_id').forUpdate().execute()
  return rows.map(row => row.person_id)
}

/** Projects of which the person is the only admin. */
export async function projectsOnlyAdminedBy(db: Db, personId: string): Promise<string[]> {
  const rows = await db.selectFrom('members as mine').innerJoin('projects', 'projects.id', 'mine.project_id').select('projects.name').where('mine.person_id', '=', personId).where('mine.role', '=', 'admin').where(({ not, exists, selectFrom }) => not(exists(
    selectFrom('members as other').select('other.person_id').whereRef('other.project_id', '=', 'mine.project_id').where('other.role', '=', 'admin').where('other.person_id', '!=', personId),
  ))).orderBy('projects.name').execute()
  return rows.map(row => row.name)
}
