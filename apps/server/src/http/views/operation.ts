import type { Operation } from '@howdah/contract'
import type { OperationRow } from '../../store/operations.ts'
import { isCancellable } from '../../domain/operation-cancel.ts'

export function operationView(row: OperationRow): Operation {
  const done = row.steps.filter(step => step.phase === 'done').length
  const share = row.steps.length === 0
    ? 0
    : done / row.steps.length
  return {
    id: row.id,
    // The closed sets of the contract are what the program writes into these columns.
    type: row.type as Operation['type'],
    phase: row.phase as Operation['phase'],
    database: row.database_name,
    target: row.target,
    step: row.step,
    message: row.message,
    steps: row.steps,
    progressPercent: row.phase === 'succeeded'
      ? 100
      : Math.min(99, Math.round(share * 100)),
    cancellable: isCancellable(row),
    requestedBy: row.requested_by,
    error: row.error,
    notBefore: row.not_before?.toISOString() ?? null,
    update: row.scheduled_update as Operation['update'],
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
  }
}

export function operationHeaders(row: OperationRow): Record<string, string> {
  return { Location: `/api/operations/${row.id}` }
}
