import type { DatabaseRef, RestoreSource } from '@howdah/engine'
import type { Choice, PresentOn, Segment, Span } from '@howdah/postgres'
import type { Database } from '../database.ts'
import type { ServerEra } from '../in-place/eras.ts'
import type { BackedInstallation } from '../installation.ts'
import type { ArchiveName, ArchiveOrigin, RecoveryTarget, ReplayEnd } from '../manifests/bootstrap.ts'
import type { RestoreRoom } from './base.ts'
import type { ArchiveMemory } from './memory.ts'
import type { TakenBackup } from './taken.ts'
import { chooseBackup, endOfSegment, formatLsn, newestSegments, parseLsn, spansAlong, spansOf } from '@howdah/postgres'
import { erasIn } from '../in-place/eras.ts'
import { nothingInPlace, presentIn } from '../in-place/record.ts'
import { Archive } from './archive.ts'
import { baseFor } from './base.ts'
import { readMemory } from './memory.ts'
import { isArchived } from './needed.ts'
import { presentOf } from './running.ts'
import { takenBackups } from './taken.ts'

/** What of a database can be restored now, also from snapshots. `db`: where it is still here. */
export async function readSpans(installation: BackedInstallation, ref: DatabaseRef, db: Database | undefined): Promise<Reach> {
  return await read(installation, ref, db, () => true)
}

/** The same of the archive by itself: for what has to work after the storage is lost. */
export async function readArchivedSpans(installation: BackedInstallation, ref: DatabaseRef, db: Database | undefined): Promise<Reach> {
  return await read(installation, ref, db, isArchived)
}

async function read(installation: BackedInstallation, ref: DatabaseRef, db: Database | undefined, isBase: (backup: TakenBackup) => boolean): Promise<Reach> {
  const [taken, memory, present] = await Promise.all([takenBackups(installation, ref), readMemory(installation, ref), presentOf(db)])
  const backups = taken.backups.filter(isBase)
  const end = memory?.end
  const { pasts, server: recorded } = presentIn(memory?.inPlace ?? nothingInPlace, ref.id, db?.uid)
  const server = db?.cluster.archive?.server ?? recorded
  const archives = new Map(await Promise.all([...new Set([...pasts.map(({ server = ref.id }) => server), server])].map(async (name) => {
    const archive = new Archive(installation.bucket, name)
    return [name, { archive, wal: await archive.wal() }] as const
  })))
  const segmentsOf = (name: string): readonly Segment[] => archives.get(name)?.wal.segments ?? []
  const eras = pasts.length === 0 ? [] : await erasIn(ref.id, archives, pasts, { server, timeline: present?.timeline, ended: end?.at })
  const along = async (era: ServerEra): Promise<Span<TakenBackup>[]> => await spansAlong(
    { backups: backups.filter(backup => backup.server === era.server), eras: [era], segments: segmentsOf(era.server) },
    era.server === server ? present : undefined,
    async (_, { line }) => line.ended,
  )
  const spans = pasts.length === 0
    ? await spansOf(backups.filter(backup => backup.server === server), newestSegments(segmentsOf(server)), present, async () => end?.at)
    : (await Promise.all(eras.map(along))).flat()
  const endOf = ({ era }: Span): bigint | undefined => era?.until ? parseLsn(pasts.find(({ at }) => at === era.until)?.lsn ?? '') : end?.lsn
  // PostgreSQL gives up a position that no record comes after. Only what was ended on purpose is known to have one.
  return { memory, server, present, backups, lost: taken.lost, eras, spans: spans.map(span => ({ ...span, toLsn: present?.lsn === span.toLsn ? span.toLsn : knownEnd(span, endOf(span)) })) }
}

/** What of a database is in its archive. */
export interface Reach {
  readonly memory: ArchiveMemory | undefined
  /** Of the archive, into which it writes. */
  readonly server: string
  /** The server, where one answers. */
  readonly present: PresentOn | undefined
  readonly backups: readonly TakenBackup[]
  /** Snapshots that the storage does not have any more. */
  readonly lost: readonly TakenBackup[]
  /** Empty: it has one past, because it was never restored in place. */
  readonly eras: readonly ServerEra[]
  readonly spans: readonly Span<TakenBackup>[]
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

/** Where a restore begins, or why it is not possible. `room`: undefined where only the archive is asked, because it has to work without the storage. */
export async function choiceFor(installation: BackedInstallation, ref: DatabaseRef, db: Database | undefined, { target }: RestoreSource, room?: RestoreRoom): Promise<Choice<TakenBackup> | string> {
  const { lost, memory, spans } = await (room ? readSpans : readArchivedSpans)(installation, ref, db)
  if (target.kind === 'backup' && lost.some(({ id }) => id === target.backup))
    return `The storage has no snapshot of the backup ${target.backup} any more, so nothing can be made from it.`
  const choice = chooseBackup(spans, memory?.points ?? [], target)
  return room === undefined || typeof choice === 'string' ? choice : baseFor(choice, room)
}

/** What a Cluster is made from by it. */
export function originOf(archive: ArchiveName, choice: Choice<TakenBackup>): ArchiveOrigin {
  return { kind: 'archive', archive, target: recoveryTargetOf(choice), ...choice.backup.method === 'snapshot' ? { snapshot: choice.backup.object } : {} }
}

/** The same of an archive that we see: also up to where a replay of all of it has to get. */
export function wholeOriginOf(archive: ArchiveName, choice: Choice<TakenBackup>): ArchiveOrigin {
  const origin = originOf(archive, choice)
  return isToTheEnd(origin.target) ? { ...origin, end: endOfReplay(choice.span) } : origin
}

/** It goes on for as long as there is WAL. */
export function isToTheEnd({ targetImmediate, targetLSN, targetTime }: RecoveryTarget): boolean {
  return targetImmediate !== true && targetLSN === undefined && targetTime === undefined
}

/** Into the last segment at least, and to the end where that is known and archived: a server that runs writes on. */
export function endOfReplay({ era, last, toLsn }: Span): ReplayEnd {
  const inLast = endOfSegment(last.number - 1) + 1n
  return { timeline: era?.timeline ?? last.timeline, lsn: formatLsn(toLsn > inLast && toLsn <= endOfSegment(last.number) ? toLsn : inLast) }
}

export function recoveryTargetOf(choice: Choice<TakenBackup>): RecoveryTarget {
  const { timeline } = choice.span.era ?? {}
  // Left to itself PostgreSQL follows the newest one, which may have left before the target.
  return { ...pointOf(choice), ...timeline === undefined ? {} : { targetTLI: String(timeline) } }
}

function pointOf({ backup, span, target }: Choice<TakenBackup>): RecoveryTarget {
  const base = isArchived(backup) ? { backupID: backup.barmanId } : {}
  switch (target.kind) {
    case 'backup':
      return { ...base, targetImmediate: true }
    case 'time':
      // Nothing is known to come after it, so PostgreSQL would look for a later commit in vain.
      if (span.from.getTime() === span.to.getTime())
        return span.era?.since?.getTime() === span.from.getTime() ? base : { ...base, targetImmediate: true }
      return { ...base, targetTime: target.at.toISOString().replace('T', ' ').replace('Z', '+00') }
    case 'lsn':
      if (span.fromLsn === span.toLsn)
        return { ...base, targetImmediate: true }
      // What was written before it: the record that begins there is not wanted.
      return { ...base, targetLSN: target.lsn, exclusive: true }
    case 'latest':
      return base
  }
}
