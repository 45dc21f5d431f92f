import type { Selectable } from 'kysely'
import type { Db, Tx } from './db.ts'
import type { ServiceEventsTable } from './schema.ts'
import { randomUUID } from 'node:crypto'

export type ServiceEventRow = Selectable<ServiceEventsTable>

export interface NewServiceEvent {
  readonly projectId: string
  readonly databaseId: string
  readonly databaseName: string
  readonly at?: Date
  readonly type: string
  readonly severity: 'info' | 'warning' | 'error'
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
}

/** Answers the new event's id. */
export async function insertServiceEvent(tx: Tx, event: NewServiceEvent): Promise<string> {
  const id = randomUUID()
  await tx.insertInto('service_events').values({
    id,
    project_id: event.projectId,
    database_id: event.databaseId,
    database_name: event.databaseName,
    at: event.at ?? new Date(),
    type: event.type,
    severity: event.severity,
    message: event.message,
    details: JSON.stringify(event.details ?? {}),
  }).execute()
  return id
}

export function findServiceEvents(db: Db, ids: readonly string[]): Promise<ServiceEventRow[]> {
  return ids.length === 0 ? Promise.resolve([]) : db.selectFrom('service_events').selectAll().where('id', 'in', [...ids]).execute()
}

const severities = ['info', 'warning', 'error']

/** Newest first. */
export function listServiceEvents(db: Db, databaseId: string, filter: { type?: string | undefined, severity?: string | undefined, from?: Date | undefined, to?: Date | undefined, before?: number | undefined, limit: number }): Promise<ServiceEventRow[]> {
  let query = db.selectFrom('service_events').selectAll().where('database_id', '=', databaseId)
  if (filter.type !== undefined)
    query = query.where('type', '=', filter.type)
  if (filter.severity !== undefined)
    query = query.where('severity', 'in', severities.slice(severities.indexOf(filter.severity)))
  if (filter.from)
    query = query.where('at', '>=', filter.from)
  if (filter.to)
    query = query.where('at', '<=', filter.to)
  if (filter.before !== undefined)
    query = query.where('seq', '<', filter.before)
  return query.orderBy('seq', 'desc').limit(filter.limit).execute()
}
