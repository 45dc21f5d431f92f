import type { RestorePoint, RestoreTarget } from '@howdah/engine'
import type { Choice, Line, PresentOn, Segment, Span } from '@howdah/postgres'
import type { Archive } from '../archive/archive.ts'
import type { Database } from '../database.ts'
import type { Job } from './job.ts'
import type { BackupRecord } from './manifest.ts'
import { EngineError } from '@howdah/engine'
import { chooseBackup, endSegment, maintenanceDatabase, parseLsn, segmentName, segmentOf, spansAlong } from '@howdah/postgres'
import { findPostmaster } from '../process.ts'
import { erasOf, readLines } from './lines.ts'
import { readBackups } from './manifest.ts'
import { readRestorePoints } from './restore-points.ts'
import { archivedNames, timeOfSegment, untilArchived } from './wal-archive.ts'

/** What an archive holds. */
interface Archived {
  readonly backups: readonly BackupRecord[]
  readonly lines: readonly Line[]
  readonly segments: readonly Segment[]
}

/** What of a database can be restored now. `db`: where it is still here. */
export async function readSpans(archive: Archive, db: Database | undefined): Promise<Span<BackupRecord>[]> {
  const [archived, present] = await Promise.all([readArchived(archive), presentOf(db)])
  return await spansAlong({ ...archived, eras: erasOf(archived.lines) }, present, async segment => await timeOfSegment(archive, segmentName(segment)))
}

export async function readArchived(archive: Archive): Promise<Archived> {
  const [backups, names] = await Promise.all([readBackups(archive), archivedNames(archive)])
  return { backups, lines: await readLines(archive, names), segments: [...names].map(segmentOf).filter(segment => segment !== undefined) }
}

/** Where a restore begins, or why it is not possible. */
export async function choiceFor(archive: Archive, db: Database | undefined, target: RestoreTarget): Promise<Choice<BackupRecord> | string> {
  const points: readonly RestorePoint[] = target.kind === 'name' ? await readRestorePoints(archive) : []
  return chooseBackup(await readSpans(archive, db), points, target)
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
