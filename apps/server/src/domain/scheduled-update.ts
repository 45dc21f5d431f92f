import type { DatabaseUpdate, Plan as WirePlan } from '@howdah/contract'
import type { DatabaseRow } from '../store/databases.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Caller } from './caller.ts'
import type { Change } from './change.ts'
import type { Domain } from './domain.ts'
import { lockDatabase } from '../store/databases.ts'
import { findOperation, updateOperation } from '../store/operations.ts'
import { holdToGeneration, holdToPhase, plannedUpdate } from './change-database.ts'
import { actorOf, change } from './change.ts'
import { getDatabase } from './databases.ts'
import { AppError, notFound } from './errors.ts'
import { nextInWindow } from './maintenance-window.ts'
import { startOperation } from './operation-start.ts'
import { dryRun } from './plan.ts'
import { settle } from './settle.ts'

/**
 * A change that waits for the maintenance window is an operation in the phase `scheduled`, which holds what was asked
 * for. The spec stays as it is until then: what is asked for at once in between is done at once, and no generation
 * is one that is not wanted yet. reconcile/maintenance.ts begins it.
 */
export async function scheduleUpdate(domain: Domain, caller: Caller, name: string, update: DatabaseUpdate, ifMatch?: number): Promise<DatabaseRow> {
  const { project } = caller.principal
  const seen = await getDatabase(domain, caller, name)
  holdToGeneration(seen, ifMatch)
  if (Object.keys((await plannedUpdate(domain, caller, seen, update)).columns).length === 0)
    return seen
  return change(domain, project, actorOf(caller), async (change) => {
    const row = await lockDatabase(change.tx, project.id, name)
    if (!row || row.id !== seen.id)
      throw notFound()
    holdToGeneration(row, ifMatch)
    holdToPhase(row, 'update')
    const notBefore = nextInWindow(row.maintenance_window, new Date())
    const operation = await joinWaiting(change, caller, row, update, notBefore)
      ?? await startOperation(change, caller, row, { type: 'database.update', steps: [], scheduled: { notBefore, update } })
    change.audit({ action: 'databases.schedule', target: `database/${name}`, changes: { notBefore: { from: null, to: notBefore.toISOString() }, ...Object.fromEntries(Object.entries(update).map(([field, to]) => [field, { from: null, to }])) } })
    return settle(change, project, row, { scheduled_operation_id: operation.id })
  })
}

export async function planScheduled(domain: Domain, caller: Caller, name: string, update: DatabaseUpdate, ifMatch?: number): Promise<WirePlan> {
  const row = await getDatabase(domain, caller, name)
  holdToGeneration(row, ifMatch)
  const { plan, columns } = await plannedUpdate(domain, caller, row, update)
  if (Object.keys(columns).length === 0)
    return dryRun(null, plan)
  return { ...dryRun('database.update', plan), notBefore: nextInWindow(row.maintenance_window, new Date()).toISOString() }
}

/** One of each database waits: what is asked for later goes along with it, so that the window has one interruption. */
async function joinWaiting(change: Change, caller: Caller, row: DatabaseRow, update: DatabaseUpdate, notBefore: Date): Promise<OperationRow | undefined> {
  const waiting = row.scheduled_operation_id && await findOperation(change.tx, row.project_id, row.scheduled_operation_id)
  if (!waiting)
    return undefined
  if (waiting.type !== 'database.update')
    throw new AppError('wrong-phase', `Something else of "${row.name}" waits for the window already; cancel that, or let it be done first.`)
  change.announce({ kind: 'operation', name: row.name, refId: waiting.id })
  return await updateOperation(change.tx, waiting.id, { not_before: notBefore, requested_by: caller.principal.label, scheduled_update: JSON.stringify(joined(waiting.scheduled_update ?? {}, update)) })
}

/** The later one wins; objects of which only what is named changes are joined. */
function joined(earlier: DatabaseUpdate, later: DatabaseUpdate): DatabaseUpdate {
  return {
    ...earlier,
    ...later,
    ...Object.fromEntries((['parameters', 'backup', 'maintenanceWindow'] as const).filter(field => earlier[field] && later[field]).map(field => [field, { ...earlier[field], ...later[field] }])),
  }
}
