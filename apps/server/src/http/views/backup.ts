import type { DeletedDatabase, Backup as WireBackup, RestorePoint as WireRestorePoint } from '@howdah/contract'
import type { Backup, BackupProof, RestorePoint } from '@howdah/engine'
import type { DeletedDatabaseRow } from '../../store/deleted-databases.ts'

export function backupView({ finishedAt, proof, startedAt, ...backup }: Backup): WireBackup {
  return { ...backup, startedAt: startedAt.toISOString(), finishedAt: finishedAt.toISOString(), proof: proof ? proofView(proof) : null }
}

function proofView({ at, checks, isGood, reachedAt, ...proof }: BackupProof): WireBackup['proof'] {
  return {
    ...proof,
    at: at.toISOString(),
    outcome: outcomeOf(isGood),
    reachedAt: reachedAt?.toISOString() ?? null,
    checks: checks.map(({ detail, isGood, name }) => ({ name, outcome: outcomeOf(isGood), detail })),
  }
}

function outcomeOf(isGood: boolean): 'passed' | 'failed' {
  return isGood ? 'passed' : 'failed'
}

export function restorePointView({ at, lsn, name }: RestorePoint): WireRestorePoint {
  return { name, at: at.toISOString(), lsn }
}

export function deletedDatabaseView({ deleted_at, id, kept_until, location, name, row }: DeletedDatabaseRow): DeletedDatabase {
  return { id, name, location, version: row.version, deletedAt: deleted_at.toISOString(), keptUntil: kept_until.toISOString() }
}
