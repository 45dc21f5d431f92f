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
  /** Of an operation that has not ended: whoever waits for its end need not look. Not kept, so what was missed comes without. */
  readonly goesOn?: true
}

const saidFields = sql`'id', said.id, 'projectId', said.project_id, 'kind', said.kind, 'name', said.name, 'refId', said.ref_id, 'at', said.at`
/** A `StreamMessage` from a row of `said`. */
export const streamPayload = sql`json_build_object(${saidFields})::text`
/** The same for an operation that goes on. */
export const progressPayload = sql`json_build_object(${saidFields}, 'goesOn', true)::text`

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
