import type { Insertable, Selectable } from 'kysely'
import type { Buffer } from 'node:buffer'
import type { Db, Tx } from './db.ts'
import type { SessionsTable } from './schema.ts'
import { sql } from 'kysely'

export type SessionRow = Selectable<SessionsTable>

/** What a request with an access token may do now. No row: the session has ended, or the person may not come in. */
export interface SessionRights {
  readonly email: string
  readonly isOperator: boolean
  readonly projectName: string
  /** Null for someone who is not a member. */
  readonly role: string | null
}

/** On the path of every request that is not cached: one statement. */
export async function sessionRights(db: Db, sessionId: string, personId: string, projectId: string): Promise<SessionRights | undefined> {
  const { rows } = await sql<SessionRights>`
    select people.email, people.is_operator as "isOperator", projects.name as "projectName", members.role
    from sessions
    join people on people.id = sessions.person_id
    join projects on projects.id = ${projectId}
    left join members on members.project_id = projects.id and members.person_id = people.id
    where sessions.id = ${sessionId} and people.id = ${personId} and not people.is_disabled
      and sessions.ended_at is null and sessions.expires_at > now()`.execute(db)
  return rows[0]
}

export async function insertSession(tx: Tx, row: Insertable<SessionsTable>): Promise<void> {
  await tx.insertInto('sessions').values(row).execute()
}

export function findSession(db: Db, id: string): Promise<SessionRow | undefined> {
  return db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst()
}

export function isLive(session: SessionRow): boolean {
  return session.ended_at === null && session.expires_at.getTime() > Date.now()
}

/** Locked until the transaction ends: refreshes of one session happen one after the other. */
export function lockSession(tx: Tx, id: string): Promise<SessionRow | undefined> {
  return tx.selectFrom('sessions').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
}

export async function extendSession(tx: Tx, id: string, projectId: string, expiresAt: Date): Promise<void> {
  await tx.updateTable('sessions').set({ project_id: projectId, expires_at: expiresAt }).where('id', '=', id).execute()
}

export interface SessionFilter { readonly id?: string, readonly personId?: string, readonly projectId?: string, readonly exceptId?: string }

/** Ends the live sessions that fit. Answers their ids. */
export async function endSessions(tx: Tx, filter: SessionFilter): Promise<string[]> {
  let query = tx.updateTable('sessions').set({ ended_at: sql<Date>`now()` }).where('ended_at', 'is', null)
  if (filter.id !== undefined)
    query = query.where('id', '=', filter.id)
  if (filter.personId !== undefined)
    query = query.where('person_id', '=', filter.personId)
  if (filter.projectId !== undefined)
    query = query.where('project_id', '=', filter.projectId)
  if (filter.exceptId !== undefined)
    query = query.where('id', '!=', filter.exceptId)
  const rows = await query.returning('id').execute()
  return rows.map(row => row.id)
}

/** Deletes the person's sessions that nobody can use any more, some days after, with their refresh tokens. */
export async function forgetOldSessions(tx: Tx, personId: string): Promise<void> {
  await sql`delete from sessions where person_id = ${personId} and least(expires_at, ended_at) < now() - interval '7 days'`.execute(tx)
}

export async function insertRefreshToken(tx: Tx, sessionId: string, hash: Buffer): Promise<void> {
  await tx.insertInto('refresh_tokens').values({ session_id: sessionId, hash }).execute()
}

/** Seconds since it was used; null: not yet used. */
export interface RefreshTokenUse { readonly sessionId: string, readonly usedSecondsAgo: number | null }

export async function findRefreshToken(db: Db, hash: Buffer): Promise<RefreshTokenUse | undefined> {
  const { rows } = await sql<RefreshTokenUse>`
    select session_id as "sessionId", extract(epoch from clock_timestamp() - used_at)::float8 as "usedSecondsAgo"
    from refresh_tokens where hash = ${hash}`.execute(db)
  return rows[0]
}

export async function useRefreshToken(tx: Tx, hash: Buffer): Promise<void> {
  await sql`update refresh_tokens set used_at = clock_timestamp() where hash = ${hash}`.execute(tx)
}
