import type { RestoreTarget } from '@howdah/engine'
import type { Choice, PresentOn, Segment, Span } from '@howdah/postgres'
import type { Archive } from '../archive/archive.ts'
import type { Database } from '../database.ts'
import type { Job } from './job.ts'
import type { ArchivedLine } from './lines.ts'
import type { BackupRecord } from './manifest.ts'
import { EngineError } from '@howdah/engine'
import { chooseBackup, endSegment, maintenanceDatabase, parseLsn, segmentAt, segmentName, segmentOf, spansAlong } from '@howdah/postgres'
import { findPostmaster } from '../process.ts'
import { erasOf, readLines } from './lines.ts'
import { readBackups } from './manifest.ts'
import { movedClock, position } from './moved-clock.ts'
import { readRestorePoints } from './restore-points.ts'
import { archivedNames, timeOfSegment, untilArchived } from './wal-archive.ts'

/** What an archive holds. */
interface Archived {
  readonly backups: readonly BackupRecord[]
  readonly lines: readonly ArchivedLine[]
  readonly segments: readonly Segment[]
}

/** What of a database can be restored now. `db`: where it is still here. */
export async function readSpans(archive: Archive, db: Database | undefined): Promise<Span<BackupRecord>[]> {
  return await spansOf(archive, db, await readArchived(archive))
}

async function spansOf(archive: Archive, db: Database | undefined, archived: Archived): Promise<Span<BackupRecord>[]> {
  return await spansAlong({ ...archived, eras: erasOf(archived.lines) }, await presentOf(db), async segment => await timeOfSegment(archive, segmentName(segment)))
}

export async function readArchived(archive: Archive): Promise<Archived> {
  const [backups, names] = await Promise.all([readBackups(archive), archivedNames(archive)])
  return { backups, lines: await readLines(archive, names), segments: [...names].map(segmentOf).filter(segment => segment !== undefined) }
}

/** Where a restore begins, or why it is not possible. */
export async function choiceFor(archive: Archive, db: Database | undefined, target: RestoreTarget): Promise<Choice<BackupRecord> | string> {
  const [archived, points] = await Promise.all([readArchived(archive), target.kind === 'name' ? readRestorePoints(archive) : []])
  const choice = chooseBackup(await spansOf(archive, db, archived), points, target)
  const lost = unled(archived)
  const moved = target.kind === 'time' ? movedClock(archived.backups, new Date()) : new Map<BackupRecord, string>()
  if (typeof choice === 'string')
    return [choice, ...moved.values(), ...lost.map(whatIsLost)].join(' ')
  const doubt = choice.span.backups.filter(backup => position(backup) >= position(choice.backup)).map(backup => moved.get(backup)).find(what => what !== undefined)
  if (doubt !== undefined)
    return `Which moment that was cannot be told. ${doubt} Name a position, a restore point or a backup instead.`
  const lsn = choice.target.kind === 'lsn' ? parseLsn(choice.target.lsn) : undefined
  // It may be a position of what came later, and that of a past that was given up has the same name.
  const newer = lost.find(({ timeline }) => lsn !== undefined && timeline > (choice.span.era?.timeline ?? 0) && archived.segments.some(segment => segment.timeline === timeline && segment.number === segmentAt(lsn)))
  return newer ? whatIsLost(newer) : choice
}

/** Timelines whose history is lost, and that no backup was taken on since: nothing is known to lead there. */
export function unled({ backups, lines }: Pick<Archived, 'backups' | 'lines'>): readonly ArchivedLine[] {
  return lines.filter(line => line.isHistoryLost && !backups.some(({ timeline }) => timeline === line.timeline))
}

/** Said of a timeline that has WAL here which nothing leads to. */
export function whatIsLost({ since, timeline }: ArchivedLine): string {
  return `The history of timeline ${timeline} is missing in the archive, so what was written on it cannot be restored: it is there from ${since?.toISOString() ?? 'nobody knows when'} on.`
}

/**
 * Bring into the archive what a running server has written so far, with a commit after it: PostgreSQL knows that it has
 * reached a time when it sees a later one. Answers the target, `latest` as the position that is latest now.
 */
export async function secure(db: Database | undefined, archive: Archive, target: RestoreTarget, job: Job): Promise<RestoreTarget> {
  if (target.kind === 'backup' || !db || !await presentOf(db))
    return target
  const { latest, segment } = await db.asSuperuser(maintenanceDatabase, async (session) => {
    const [now] = await session.query<{ lsn: string }>('select pg_current_wal_insert_lsn()::text as lsn')
    // Each a transaction of its own: the commit has to be in the segment that the switch ends.
    await session.query('select pg_logical_emit_message(true, \'howdah\', \'restore\')')
    const segment = await endSegment(session)
    if (!now)
      throw new Error('the server did not say where it is')
    return { latest: now.lsn, segment }
  })
  await untilArchived(archive, [segment], job)
  return target.kind === 'latest' ? { kind: 'lsn', lsn: latest } : target
}

/** Whether a server of it is here and answers. */
export async function isRunning(db: Database | undefined): Promise<boolean> {
  return await presentOf(db) !== undefined
}

/** Undefined where no server answers: then only what is archived counts. */
async function presentOf(db: Database | undefined): Promise<PresentOn | undefined> {
  if (!db?.applied || !(await findPostmaster(db.paths.data))?.ready)
    return undefined
  try {
    const [row] = await db.asSuperuser(maintenanceDatabase, async session => await session.query<{ lsn: string, at: Date, segment: string }>('select lsn::text, clock_timestamp() as at, pg_walfile_name(lsn) as segment from pg_current_wal_insert_lsn() as lsn'))
    return row && { at: row.at, lsn: parseLsn(row.lsn) ?? 0n, timeline: segmentOf(row.segment)?.timeline ?? 1 }
  }
  catch (error) {
    if (error instanceof EngineError && error.code === 'unavailable')
      return undefined
    throw error
  }
}
