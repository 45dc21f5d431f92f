import type { RawBuilder } from 'kysely'
import type { NewAuditEntry } from './audit.ts'
import type { Tx } from './db.ts'
import { sql } from 'kysely'
import { streamChannel, streamPayload, workChannel } from './stream.ts'

/** What a change of a project writes down and tells at its end. */
export interface Appended {
  readonly entries: readonly NewAuditEntry[]
  readonly notes: readonly { readonly kind: string, readonly name: string, readonly refId?: string }[]
  /** Call every worker. The text says who calls, so that one that knows already can leave it. */
  readonly work: string | undefined
}

/**
 * Appends audit entries and stream events, and tells every process at commit. One statement, because changes of a project
 * queue for it: call while the project's chain is locked.
 */
export async function append(tx: Tx, projectId: string, { entries, notes, work }: Appended): Promise<void> {
  const last = entries.at(-1)
  const parts: RawBuilder<unknown>[] = []
  const told: RawBuilder<unknown>[] = []
  if (last) {
    parts.push(
      sql`logged as (
        insert into audit_log (project_id, id, at, actor, actor_kind, project, action, target, outcome, source_ip, user_agent, request_id, changes, prev_hash, hash)
        values ${sql.join(entries.map(entry => row(projectId, entry)))}
      )`,
      sql`head as (update chains set last_id = ${last.id}, last_hash = ${last.hash} where project_id = ${projectId})`,
    )
  }
  if (notes.length > 0) {
    parts.push(sql`said as (
      insert into stream_events (project_id, kind, name, ref_id)
      select ${projectId}::uuid, kind, name, ref_id from jsonb_to_recordset(${JSON.stringify(notes.map(note => ({ kind: note.kind, name: note.name, ref_id: note.refId ?? null })))}::jsonb)
        as note(kind text, name text, ref_id uuid)
      returning id, project_id, at, kind, name, ref_id
    )`)
    told.push(sql`select id, ${streamChannel}::text as channel, ${streamPayload} as payload from said`)
  }
  if (work !== undefined)
    told.push(sql`select null::bigint as id, ${workChannel}::text as channel, ${work}::text as payload`)
  const isTold = told.length > 0
  const tell = isTold ? sql`select pg_notify(channel, payload) from (${sql.join(told, sql` union all `)}) as told order by id` : sql`select`
  await (parts.length > 0 ? sql`with ${sql.join(parts)} ${tell}` : tell).execute(tx)
}

function row(projectId: string, entry: NewAuditEntry): RawBuilder<unknown> {
  return sql`(${sql.join([
    projectId,
    entry.id,
    new Date(entry.at),
    entry.actor,
    entry.actorKind,
    entry.project,
    entry.action,
    entry.target,
    entry.outcome,
    entry.sourceIp,
    entry.userAgent,
    entry.requestId,
    JSON.stringify(entry.changes),
    entry.prevHash,
    entry.hash,
  ])})`
}
