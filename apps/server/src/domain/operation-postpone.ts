import type { DatabaseRow } from '../store/databases.ts'
import type { Change } from './change.ts'
import { updateOperation } from '../store/operations.ts'
import { nextInWindow } from './maintenance-window.ts'

/** Lets what waits wait for the window as it is now. The row must be locked. */
export async function postpone(change: Change, row: Pick<DatabaseRow, 'name' | 'maintenance_window'>, operationId: string, now: Date): Promise<void> {
  await updateOperation(change.tx, operationId, { not_before: nextInWindow(row.maintenance_window, now) })
  change.announce({ kind: 'operation', name: row.name, refId: operationId })
}
