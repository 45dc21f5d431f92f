import type { PresentOn } from '@howdah/postgres'
import type { Database } from '../database.ts'
import type { ArchiveView } from './archive.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from '@howdah/engine'
import { endSegment, maintenanceDatabase, parseLsn, segmentOf } from '@howdah/postgres'

const lookEveryMs = 250
/** A segment takes a second or three; one call does not wait for an archive that is away. */
const archivedWithinMs = 15_000

/** The server as it is now; undefined where none answers, and only what is archived counts. */
export async function presentOf(db: Database | undefined): Promise<PresentOn | undefined> {
  if (!db?.seen.answers || db.cluster.isHibernationAsked)
    return undefined
  try {
    const [row] = await db.asSuperuser(maintenanceDatabase, async session =>
      await session.query<{ lsn: string, at: Date, segment: string }>('select lsn::text, clock_timestamp() as at, pg_walfile_name(lsn) as segment from pg_current_wal_insert_lsn() as lsn'))
    return row && { at: row.at, lsn: parseLsn(row.lsn) ?? 0n, timeline: segmentOf(row.segment)?.timeline ?? 1 }
  }
  catch (error) {
    if (error instanceof EngineError && error.code === 'unavailable')
      return undefined
    throw error
  }
}

/** What was written up to a moment, on its way into the archive. */
export interface Sealing extends PresentOn {
  /** The last one that belongs to it. */
  readonly segment: string
}

/**
 * Bring into the archive what the server has written so far, with a commit after it: PostgreSQL knows that it has
 * reached a time when it sees a later one. `purpose`: who asks again waits for the same segment, however long others are before it.
 * Undefined: no server answers.
 */
export async function archiveSoFar(db: Database, archive: ArchiveView, purpose: string): Promise<Sealing & { readonly isArchived: boolean } | undefined> {
  const sealing = db.sealings.get(purpose) ?? await seal(db)
  if (!sealing)
    return undefined
  db.sealings.set(purpose, sealing)
  const isArchived = await untilArchived(archive, sealing.segment)
  if (isArchived)
    db.sealings.delete(purpose)
  return { ...sealing, isArchived }
}

async function seal(db: Database): Promise<Sealing | undefined> {
  const present = await presentOf(db)
  return present && await db.asSuperuser(maintenanceDatabase, async (session) => {
    // Each a transaction of its own: the commit has to be in the segment that the switch ends.
    await session.query('select pg_logical_emit_message(true, \'howdah\', \'archive\')')
    return { ...present, segment: await endSegment(session) }
  })
}

/** The segment with the end of a backup that a replica gave stays open for as long as nobody writes. */
export async function archiveSegment(db: Database, archive: ArchiveView, segment: string): Promise<boolean> {
  if (await archive.hasSegment(segment))
    return true
  await db.asSuperuser(maintenanceDatabase, async session =>
    await session.query('select pg_switch_wal() where pg_walfile_name(pg_current_wal_insert_lsn()) = $1', [segment]))
  return await untilArchived(archive, segment)
}

async function untilArchived(archive: ArchiveView, segment: string): Promise<boolean> {
  const begun = performance.now()
  while (!await archive.hasSegment(segment)) {
    if (performance.now() - begun > archivedWithinMs)
      return false
    await delay(lookEveryMs)
  }
  return true
}
