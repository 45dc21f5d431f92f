import type { OperationType, Phase } from '@howdah/contract'
import type { DatabaseChange, DatabaseRow } from '../store/databases.ts'
import type { Change } from './change.ts'
import { updateDatabase } from '../store/databases.ts'
import { openOperations } from '../store/operations.ts'
import { insertServiceEvent } from '../store/service-events.ts'

/** What a running operation makes of the phase. Users and logical databases leave it as it is. */
const phaseWhile: Readonly<Partial<Record<OperationType, Phase>>> = {
  'database.create': 'provisioning',
  'database.update': 'updating',
  'database.restart': 'restarting',
  'database.switchover': 'switching-over',
  'database.hibernate': 'hibernating',
  'database.resume': 'resuming',
  'database.rotate-credentials': 'updating',
  'database.restore': 'restoring',
  'database.undo-restore': 'restoring',
  'database.reset': 'restoring',
  'database.upgrade': 'upgrading',
  'database.delete': 'deleting',
}

export interface Verdict { readonly phase: Phase, readonly reason: string, readonly message: string }

/** The phase that follows from what runs and from what was seen. Pure. */
export function phaseOf(row: Pick<DatabaseRow, 'observed' | 'failure' | 'phase' | 'is_hibernated'>, open: readonly OperationType[]): Verdict {
  const running = open.includes('database.delete') ? 'database.delete' : open.find(type => phaseWhile[type])
  const while_ = running && phaseWhile[running]
  const { observed, failure } = row
  if (while_)
    return { phase: while_, reason: '', message: '' }
  if (!observed)
    return failure ? { phase: 'failed', ...because(failure) } : { phase: 'provisioning', reason: '', message: '' }
  const seen = { reason: observed.reason, message: observed.message }
  switch (observed.phase) {
    case 'ready':
      return failure ? { phase: 'degraded', ...because(failure) } : { phase: 'ready', ...seen }
    case 'hibernated':
      return { phase: 'hibernated', ...(failure ? because(failure) : seen) }
    case 'provisioning':
      return failure ? { phase: 'failed', ...because(failure) } : { phase: 'provisioning', ...seen }
    case 'restarting':
    case 'switching-over':
    case 'degraded':
    case 'failed':
      return { phase: observed.phase, ...seen }
    default:
      // The engine cannot be asked: what was seen last still stands, and says so.
      return { phase: lastSeen(row), reason: 'Unknown', message: observed.message || 'The location does not answer; this is what was seen last.' }
  }
}

/** Phases that an engine reports. The others belong to an operation and end with it, whether or not anything is seen then. */
const seenPhases: readonly Phase[] = ['provisioning', 'ready', 'restarting', 'switching-over', 'degraded', 'failed', 'hibernated']

function lastSeen(row: Pick<DatabaseRow, 'failure' | 'phase' | 'is_hibernated'>): Phase {
  // Only the program writes this column, from the contract's closed set.
  const phase = row.phase as Phase
  if (seenPhases.includes(phase))
    return phase
  if (row.is_hibernated)
    return 'hibernated'
  return row.failure ? 'degraded' : 'ready'
}

function because({ reason, message }: { reason: string, message: string }) {
  return { reason, message }
}

const severity: Readonly<Partial<Record<Phase, 'warning' | 'error'>>> = { degraded: 'warning', restarting: 'warning', failed: 'error' }

/**
 * Writes a change of a database's row together with the phase that follows from it, and tells what became of it: a
 * service event when the phase changed, and an announcement to everybody who watches. The row must be locked.
 */
export async function settle(change: Change, project: { id: string }, row: DatabaseRow, columns: DatabaseChange = {}): Promise<DatabaseRow> {
  const open = await openOperations(change.tx, row.id)
  const observed = 'observed' in columns && typeof columns.observed === 'string' ? JSON.parse(columns.observed) as DatabaseRow['observed'] : row.observed
  const failure = 'failure' in columns ? typeof columns.failure === 'string' ? JSON.parse(columns.failure) as DatabaseRow['failure'] : null : row.failure
  const verdict = phaseOf({ observed, failure, phase: row.phase, is_hibernated: columns.is_hibernated ?? row.is_hibernated }, open.map(operation => operation.type as OperationType))
  const isNewPhase = verdict.phase !== row.phase
  // The same operation runs; its caller asked for a phase of its own, not for a reason.
  const settled = await updateDatabase(change.tx, row.id, {
    ...columns,
    ...verdict,
    ...(isNewPhase ? { since: new Date() } : {}),
    operation_id: open.at(-1)?.id ?? null,
  })
  change.announce({ kind: 'database', name: row.name })
  if (isNewPhase) {
    const id = await insertServiceEvent(change.tx, {
      projectId: project.id,
      databaseId: row.id,
      databaseName: row.name,
      type: 'phase.changed',
      severity: severity[verdict.phase] ?? 'info',
      message: verdict.message || `The database is ${verdict.phase}.`,
      details: { from: row.phase, to: verdict.phase, ...(verdict.reason ? { reason: verdict.reason } : {}) },
    })
    change.announce({ kind: 'event', name: row.name, refId: id })
  }
  return settled
}
