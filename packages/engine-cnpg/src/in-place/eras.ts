import type { LineEra, PresentOn } from '@howdah/postgres'
import type { Archive, ArchivedWal } from '../backup/archive.ts'
import type { Past } from './record.ts'
import { lineOf } from '@howdah/postgres'

/** The past of a database that was restored in place, oldest first, and what is now, each along the timeline that has it. */
export async function erasIn(archive: Archive, wal: ArchivedWal, pasts: readonly Past[], now: Pick<PresentOn, 'timeline'> | undefined, ended: Date | undefined): Promise<readonly LineEra[]> {
  const line = async (timeline: number, since: Date | undefined, ended: Date | undefined) =>
    ({ ...lineOf(timeline, wal.histories.has(timeline) ? await archive.history(timeline) : '', since), ended })
  const eras: LineEra[] = []
  let since: Date | undefined
  for (const { at, lsn, timeline } of pasts) {
    eras.push({ line: await line(timeline, since, lsn === undefined ? undefined : at), timeline, since, until: at })
    since = at
  }
  // Always the highest one. Until its history is in the archive nothing can be replayed along it.
  const timeline = now?.timeline ?? Math.max(...wal.histories, ...wal.segments.map(segment => segment.timeline))
  if (timeline > (pasts.at(-1)?.timeline ?? 0) && wal.histories.has(timeline))
    eras.push({ line: await line(timeline, since, ended), timeline, since, until: undefined })
  return eras
}
