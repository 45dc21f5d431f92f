import type { Insertable, Selectable } from 'kysely'
import type { Buffer } from 'node:buffer'
import type { Db, Tx } from './db.ts'
import type { ApiKeysTable } from './schema.ts'
import { sql } from 'kysely'

/** With the e-mail of who made it. */
export type ApiKeyRow = Selectable<ApiKeysTable> & { readonly created_by: string }

/** Constraint that a second key of the same name in the project meets. */
export const apiKeyNameConstraint = 'api_keys_project_id_name_key'

function apiKeys(db: Db) {
  return db.selectFrom('api_keys').innerJoin('people', 'people.id', 'api_keys.person_id').selectAll('api_keys').select('people.email as created_by')
}

export function findApiKey(db: Db, projectId: string, id: string): Promise<ApiKeyRow | undefined> {
  return apiKeys(db).where('api_keys.project_id', '=', projectId).where('api_keys.id', '=', id).executeTakeFirst()
}

/** By name, after the name. */
export function listApiKeys(db: Db, projectId: string, after: string | undefined, limit: number): Promise<ApiKeyRow[]> {
  let query = apiKeys(db).where('api_keys.project_id', '=', projectId)
  if (after !== undefined)
    query = query.where('api_keys.name', '>', after)
  return query.orderBy('api_keys.name').limit(limit).execute()
}

/** What a request with a key may do now. No row: revoked, or its maker may not come in. */
export interface ApiKeyRights {
  readonly id: string
  readonly personId: string
  readonly name: string
  readonly role: string
  readonly scopes: string[] | null
  readonly expiresAt: Date | null
  readonly makerIsOperator: boolean
  /** The maker's role in the project now; null for someone who is not a member. */
  readonly makerRole: string | null
  readonly projectId: string
  readonly projectName: string
}

/** On the path of every request that is not cached: one statement. */
export async function apiKeyRights(db: Db, hash: Buffer): Promise<ApiKeyRights | undefined> {
  const { rows } = await sql<ApiKeyRights>`
    select api_keys.id, people.id as "personId", api_keys.name, api_keys.role, api_keys.scopes,
      api_keys.expires_at as "expiresAt", people.is_operator as "makerIsOperator", members.role as "makerRole",
      projects.id as "projectId", projects.name as "projectName"
    from api_keys
    join people on people.id = api_keys.person_id
    join projects on projects.id = api_keys.project_id
    left join members on members.project_id = projects.id and members.person_id = people.id
    where api_keys.hash = ${hash} and not people.is_disabled`.execute(db)
  return rows[0]
}

export async function insertApiKey(tx: Tx, row: Insertable<ApiKeysTable>): Promise<void> {
  await tx.insertInto('api_keys').values(row).execute()
}

export interface ApiKeyFilter { readonly id?: string, readonly personId?: string, readonly name?: string }

/** Deletes the project's keys that fit. Answers their ids. */
export async function deleteApiKeys(tx: Tx, projectId: string, filter: ApiKeyFilter): Promise<string[]> {
  let query = tx.deleteFrom('api_keys').where('project_id', '=', projectId)
  if (filter.id !== undefined)
    query = query.where('id', '=', filter.id)
  if (filter.personId !== undefined)
    query = query.where('person_id', '=', filter.personId)
  if (filter.name !== undefined)
    query = query.where('name', '=', filter.name)
  const rows = await query.returning('id').execute()
  return rows.map(row => row.id)
}

/** Deletes the person's keys of all projects. */
export async function deleteApiKeysOf(tx: Tx, personId: string): Promise<void> {
  await tx.deleteFrom('api_keys').where('person_id', '=', personId).execute()
}

/** Notes that the key was used, unless another process did within the minute. */
export async function touchApiKey(db: Db, id: string): Promise<void> {
  await sql`update api_keys set last_used_at = now() where id = ${id} and (last_used_at is null or last_used_at < now() - interval '1 minute')`.execute(db)
}
