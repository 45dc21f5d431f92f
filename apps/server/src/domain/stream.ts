import type { DatabaseRow } from '../store/databases.ts'
import type { OperationRow } from '../store/operations.ts'
import type { ServiceEventRow } from '../store/service-events.ts'
import type { StreamMessage } from '../store/stream.ts'
import type { Domain } from './domain.ts'
import { findOperations } from '../store/operations.ts'
import { findServiceEvents } from '../store/service-events.ts'
import { streamAfter, streamBounds } from '../store/stream.ts'

/** A stream message with the thing it is about, as that is now. */
export interface StreamItem {
  readonly message: StreamMessage
  readonly database?: DatabaseRow | undefined
  readonly operation?: OperationRow | undefined
  readonly event?: ServiceEventRow | undefined
}

/**
 * Reads what messages are about, in three statements however many there are. Of several messages about one thing
 * only the last is kept: a reader gets the newest state, and gets it once.
 */
export async function resolveMessages(domain: Domain, projectId: string, messages: readonly StreamMessage[]): Promise<StreamItem[]> {
  const newest = new Map<string, StreamMessage>()
  for (const message of messages) {
    const key = message.kind === 'event' || message.kind === 'operation' ? `${message.kind} ${message.refId}` : `database ${message.name}`
    newest.delete(key)
    newest.set(key, message)
  }
  const wanted = [...newest.values()].sort((a, b) => a.id - b.id)
  const idsOf = (kind: string) => wanted.flatMap(message => message.kind === kind && message.refId ? [message.refId] : [])
  const names = wanted.filter(message => message.kind === 'database').map(message => message.name)
  const { db } = domain.store
  const [databases, operations, events] = await Promise.all([
    names.length === 0 ? [] : db.selectFrom('databases').selectAll().where('project_id', '=', projectId).where('name', 'in', names).execute(),
    findOperations(db, idsOf('operation')),
    findServiceEvents(db, idsOf('event')),
  ])
  const databaseOf = new Map(databases.map(row => [row.name, row]))
  const operationOf = new Map(operations.map(row => [row.id, row]))
  const eventOf = new Map(events.map(row => [row.id, row]))
  return wanted.flatMap((message): StreamItem[] => {
    if (message.kind === 'database-deleted')
      return [{ message }]
    const item = { message, database: message.kind === 'database' ? databaseOf.get(message.name) : undefined, operation: operationOf.get(message.refId ?? ''), event: eventOf.get(message.refId ?? '') }
    // What is gone meanwhile has said so by a message of its own.
    return item.database || item.operation || item.event ? [item] : []
  })
}

/** Where a reader that begins now stands. */
export async function newestPosition(domain: Domain, projectId: string): Promise<number> {
  return (await streamBounds(domain.store.db, projectId)).newest
}

/** Most messages that a reader can have missed and still be served; one more, and it has to read everything again. */
const longestGap = 5000

export type Missed = { readonly kind: 'messages', readonly messages: readonly StreamMessage[] } | { readonly kind: 'reset', readonly newest: number }

/** What a reader missed since an id. `reset`: it is too long ago to tell. */
export async function missedSince(domain: Domain, projectId: string, lastId: number): Promise<Missed> {
  const { oldest, newest } = await streamBounds(domain.store.db, projectId)
  const isPruned = lastId + 1 < oldest && newest > lastId
  // An id of the future: the store was put back to an earlier time.
  if (isPruned || lastId > newest)
    return { kind: 'reset', newest }
  const rows = await streamAfter(domain.store.db, projectId, lastId, longestGap + 1)
  if (rows.length > longestGap)
    return { kind: 'reset', newest }
  return { kind: 'messages', messages: rows.map(row => ({ id: row.id, projectId: row.project_id, kind: row.kind, name: row.name, refId: row.ref_id, at: row.at.toISOString() })) }
}
