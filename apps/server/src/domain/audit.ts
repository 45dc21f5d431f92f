import type { AuditQuery } from '@howdah/contract'
import type { Static } from 'typebox'
import type { AuditRow } from '../store/audit.ts'
import type { Caller } from './caller.ts'
import type { Domain } from './domain.ts'
import { listAudit } from '../store/audit.ts'
import { decodePosition, encodeCursor, pageOf } from './cursor.ts'
import { getDatabase } from './databases.ts'

type Query = Static<typeof AuditQuery>
export interface AuditPage { readonly rows: AuditRow[], readonly nextCursor: string | null }

/** Entries of the caller's project, newest first. */
export async function listProjectAudit(domain: Domain, { principal }: Caller, query: Query): Promise<AuditPage> {
  return await list(domain, principal.project.id, query, undefined)
}

/** Entries about one database and what is in it, newest first. */
export async function listDatabaseAudit(domain: Domain, caller: Caller, name: string, query: Query): Promise<AuditPage> {
  const database = await getDatabase(domain, caller, name)
  return await list(domain, database.project_id, query, `database/${database.name}`)
}

async function list(domain: Domain, projectId: string, query: Query, targetTree: string | undefined): Promise<AuditPage> {
  const limit = query.limit ?? 50
  const rows = await listAudit(domain.store.db, projectId, {
    from: query.from === undefined ? undefined : new Date(query.from),
    to: query.to === undefined ? undefined : new Date(query.to),
    actor: query.actor,
    action: query.action,
    target: query.target,
    targetTree,
    outcome: query.outcome,
    before: decodePosition(query.cursor),
    limit: limit + 1,
  })
  return pageOf(rows, limit, row => encodeCursor(row.id))
}
