import type { OperationListQuery } from '@howdah/contract'
import type { Static } from 'typebox'
import type { OperationRow } from '../store/operations.ts'
import type { Caller } from './caller.ts'
import type { Domain } from './domain.ts'
import { findOperation, listOperations as listRows } from '../store/operations.ts'
import { decodePosition, encodeCursor, pageOf } from './cursor.ts'
import { notFound } from './errors.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Anything else would be an error of PostgreSQL's, and is simply nothing that exists. */
export function holdToUuid(id: string): void {
  if (!uuid.test(id))
    throw notFound()
}

/** Undefined for none; the caller was authorized when it got the id. */
export function operationNow(domain: Domain, projectId: string, id: string): Promise<OperationRow | undefined> {
  return findOperation(domain.store.db, projectId, id)
}

export async function getOperation(domain: Domain, caller: Caller, id: string): Promise<OperationRow> {
  holdToUuid(id)
  const row = await findOperation(domain.store.db, caller.principal.project.id, id)
  if (!row)
    throw notFound()
  return row
}

export async function listOperations(domain: Domain, caller: Caller, query: Static<typeof OperationListQuery>): Promise<{ rows: OperationRow[], nextCursor: string | null }> {
  const limit = query.limit ?? 50
  const rows = await listRows(domain.store.db, caller.principal.project.id, { database: query.database, type: query.type, phases: query.phase, before: decodePosition(query.cursor), limit: limit + 1 })
  return pageOf(rows, limit, row => encodeCursor(row.seq))
}
