import type { DeletedDatabase, Backup as WireBackup, RestorePoint as WireRestorePoint } from '@howdah/contract'
import type { Backup, RestorePoint } from '@howdah/engine'
import type { DeletedDatabaseRow } from '../../store/deleted-databases.ts'

export function backupView({ finishedAt, startedAt, ...backup }: Backup): WireBackup {
  return { ...backup, startedAt: startedAt.toISOString(), finishedAt: finishedAt.toISOString() }
}

export function restorePointView({ at, lsn, name }: RestorePoint): WireRestorePoint {
  return { name, at: at.toISOString(), lsn }
}

export function deletedDatabaseView({ deleted_at, id, kept_until, location, name, row }: DeletedDatabaseRow): DeletedDatabase {
  return { id, name, location, version: row.version, deletedAt: deleted_at.toISOString(), keptUntil: kept_until.toISOString() }
}
