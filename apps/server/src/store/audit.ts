import type { Selectable } from 'kysely'
import type { Db, Tx } from './db.ts'
import type { AuditLogTable } from './schema.ts'
import { sql } from 'kysely'

export interface NewAuditEntry {
  readonly id: number
  readonly at: string
  readonly actor: string
  readonly actorKind: string
  readonly project: string
  readonly action: string
  readonly target: string
  readonly outcome: string
  readonly sourceIp: string | null
  readonly userAgent: string | null
  readonly requestId: string | null
  readonly changes: unknown
  readonly prevHash: string
  readonly hash: string
}

export type AuditRow = Selectable<AuditLogTable>

/** Locks the head of the project's chain until the transaction ends. */
export async function lockChain(tx: Tx, projectId: string): Promise<{ id: number, hash: string }> {
  const { rows } = await sql<{ id: number, hash: string }>`
    insert into chains (project_id) values (${projectId})
    on conflict (project_id) do update set last_id = chains.last_id
    returning last_id as id, last_hash as hash`.execute(tx)
  return rows[0]!
}

export interface AuditFilter {
  readonly from?: Date | undefined
  readonly to?: Date | undefined
  readonly actor?: string | undefined
  /** A whole action, or the beginning of one with a final dot. */
  readonly action?: string | undefined
  /** Whole target. */
  readonly target?: string | undefined
  /** Target itself and everything below it. */
  readonly targetTree?: string | undefined
  readonly outcome?: string | undefined
  /** Entries older than this position. */
  readonly before?: number | undefined
  readonly limit: number
}

/** Newest first. */
export function listAudit(db: Db, projectId: string, filter: AuditFilter): Promise<AuditRow[]> {
  let query = db.selectFrom('audit_log').selectAll().where('project_id', '=', projectId)
  if (filter.from)
    query = query.where('at', '>=', filter.from)
  if (filter.to)
    query = query.where('at', '<=', filter.to)
  if (filter.actor !== undefined)
    query = query.where('actor', '=', filter.actor)
  if (filter.action?.endsWith('.'))
    query = query.where(sql<boolean>`starts_with(action, ${filter.action})`)
  else if (filter.action !== undefined)
    query = query.where('action', '=', filter.action)
  if (filter.target !== undefined)
    query = query.where('target', '=', filter.target)
  if (filter.targetTree !== undefined) {
    const tree = filter.targetTree
    query = query.where(eb => eb.or([
      eb('target', '=', tree),
      eb(sql<boolean>`starts_with(target, ${`${tree}/`})`, '=', true),
    ]))
  }
  if (filter.outcome !== undefined)
    query = query.where('outcome', '=', filter.outcome)
  if (filter.before !== undefined)
    query = query.where('id', '<', filter.before)
  return query.orderBy('id', 'desc').limit(filter.limit).execute()
}

/**
 * Oldest first, from after `afterId`: what the verification walks through. One text per slice, because a million entries
 * as rows of fourteen columns cost five times as much to take apart.
 */
export async function auditSlice(db: Db, projectId: string, afterId: number, limit: number): Promise<NewAuditEntry[]> {
  const { rows } = await sql<{ slice: NewAuditEntry[] | null }>`
    select json_agg(json_build_object(
      'id', id, 'at', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'actor', actor, 'actorKind', actor_kind,
      'project', project, 'action', action, 'target', target, 'outcome', outcome, 'sourceIp', source_ip,
      'userAgent', user_agent, 'requestId', request_id, 'changes', changes, 'prevHash', prev_hash, 'hash', hash)) as slice
    from (select * from audit_log where project_id = ${projectId} and id > ${afterId} order by id limit ${limit}) as entries`.execute(db)
  return rows[0]?.slice ?? []
}

/** What the chain's head says, and the newest entry that is there, as one statement sees them: they are never apart. */
export async function auditHead(db: Db, projectId: string): Promise<{ lastId: number, lastHash: string, newestId: number }> {
  const { rows } = await sql<{ lastId: number, lastHash: string, newestId: number }>`
    select coalesce(max(last_id), 0) as "lastId", coalesce(max(last_hash), '') as "lastHash",
      (select coalesce(max(id), 0) from audit_log where project_id = ${projectId}) as "newestId"
    from chains where project_id = ${projectId}`.execute(db)
  return rows[0]!
}
