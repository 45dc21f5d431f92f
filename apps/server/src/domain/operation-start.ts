import type { DatabaseUpdate, OperationType } from '@howdah/contract'
import type { DatabaseRow } from '../store/databases.ts'
import type { OperationRow } from '../store/operations.ts'
import type { StoredMethod, StoredRestore, StoredStep } from '../store/schema.ts'
import type { Caller } from './caller.ts'
import type { Change } from './change.ts'
import { randomUUID } from 'node:crypto'
import { insertOperation } from '../store/operations.ts'

/** How long an operation may take before it fails, in seconds. Generous: it bounds waiting, it does not predict it. */
const deadlines: Readonly<Record<OperationType, number>> = {
  'database.create': 900,
  'database.update': 900,
  'database.restart': 600,
  'database.switchover': 300,
  'database.hibernate': 600,
  'database.resume': 600,
  'database.rotate-credentials': 300,
  // As much has to be copied and replayed as for a new one.
  'database.restore': 24 * 3600,
  'database.undo-restore': 24 * 3600,
  'database.reset': 24 * 3600,
  'database.upgrade': 24 * 3600,
  'database.delete': 1800,
  'user.create': 300,
  'user.update': 300,
  'user.delete': 300,
  'db.create': 300,
  'db.delete': 300,
  'backup.create': 12 * 3600,
  'backup.delete': 1800,
  'backup.drill': 12 * 3600,
  'upgrade.rehearse': 24 * 3600,
}

export interface OperationStart {
  readonly type: OperationType
  /** User, logical database or backup; empty for the database itself. */
  readonly target?: string
  readonly steps: readonly string[]
  /** Where it is another than usual for the type, in seconds. */
  readonly deadlineSeconds?: number
  /** Columns of the database as they were, for a cancel before a worker took it. */
  readonly undo?: Readonly<Record<string, unknown>>
  readonly restore?: StoredRestore | StoredMethod
  /** It waits for a moment, and what is to be done is found out then (see begin-scheduled.ts). */
  readonly scheduled?: { readonly notBefore: Date, readonly update?: DatabaseUpdate }
}

export function storedSteps(names: readonly string[]): StoredStep[] {
  return names.map(name => ({ name, phase: 'pending', startedAt: null, finishedAt: null }))
}

/** Queues work in the caller's transaction. `id` may be fixed beforehand where the spec has to name it. */
export async function startOperation(change: Change, caller: { readonly principal: Pick<Caller['principal'], 'label'> }, row: Pick<DatabaseRow, 'id' | 'name' | 'project_id' | 'location'>, start: OperationStart, id: string = randomUUID()): Promise<OperationRow> {
  const operation = await insertOperation(change.tx, {
    id,
    project_id: row.project_id,
    location: row.location,
    database_id: row.id,
    database_name: row.name,
    type: start.type,
    target: start.target ?? '',
    steps: JSON.stringify(storedSteps(start.steps)),
    requested_by: caller.principal.label,
    undo: start.undo ? JSON.stringify(start.undo) : null,
    restore: start.restore ? JSON.stringify(start.restore) : null,
    deadline_at: new Date(Date.now() + (start.deadlineSeconds ?? deadlines[start.type]) * 1000),
    lease_owner: null,
    step: null,
    ...start.scheduled ? { phase: 'scheduled', not_before: start.scheduled.notBefore, scheduled_update: start.scheduled.update ? JSON.stringify(start.scheduled.update) : null } : {},
  })
  change.announce({ kind: 'operation', name: row.name, refId: operation.id })
  change.wakeWorker()
  return operation
}
