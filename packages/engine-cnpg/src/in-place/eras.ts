import type { LineEra, PresentOn } from '@howdah/postgres'
import type { Archive, ArchivedWal } from '../backup/archive.ts'
import type { Past } from './record.ts'
import { lineOf } from '@howdah/postgres'

/** A time in which a database was as one timeline of one server in its archive has it. */
export interface ServerEra extends LineEra {
  readonly server: string
}

export interface ServerInArchive {
  readonly archive: Archive
  readonly wal: ArchivedWal
}

/** What is now. */
export interface Now {
  readonly server: string
  /** Undefined: no server runs that could say it. */
  readonly timeline: PresentOn['timeline'] | undefined
  /** When it stopped with everything archived. */
  readonly ended: Date | undefined
}

/** The past of a database that other data took the place of, oldest first, and what is now, each along the timeline that has it. `id`: of the database. */
export async function erasIn(id: string, servers: ReadonlyMap<string, ServerInArchive>, pasts: readonly Past[], now: Now): Promise<readonly ServerEra[]> {
  const line = async (server: string, timeline: number, since: Date | undefined, ended: Date | undefined) => {
    const { archive, wal } = servers.get(server) ?? {}
    return { ...lineOf(timeline, wal?.histories.has(timeline) ? await archive?.history(timeline) ?? '' : '', since), ended }
  }
  const eras: ServerEra[] = []
  let since: Date | undefined
  for (const { at, lsn, server = id, timeline } of pasts) {
    eras.push({ line: await line(server, timeline, since, lsn === undefined ? undefined : at), server, timeline, since, until: at })
    since = at
  }
  const { histories = new Set<number>(), segments = [] } = servers.get(now.server)?.wal ?? {}
  // Always the highest one of its server. Until its history is in the archive nothing can be replayed along it; the first one never has any.
  const timeline = now.timeline ?? Math.max(0, ...histories, ...segments.map(segment => segment.timeline))
  const before = pasts.findLast(({ server = id }) => server === now.server)?.timeline ?? 0
  if (timeline > before && (timeline === 1 || histories.has(timeline)))
    eras.push({ line: await line(now.server, timeline, since, now.ended), server: now.server, timeline, since, until: undefined })
  return eras
}
