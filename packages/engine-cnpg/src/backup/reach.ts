import type { DatabaseRef, RestoreSource } from '@howdah/engine'
import type { Choice, LineEra, PresentOn, Span } from '@howdah/postgres'
import type { Database } from '../database.ts'
import type { Past } from '../in-place/record.ts'
import type { BackedInstallation } from '../installation.ts'
import type { RecoveryTarget } from '../manifests/bootstrap.ts'
import type { ArchiveMemory } from './memory.ts'
import type { TakenBackup } from './taken.ts'
import { chooseBackup, endOfSegment, newestSegments, parseLsn, spansAlong, spansOf } from '@howdah/postgres'
import { erasIn } from '../in-place/eras.ts'
import { Archive } from './archive.ts'
import { readMemory } from './memory.ts'
import { presentOf } from './running.ts'
import { takenBackups } from './taken.ts'

/** What of a database can be restored now. `db`: where it is still here. */
export async function readSpans(installation: BackedInstallation, ref: DatabaseRef, db: Database | undefined): Promise<Reach> {
  const archive = new Archive(installation.bucket, ref.id)
  const [backups, memory, wal, present] = await Promise.all([
    takenBackups(installation, ref),
    readMemory(installation, ref),
    archive.wal(),
    presentOf(db),
  ])
  const end = memory?.end
  const pasts = pastsOf(memory, db)
  const eras = pasts.length === 0 ? [] : await erasIn(archive, wal, pasts, present, end?.at)
  const spans = pasts.length === 0
    ? await spansOf(backups, newestSegments(wal.segments), present, async () => end?.at)
    : await spansAlong({ backups, eras, segments: wal.segments }, present, async (_, { line }) => line.ended)
  const endOf = ({ era }: Span): bigint | undefined => era?.until ? parseLsn(pasts.find(({ at }) => at === era.until)?.lsn ?? '') : end?.lsn
  // PostgreSQL gives up a position that no record comes after. Only what was ended on purpose is known to have one.
  return { memory, present, backups, eras, spans: spans.map(span => ({ ...span, toLsn: present?.lsn === span.toLsn ? span.toLsn : knownEnd(span, endOf(span)) })) }
}

/** What of a database is in its archive. */
export interface Reach {
  readonly memory: ArchiveMemory | undefined
  /** The server, where one answers. */
  readonly present: PresentOn | undefined
  readonly backups: readonly TakenBackup[]
  /** Empty: it has one past, because it was never restored in place. */
  readonly eras: readonly LineEra[]
  readonly spans: readonly Span<TakenBackup>[]
}

/** What was there before what is now. A Cluster that is about to go is still what is now. */
function pastsOf(memory: ArchiveMemory | undefined, db: Database | undefined): readonly Past[] {
  const { pasts = [], swap } = memory?.inPlace ?? {}
  return swap?.past && (swap.isBegun || swap.uid !== db?.uid) ? [...pasts, swap.past] : pasts
}

function knownEnd({ fromLsn, last, toLsn }: Span<TakenBackup>, end: bigint | undefined): bigint {
  if (end !== undefined && end <= toLsn && end >= fromLsn)
    return end
  const before = endOfSegment(last.number - 1)
  return before > fromLsn ? before : fromLsn
}

/** Whether what the server has now could be made again from the archive, once it has archived that. */
export function isNowReachable({ present, spans }: Pick<Reach, 'present' | 'spans'>): boolean {
  const now = chooseBackup(spans, [], { kind: 'latest' })
  return typeof now !== 'string' && present !== undefined && now.span.toLsn === present.lsn
}

/** Where a restore begins, or why it is not possible. */
export async function choiceFor(installation: BackedInstallation, ref: DatabaseRef, db: Database | undefined, { target }: RestoreSource): Promise<Choice<TakenBackup> | string> {
  const { memory, spans } = await readSpans(installation, ref, db)
  return chooseBackup(spans, memory?.points ?? [], target)
}

export function recoveryTargetOf(choice: Choice<TakenBackup>): RecoveryTarget {
  const { timeline } = choice.span.era ?? {}
  // Left to itself PostgreSQL follows the newest one, which may have left before the target.
  return { ...pointOf(choice), ...timeline === undefined ? {} : { targetTLI: String(timeline) } }
}

function pointOf({ backup, span, target }: Choice<TakenBackup>): RecoveryTarget {
  const backupID = backup.barmanId
  switch (target.kind) {
    case 'backup':
      return { backupID, targetImmediate: true }
    case 'time':
      // Nothing is known to come after it, so PostgreSQL would look for a later commit in vain.
      if (span.from.getTime() === span.to.getTime())
        return span.era?.since?.getTime() === span.from.getTime() ? { backupID } : { backupID, targetImmediate: true }
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
