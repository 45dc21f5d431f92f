/** The one-word observed state of a database, always with `reason`, `message` and `since`. A closed set. */
export const phases = [
  'provisioning',
  'ready',
  'updating',
  'restarting',
  'switching-over',
  'restoring',
  'upgrading',
  'hibernating',
  'hibernated',
  'resuming',
  'degraded',
  'failed',
  'deleting',
] as const

export type Phase = typeof phases[number]

/** What a user can ask of a database. */
export const databaseActions = [
  'update',
  'restart',
  'switchover',
  'hibernate',
  'resume',
  'rotate-credentials',
  'manage',
  'backup',
  'restore',
  'upgrade',
  'delete',
] as const
export type DatabaseAction = typeof databaseActions[number]

/**
 * Which actions a phase allows: one table for the server, which refuses others with `wrong-phase`, and for clients,
 * which show them disabled. `manage` is users and logical databases, `backup` also restore points, `restore` in place, with undo and
 * reset, `upgrade` with its rehearsal. `delete` is always allowed.
 */
export const allowedActions: Readonly<Record<Phase, readonly DatabaseAction[]>> = {
  'provisioning': ['delete'],
  'ready': [
    'update',
    'restart',
    'switchover',
    'hibernate',
    'rotate-credentials',
    'manage',
    'backup',
    'restore',
    'upgrade',
    'delete',
  ],
  'updating': ['update', 'delete'],
  'restarting': ['update', 'delete'],
  'switching-over': ['delete'],
  'restoring': ['delete'],
  'upgrading': ['delete'],
  'hibernating': ['delete'],
  'hibernated': ['update', 'resume', 'delete'],
  'resuming': ['delete'],
  'degraded': [
    'update',
    'restart',
    'switchover',
    'hibernate',
    'rotate-credentials',
    'manage',
    'backup',
    'restore',
    'upgrade',
    'delete',
  ],
  'failed': ['update', 'restart', 'restore', 'delete'],
  'deleting': ['delete'],
}

/** What can be done to a database that is kept in Git: all that leaves its specification as it is. */
export const actionsBesideGit: readonly DatabaseAction[] = ['restart', 'manage', 'backup']

export function isAllowed(phase: Phase, action: DatabaseAction): boolean {
  return allowedActions[phase].includes(action)
}

export const operationTypes = [
  'database.create',
  'database.update',
  'database.restart',
  'database.switchover',
  'database.hibernate',
  'database.resume',
  'database.rotate-credentials',
  'database.restore',
  'database.undo-restore',
  'database.reset',
  'database.upgrade',
  'database.delete',
  'user.create',
  'user.update',
  'user.delete',
  'db.create',
  'db.delete',
  'backup.create',
  'backup.delete',
  'backup.drill',
  'upgrade.rehearse',
] as const
export type OperationType = typeof operationTypes[number]

/** `scheduled` waits for its time, `pending` for a worker. */
export const operationPhases = [
  'scheduled',
  'pending',
  'running',
  'succeeded',
  'failed',
  'cancelled',
] as const
export type OperationPhase = typeof operationPhases[number]
