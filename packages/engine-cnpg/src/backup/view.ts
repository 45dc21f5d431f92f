import type { Backup, RestoreSpan } from '@howdah/engine'
import type { Span } from '@howdah/postgres'
import type { TakenBackup } from './taken.ts'
import { formatLsn } from '@howdah/postgres'

/** In the words of the port, without the operator's. */
export function backupView({ barmanId: _, object: __, server: ___, volumeBytes: ____, ...backup }: TakenBackup): Backup {
  return backup
}

export function spanView({ from, fromLsn, to, toLsn }: Span): RestoreSpan {
  return { from, to, fromLsn: formatLsn(fromLsn), toLsn: formatLsn(toLsn) }
}
