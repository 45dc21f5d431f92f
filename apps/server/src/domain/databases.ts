import type { DatabaseListQuery } from '@howdah/contract'
import type { Static } from 'typebox'
import type { DatabaseRow } from '../store/databases.ts'
import type { Caller } from './caller.ts'
import type { Domain } from './domain.ts'
import { branchesOf, findDatabase, listDatabases as listRows } from '../store/databases.ts'
import { decodeCursor, encodeCursor, pageOf } from './cursor.ts'
import { notFound } from './errors.ts'

export async function listDatabases(domain: Domain, caller: Caller, query: Static<typeof DatabaseListQuery>): Promise<{ rows: DatabaseRow[], nextCursor: string | null }> {
  const limit = query.limit ?? 50
  const rows = await listRows(domain.store.db, caller.principal.project.id, {
    q: query.q,
    phases: query.phase,
    labels: query.label?.map((label) => {
      const at = label.indexOf('=')
      return at < 0 ? { key: label, value: undefined } : { key: label.slice(0, at), value: label.slice(at + 1) }
    }),
    after: decodeCursor(query.cursor),
    limit: limit + 1,
  })
  return pageOf(rows, limit, row => encodeCursor(row.name))
}

/** The database of that name in the caller's project; otherwise the one 404. */
export async function getDatabase(domain: Domain, caller: Caller, name: string): Promise<DatabaseRow> {
  const row = await findDatabase(domain.store.db, caller.principal.project.id, name)
  if (!row)
    throw notFound()
  return row
}

export async function listBranches(domain: Domain, caller: Caller, name: string): Promise<DatabaseRow[]> {
  const { id } = await getDatabase(domain, caller, name)
  return branchesOf(domain.store.db, caller.principal.project.id, id)
}
