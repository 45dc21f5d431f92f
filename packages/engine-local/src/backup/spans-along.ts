import type { Present, Segment, Span } from '@howdah/postgres'
import type { Line } from './lines.ts'
import type { BackupRecord } from './manifest.ts'
import { spansOf } from '@howdah/postgres'
import { erasOf, leadsTo, segmentsOn } from './lines.ts'

/** What an archive holds. */
export interface Archived {
  readonly backups: readonly BackupRecord[]
  readonly lines: readonly Line[]
  readonly segments: readonly Segment[]
}

/** The server that runs, and its timeline. */
export interface PresentOn extends Present {
  readonly timeline: number
}

/** What is restorable, era by era, each along the timeline that has it. */
export async function spansAlong({ backups, lines, segments }: Archived, present: PresentOn | undefined, timeOf: (segment: Segment) => Promise<Date | undefined>): Promise<Span<BackupRecord>[]> {
  const spans: Span<BackupRecord>[] = []
  for (const era of erasOf(lines)) {
    const { line, since, until } = era
    const path = segmentsOn(line, segments)
    const seen = new Map<Segment, Date | undefined>()
    const found = await spansOf(backups.filter(backup => leadsTo(line, backup)), path, present?.timeline === line.timeline ? present : undefined, async (segment) => {
      seen.set(segment, await timeOf(segment))
      return seen.get(segment)
    })
    for (const span of found) {
      const isLast = span.last === path.at(-1)
      const written = seen.get(span.last)
      // Of a server that wrote on after it had stopped in order, that says nothing.
      const end = isLast && line.ended && written && written <= line.ended ? line.ended : span.to
      const from = since && since > span.from ? since : span.from
      const to = until && until < end ? until : end
      // What it has is of another time.
      const isElsewhere = (until !== undefined && from >= until) || (to < from && from !== span.from && !isLast)
      if (!isElsewhere)
        spans.push({ ...span, era, from, to: to < from ? from : to })
    }
  }
  return spans
}
