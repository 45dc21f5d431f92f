import type { DatabaseRow } from '../store/databases.ts'
import type { OperationRow } from '../store/operations.ts'
import type { StoredOperationError } from '../store/schema.ts'
import type { Change } from './change.ts'
import type { Domain } from './domain.ts'
import { findDatabaseById, lockDatabaseById } from '../store/databases.ts'
import { lockOperation, openOperations, updateOperation } from '../store/operations.ts'
import { insertServiceEvent } from '../store/service-events.ts'
import { before, holdToPhase, plannedUpdate } from './change-database.ts'
import { change, system } from './change.ts'
import { holdToQuota } from './create-database.ts'
import { AppError } from './errors.ts'
import { nextInWindow } from './maintenance-window.ts'
import { postpone } from './operation-postpone.ts'
import { storedSteps } from './operation-start.ts'
import { settle } from './settle.ts'
import { plannedUpgrade } from './upgrade.ts'

interface Project { readonly id: string, readonly name: string }

/**
 * Writes the spec that was asked for and hands the operation to the workers, if the window is open and nothing else is
 * being done. A database that allows no change now is looked at again until the window closes; what cannot be done any
 * more has failed, and the database stays as it is.
 */
export async function beginScheduled(domain: Domain, project: Project, { id, database_id: databaseId }: Pick<OperationRow, 'id' | 'database_id'>): Promise<void> {
  const seen = await findDatabaseById(domain.store.db, databaseId)
  const now = new Date()
  if (!seen || seen.scheduled_operation_id !== id)
    return
  if (nextInWindow(seen.maintenance_window, now) > now)
    return await change(domain, project, system, async change => await whileWaiting(change, seen, id, async row => await postpone(change, row, id, now)))
  try {
    await begin(domain, project, seen, id)
  }
  catch (error) {
    if (!(error instanceof AppError) || error.code === 'unavailable')
      throw error
    if (error.code !== 'wrong-phase')
      await change(domain, project, system, async change => await whileWaiting(change, seen, id, async (row, operation) => await fail(change, project, row, operation, error)))
  }
}

async function begin(domain: Domain, project: Project, seen: DatabaseRow, id: string): Promise<void> {
  const waiting = await domain.store.db.selectFrom('operations').select(['scheduled_update', 'restore']).where('id', '=', id).executeTakeFirst()
  const update = waiting?.scheduled_update
  if (waiting?.restore && 'upgrade' in waiting.restore)
    return await beginWaitingUpgrade(domain, project, seen, id, waiting.restore.upgrade)
  if (!update)
    return
  const { plan, columns, changes, row: wanted } = await plannedUpdate(domain, { principal: { project } }, seen, update)
  await change(domain, project, system, async change => await whileWaiting(change, seen, id, async (row, operation) => {
    const isAsPlanned = row.generation === seen.generation && JSON.stringify(operation.scheduled_update) === JSON.stringify(update)
    if (!isAsPlanned || await isBusy(change, row))
      return
    holdToPhase(row, 'update')
    await holdToQuota(change, project.id, wanted, row)
    const isDone = plan.steps.length === 0
    await updateOperation(change.tx, id, {
      ...isDone ? { phase: 'succeeded', finished_at: new Date() } : { phase: 'pending', run_after: new Date() },
      steps: JSON.stringify(storedSteps(plan.steps)),
      undo: JSON.stringify(before(row, columns)),
    })
    change.wakeWorker()
    change.announce({ kind: 'operation', name: row.name, refId: id })
    change.audit({ action: 'databases.update', target: `database/${row.name}`, changes })
    await settle(change, project, row, { ...columns, scheduled_operation_id: null, ...Object.keys(columns).length > 0 ? { generation: row.generation + 1, updated_at: new Date() } : {} })
  }))
}

/** An upgrade changes nothing of the spec before it is done. */
async function beginWaitingUpgrade(domain: Domain, project: Project, seen: DatabaseRow, id: string, version: number): Promise<void> {
  const { steps } = await plannedUpgrade(domain, project, seen, { version })
  await change(domain, project, system, async change => await whileWaiting(change, seen, id, async (row) => {
    if (await isBusy(change, row))
      return
    holdToPhase(row, 'upgrade')
    await updateOperation(change.tx, id, { phase: 'pending', run_after: new Date(), steps: JSON.stringify(storedSteps(steps)) })
    change.wakeWorker()
    change.announce({ kind: 'operation', name: row.name, refId: id })
    change.audit({ action: 'databases.upgrade', target: `database/${row.name}`, changes: { version: { from: row.version, to: version } } })
    await settle(change, project, row, { scheduled_operation_id: null })
  }))
}

/** What runs was asked for later and would be run beside it, because the queue is in the order of asking. */
async function isBusy(change: Change, row: DatabaseRow): Promise<boolean> {
  return (await openOperations(change.tx, row.id)).some(({ type }) => !/^(?:backup|upgrade)\./.test(type))
}

/** Does something with what still waits, under the locks of both rows: the database first, as everybody takes them. */
async function whileWaiting(change: Change, { id: databaseId }: DatabaseRow, id: string, work: (row: DatabaseRow, operation: OperationRow) => Promise<void>): Promise<void> {
  const row = await lockDatabaseById(change.tx, databaseId)
  const operation = await lockOperation(change.tx, id)
  if (row && operation?.phase === 'scheduled')
    await work(row, operation)
}

async function fail(change: Change, project: Project, row: DatabaseRow, operation: OperationRow, { errors, message }: AppError): Promise<void> {
  const error: StoredOperationError = {
    reason: 'NotPossibleAnyMore',
    message: `What waited for the maintenance window cannot be done: ${[message, ...errors.map(({ pointer, detail }) => `${pointer} ${detail}`)].join(' ')}`,
    nextStep: 'The database is as it was. Ask for the change again.',
  }
  await updateOperation(change.tx, operation.id, { phase: 'failed', finished_at: new Date(), error: JSON.stringify(error) })
  const event = await insertServiceEvent(change.tx, { projectId: project.id, databaseId: row.id, databaseName: row.name, type: 'operation.failed', severity: 'error', message: error.message, details: { operation: operation.id, type: operation.type, reason: error.reason, nextStep: error.nextStep } })
  change.announce({ kind: 'event', name: row.name, refId: event })
  change.announce({ kind: 'operation', name: row.name, refId: operation.id })
  change.audit({ action: operation.type.replace('.', 's.'), target: `database/${row.name}`, outcome: 'failure', changes: { reason: { from: null, to: error.reason } } })
  await settle(change, project, row, { scheduled_operation_id: null })
}
