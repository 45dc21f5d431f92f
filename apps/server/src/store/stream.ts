import type { Db, Tx } from './db.ts'
import { sql } from 'kysely'

/** LISTEN channels. Payloads carry references only: NOTIFY is limited to 8000 bytes and is readable by any session. */
export const streamChannel = 'howdah_stream'
export const workChannel = 'howdah_work'
export const accessChannel = 'howdah_access'

export interface StreamMessage {
  readonly id: number
  readonly projectId: string
  readonly kind: string
  readonly name: string
  readonly refId: string | null
  /** RFC 3339. */
  readonly at: string
}

/** A `StreamMessage` from a row of `said`. */
export const streamPayload = sql`json_build_object('id', said.id, 'projectId', said.project_id, 'kind', said.kind, 'name', said.name, 'refId', said.ref_id, 'at', said.at)::text`

/** Writes stream events and tells every api process at commit. Call while the project's chain is locked. */
export async function announce(tx: Tx, projectId: string, notes: readonly { kind: string, name: string, refId?: string }[]): Promise<void> {
  if (notes.length === 0)
    return
  await sql`
    with said as (
      insert into stream_events (project_id, kind, name, ref_id)
      select ${projectId}::uuid, kind, name, ref_id from jsonb_to_recordset(${JSON.stringify(notes.map(note => ({ kind: note.kind, name: note.name, ref_id: note.refId ?? null })))}::jsonb)
        as note(kind text, name text, ref_id uuid)
      returning id, project_id, at, kind, name, ref_id
    )
    select pg_notify(${streamChannel}, ${streamPayload}) from said order by id`.execute(tx)
}

/** Events of a project after an id, oldest first. */
export function streamAfter(db: Db, projectId: string, afterId: number, limit: number) {
  return db.selectFrom('stream_events').selectAll().where('project_id', '=', projectId).where('id', '>', afterId).orderBy('id').limit(limit).execute()
}

/** Oldest id that is still kept in the whole stream, and the newest of the project. */
export async function streamBounds(db: Db, projectId: string): Promise<{ oldest: number, newest: number }> {
  const { rows } = await sql<{ oldest: number | null, newest: number | null }>`
    select (select min(id) from stream_events) as oldest, (select max(id) from stream_events where project_id = ${projectId}) as newest`.execute(db)
  return { oldest: rows[0]?.oldest ?? 0, newest: rows[0]?.newest ?? 0 }
}

/** Tells every api process at commit whose rights changed: people, sessions, API keys. */
export async function tellAccess(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0)
    await sql`select pg_notify(${accessChannel}, id::text) from unnest(${ids}::uuid[]) as id`.execute(tx)
}
