import type { DatabaseRef, RestoreSource } from '@howdah/engine'
import type { Choice, Span } from '@howdah/postgres'
import type { Database } from '../database.ts'
import type { BackedInstallation } from '../installation.ts'
import type { RecoveryTarget } from '../manifests/bootstrap.ts'
import type { ArchiveMemory } from './memory.ts'
import type { TakenBackup } from './taken.ts'
import { chooseBackup, endOfSegment, spansOf } from '@howdah/postgres'
import { Archive } from './archive.ts'
import { readMemory } from './memory.ts'
import { presentOf } from './running.ts'
import { takenBackups } from './taken.ts'

/** What of a database can be restored now. `db`: where it is still here. */
export async function readSpans(installation: BackedInstallation, ref: DatabaseRef, db: Database | undefined): Promise<{ spans: readonly Span<TakenBackup>[], memory: ArchiveMemory | undefined }> {
  const [backups, memory, segments, present] = await Promise.all([
    takenBackups(installation, ref),
    readMemory(installation, ref),
    new Archive(installation.bucket, ref.id).segments(),
    presentOf(db),
  ])
  const end = memory?.end
  const spans = await spansOf(backups, segments, present, async () => end?.at)
  // PostgreSQL gives up a position that no record comes after. Only what was ended on purpose is known to have one.
  return { memory, spans: spans.map(span => ({ ...span, toLsn: present?.lsn === span.toLsn ? span.toLsn : knownEnd(span, end?.lsn) })) }
}

function knownEnd({ fromLsn, last, toLsn }: Span<TakenBackup>, end: bigint | undefined): bigint {
  if (end !== undefined && end <= toLsn && end >= fromLsn)
    return end
  const before = endOfSegment(last.number - 1)
  return before > fromLsn ? before : fromLsn
}

/** Where a restore begins, or why it is not possible. */
export async function choiceFor(installation: BackedInstallation, ref: DatabaseRef, db: Database | undefined, { target }: RestoreSource): Promise<Choice<TakenBackup> | string> {
  const { memory, spans } = await readSpans(installation, ref, db)
  return chooseBackup(spans, memory?.points ?? [], target)
}

export function recoveryTargetOf({ backup, span, target }: Choice<TakenBackup>): RecoveryTarget {
  const backupID = backup.barmanId
  switch (target.kind) {
    case 'backup':
      return { backupID, targetImmediate: true }
    case 'time':
      // Nothing is known to come after it, so PostgreSQL would look for a later commit in vain.
      if (span.from.getTime() === span.to.getTime())
        return { backupID, targetImmediate: true }
      return { backupID, targetTime: target.at.toISOString().replace('T', ' ').replace('Z', '+00') }
    case 'lsn':
      if (span.fromLsn === span.toLsn)
        return { backupID, targetImmediate: true }
      // What was written before it: the record that begins there is not wanted.
      return { backupID, targetLSN: target.lsn, exclusive: true }
    case 'latest':
      return { backupID }
  }
}
