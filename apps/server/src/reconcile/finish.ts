import type { Observed } from '@howdah/engine'
import type { Change } from '../domain/change.ts'
import type { Domain } from '../domain/domain.ts'
import type { DatabaseChange, DatabaseRow } from '../store/databases.ts'
import type { OperationRow } from '../store/operations.ts'
import type { StoredOperationError, StoredStep } from '../store/schema.ts'
import { firstBackupAt } from '../domain/backup-policy.ts'
import { change, system } from '../domain/change.ts'
import { storedObserved } from '../domain/observations.ts'
import { settle } from '../domain/settle.ts'
import { deleteDatabaseUser, deleteDb, findDatabaseUser, updateDatabaseUser, updateDb } from '../store/database-users.ts'
import { deleteDatabase, lockDatabaseById } from '../store/databases.ts'
import { updateHeldOperation } from '../store/operations.ts'
import { insertServiceEvent } from '../store/service-events.ts'

export type Outcome
  = | { readonly phase: 'succeeded' }
    | { readonly phase: 'failed', readonly error: StoredOperationError }
    | { readonly phase: 'cancelled', readonly message: string }

interface Project { readonly id: string, readonly name: string }

/**
 * Ends an operation and writes all that follows from it in one transaction. False when the lease went to another
 * worker meanwhile: then nothing is written, because that one will end it.
 *
 * `observe` is asked while the row is locked: whatever the engine says later is taken later (domain/observations.ts),
 * so that "succeeded" and the phase are never apart and nothing older comes after something newer.
 */
export async function finish(domain: Domain, project: Project, operation: OperationRow, worker: string, outcome: Outcome, observe: () => Promise<Observed | undefined>): Promise<boolean> {
  return change(domain, project, system, async (change) => {
    const database = await lockDatabaseById(change.tx, operation.database_id)
    const held = await updateHeldOperation(change.tx, operation.id, worker, {
      phase: outcome.phase,
      message: outcome.phase === 'cancelled'
        ? outcome.message
        : '',
      error: outcome.phase === 'failed'
        ? JSON.stringify(outcome.error)
        : null,
      steps: JSON.stringify(endedSteps(operation.steps, outcome.phase === 'succeeded', operation.started_at)),
      finished_at: new Date(),
      lease_owner: null,
      lease_until: null,
    })
    if (!held)
      return false
    change.announce({ kind: 'operation', name: operation.database_name, refId: operation.id })
    if (database)
      await settleOutcome(change, project, operation, outcome, database, observe)
    return true
  })
}

async function settleOutcome(change: Change, project: Project, operation: OperationRow, outcome: Outcome, database: DatabaseRow, observe: () => Promise<Observed | undefined>): Promise<void> {
  if (operation.type === 'database.delete' && outcome.phase === 'succeeded') {
    await deleteDatabase(change.tx, database.id)
    change.announce({ kind: 'database-deleted', name: database.name })
    return
  }
  const message = outcome.phase === 'failed'
    ? outcome.error.message
    : outcome.phase === 'cancelled'
      ? outcome.message
      : ''
  const isGood = outcome.phase === 'succeeded'
  await settleTarget(change, operation, database, isGood, message)

  const observed = await observe()
  const columns: DatabaseChange = observed
    ? {
        observed: JSON.stringify(storedObserved(observed)),
      }
    : {}
  if (operation.type.startsWith('database.')) {
    columns.failure = isGood
      ? null
      : JSON.stringify({
          operation: operation.id,
          reason: outcome.phase === 'failed'
            ? outcome.error.reason
            : 'Cancelled',
          message,
        })
    if (isGood)
      await markMade(change, database)
    // A backup of what it is now comes soon: a reset has none, a restore would go over what was given up, and one that failed may have left a gap.
    if (operation.restore && database.backup)
      columns.next_backup_at = firstBackupAt(new Date())
    if (operation.type === 'database.rotate-credentials')
      await takeNextPassword(change, database, database.owner, isGood)
  }
  if (outcome.phase === 'failed') {
    const id = await insertServiceEvent(change.tx, {
      projectId: project.id,
      databaseId: database.id,
      databaseName: database.name,
      type: 'operation.failed',
      severity: 'error',
      message: outcome.error.message,
      details: {
        operation: operation.id,
        type: operation.type,
        reason: outcome.error.reason,
        nextStep: outcome.error.nextStep,
      },
    })
    change.announce({ kind: 'event', name: database.name, refId: id })
    change.audit({
      // As the request that asked for it was written down: `users.create` of `database/orders/user/app`.
      action: operation.type.replace('.', 's.'),
      target: [`database/${database.name}`, ...operation.target ? [operation.type.split('.')[0]!, operation.target] : []].join('/'),
      outcome: 'failure',
      changes: {
        reason: { from: null, to: outcome.error.reason },
      },
    })
  }
  await settle(change, project, database, columns)
}

/**
 * The owner and the first logical database come with the database itself: with its create, or with the restart or the
 * change that mended a create which had failed.
 */
async function markMade(change: Change, database: DatabaseRow): Promise<void> {
  await updateDatabaseUser(change.tx, database.id, database.owner, { phase: 'ready' })
  await updateDb(change.tx, database.id, database.main_db, { phase: 'ready' })
}

/** A password that PostgreSQL has taken becomes the one that is shown; one that it has not is forgotten. */
async function takeNextPassword(change: Change, database: DatabaseRow, user: string, isTaken: boolean): Promise<void> {
  const row = await findDatabaseUser(change.tx, database.id, user)
  if (row?.next_password) {
    await updateDatabaseUser(change.tx, database.id, user, {
      next_password: null,
      ...(isTaken
        ? { password: row.next_password }
        : {}),
    })
  }
}

/** What became of the user or logical database that the operation was about. */
async function settleTarget(change: Change, operation: OperationRow, database: DatabaseRow, isGood: boolean, message: string): Promise<void> {
  const after = {
    phase: isGood ? 'ready' : 'failed',
    message,
    operation_id: null,
  }
  switch (operation.type) {
    case 'user.create':
    case 'user.update':
      await takeNextPassword(change, database, operation.target, isGood)
      await updateDatabaseUser(change.tx, database.id, operation.target, after)
      return
    case 'user.delete':
      if (isGood)
        await deleteDatabaseUser(change.tx, database.id, operation.target)
      else
        await updateDatabaseUser(change.tx, database.id, operation.target, after)
      return
    case 'db.create':
      await updateDb(change.tx, database.id, operation.target, after)
      return
    case 'db.delete':
      if (isGood)
        await deleteDb(change.tx, database.id, operation.target)
      else
        await updateDb(change.tx, database.id, operation.target, after)
  }
}

/** What had not said that it ended ends with the operation. The first step began with it. */
function endedSteps(steps: readonly StoredStep[], isGood: boolean, begunAt: Date | null): StoredStep[] {
  const at = new Date().toISOString()
  const before = steps.findLast(step => step.finishedAt)?.finishedAt ?? begunAt?.toISOString() ?? at
  return steps.map((step) => {
    if (step.phase === 'done' || (!isGood && step.phase === 'pending'))
      return step
    return { ...step, phase: isGood ? 'done' : 'failed', startedAt: step.startedAt ?? before, finishedAt: at }
  })
}
