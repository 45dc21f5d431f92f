import type { ServiceEventQuery } from '@howdah/contract'
import type { Static } from 'typebox'
import type { ServiceEventRow } from '../store/service-events.ts'
import type { Caller } from './caller.ts'
import type { Domain } from './domain.ts'
import { listServiceEvents } from '../store/service-events.ts'
import { decodePosition, encodeCursor, pageOf } from './cursor.ts'
import { getDatabase } from './databases.ts'

/** What happened to a database, newest first. */
export async function listServiceLogs(domain: Domain, caller: Caller, name: string, query: Static<typeof ServiceEventQuery>): Promise<{ rows: ServiceEventRow[], nextCursor: string | null }> {
  const database = await getDatabase(domain, caller, name)
  const limit = query.limit ?? 50
  const rows = await listServiceEvents(domain.store.db, database.id, {
    type: query.type,
    severity: query.severity,
    from: query.from === undefined ? undefined : new Date(query.from),
    to: query.to === undefined ? undefined : new Date(query.to),
    before: decodePosition(query.cursor),
    limit: limit + 1,
  })
  return pageOf(rows, limit, row => encodeCursor(row.seq))
}
