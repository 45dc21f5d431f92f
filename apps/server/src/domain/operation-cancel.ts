import type { DatabaseChange, DatabaseRow } from '../store/databases.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Caller } from './caller.ts'
import type { Change } from './change.ts'
import type { Domain } from './domain.ts'
import { deleteDatabaseUser, deleteDb, updateDatabaseUser, updateDb } from '../store/database-users.ts'
import { columnsOf, findDatabaseById, lockDatabaseById } from '../store/databases.ts'
import { findOperation, lockOperation, openOperations, updateOperation } from '../store/operations.ts'
import { actorOf, change } from './change.ts'
import { AppError, notFound } from './errors.ts'
import { settle } from './settle.ts'

/** A worker has begun: only what leaves nothing half-done behind can still be stopped. */
const cancellableWhileRunning: readonly string[] = ['database.create']

export function isCancellable(row: Pick<OperationRow, 'phase' | 'type' | 'cancel_requested'>): boolean {
  if (row.type === 'database.delete' || row.cancel_requested)
    return false
  return row.phase === 'scheduled' || row.phase === 'pending' || (row.phase === 'running' && cancellableWhileRunning.includes(row.type))
}

/** Cancels at once what waits; asks the worker to stop what runs. */
export async function cancelOperation(domain: Domain, caller: Caller, id: string): Promise<OperationRow> {
  const { project } = caller.principal
  return change(domain, project, actorOf(caller), async (change) => {
    const seen = await findOperation(change.tx, project.id, id)
    if (!seen)
      throw notFound()
    // The database first, as everybody locks them: in the other order two could wait for each other.
    const database = await lockDatabaseById(change.tx, seen.database_id)
    const found = await lockOperation(change.tx, id)
    if (!found)
      throw notFound()
    if (found.phase === 'cancelled' || found.cancel_requested)
      return found
    if (!isCancellable(found))
      throw new AppError('wrong-phase', `The operation is ${found.phase} and cannot be cancelled${found.phase === 'running' ? ' any more; it has begun to change the database' : ''}.`)
    change.audit({ action: 'operations.cancel', target: `database/${found.database_name}`, changes: { operation: { from: found.phase, to: 'cancelled' }, type: { from: found.type, to: found.type } } })
    if (await hasSuccessor(change, found))
      throw new AppError('wrong-phase', 'A later change of the database builds on this one. Cancel that one first.')
    if (found.phase === 'running') {
      change.wakeWorker()
      change.announce({ kind: 'operation', name: found.database_name, refId: found.id })
      return updateOperation(change.tx, id, { cancel_requested: true })
    }
    const cancelled = await cancelPending(change, found, 'It was cancelled before it began.')
    if (database)
      await settle(change, project, database, takenBack(found, database))
    return cancelled
  })
}

/** Columns of the spec that this operation changed were changed again since: taking back the older change would undo the newer. */
async function hasSuccessor(change: Change, operation: OperationRow): Promise<boolean> {
  const columns = Object.keys(operation.undo ?? {})
  return operation.type.startsWith('database.') && (await openOperations(change.tx, operation.database_id))
    .some(later => later.seq > operation.seq && Object.keys(later.undo ?? {}).some(column => columns.includes(column)))
}

/** Ends an operation that no worker has taken, with what it had already written about users and logical databases. */
export async function cancelPending(change: Change, operation: OperationRow, message: string): Promise<OperationRow> {
  const { database_id: id, target, type } = operation
  const back = { phase: 'ready', operation_id: null }
  if (type === 'user.create')
    await deleteDatabaseUser(change.tx, id, target)
  else if (type === 'user.update')
    await updateDatabaseUser(change.tx, id, target, { ...back, next_password: null, ...operation.undo })
  else if (type === 'database.rotate-credentials')
    await forgetNextPassword(change, id)
  else if (type === 'user.delete')
    await updateDatabaseUser(change.tx, id, target, back)
  else if (type === 'db.create')
    await deleteDb(change.tx, id, target)
  else if (type === 'db.delete')
    await updateDb(change.tx, id, target, back)
  change.announce({ kind: 'operation', name: operation.database_name, refId: operation.id })
  return updateOperation(change.tx, operation.id, { phase: 'cancelled', finished_at: new Date(), message })
}

async function forgetNextPassword(change: Change, databaseId: string): Promise<void> {
  const database = await findDatabaseById(change.tx, databaseId)
  if (database)
    await updateDatabaseUser(change.tx, databaseId, database.owner, { next_password: null })
}

/** The database's columns as they were before the operation was asked for. */
function takenBack(operation: OperationRow, database: DatabaseRow): DatabaseChange {
  if (operation.phase === 'scheduled')
    return { scheduled_operation_id: null }
  if (operation.type === 'database.create')
    return { failure: JSON.stringify({ operation: operation.id, reason: 'Cancelled', message: 'Its creation was cancelled. Delete it.' }) }
  if (!operation.undo || !operation.type.startsWith('database.'))
    return {}
  return { ...columnsOf(operation.undo), generation: database.generation + 1 }
}
