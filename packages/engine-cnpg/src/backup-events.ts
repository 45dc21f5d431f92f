import type { BackupObject } from './backup/taken.ts'
import type { Happening } from './events.ts'
import type { KubeObject } from './kubernetes/objects.ts'
import { backupLabel, branchLabel, takenAnnotation } from './names.ts'

/** What is kept of a Backup, whoever asked for it. */
export interface BackupNews {
  readonly namespace: string
  readonly name: string
  readonly cluster: string
  /** Of one that this product takes: its id there. */
  readonly id: string | undefined
  /** Of one that a ScheduledBackup made: the name of that. */
  readonly schedule: string | undefined
  readonly stage: 'asked' | 'begun' | 'completed' | 'failed'
  readonly error: string
}

const stages: Readonly<Record<string, BackupNews['stage']>> = {
  'started': 'begun',
  'running': 'begun',
  'finalizing': 'begun',
  'completed': 'completed',
  'failed': 'failed',
  'invalid backup definition': 'failed',
}

export function backupNews(object: KubeObject): BackupNews {
  const { metadata: { annotations = {}, labels = {}, name, namespace = '' }, spec, status = {} } = object as BackupObject // the operator's documented shape
  const id = labels[backupLabel]
  // What a branch begins from is no backup of its parent.
  const stage = labels[branchLabel] === undefined ? stages[status.phase ?? ''] ?? 'asked' : 'asked'
  return {
    namespace,
    name,
    cluster: spec?.cluster?.name ?? '',
    id,
    schedule: labels['cnpg.io/scheduled-backup'],
    // Ours counts when the WAL that belongs to it is in the archive too.
    stage: id !== undefined && stage === 'completed' && annotations[takenAnnotation] === undefined ? 'begun' : stage,
    error: status.error ?? '',
  }
}

/** What a change of a Backup means to the owner of the database. `before`: undefined where it was not there. */
export function backupHappening(before: BackupNews | undefined, after: BackupNews): Happening | undefined {
  const { error, id, name, schedule, stage } = after
  if (stage === before?.stage || stage === 'asked')
    return undefined
  const details = { backup: id ?? name, ...schedule === undefined ? {} : { schedule } }
  const which = schedule === undefined ? 'A backup' : `A backup of the schedule "${schedule}"`
  switch (stage) {
    case 'begun':
      return { type: 'backup.started', severity: 'info', message: `${which} began.`, details }
    case 'completed':
      return { type: 'backup.completed', severity: 'info', message: `${which} is complete.`, details }
    case 'failed':
      // Of what somebody asked us for the operation says that it failed, and why.
      return id === undefined ? { type: 'backup.failed', severity: 'error', message: `${which} was not taken: ${error || 'the operator does not say why'}.`, details } : undefined
  }
}
