import type { BackupMark, Present, Span } from './restore-window.ts'
import type { LineEra } from './timelines.ts'
import type { Segment } from './wal-names.ts'
import { spansOf } from './restore-window.ts'
import { leadsTo, segmentsOn } from './timelines.ts'

/** A base backup, and the timeline that it was taken on. */
export interface BackupOnLine extends BackupMark {
  readonly timeline: number
}

/** What an archive holds, and of which time what is. */
export interface ErasInArchive<Backup extends BackupOnLine> {
  readonly backups: readonly Backup[]
  readonly eras: readonly LineEra[]
  readonly segments: readonly Segment[]
}

/** The server that runs, and its timeline. */
export interface PresentOn extends Present {
  readonly timeline: number
}

/** What is restorable, era by era, each along the timeline that has it. */
export async function spansAlong<Backup extends BackupOnLine>({ backups, eras, segments }: ErasInArchive<Backup>, present: PresentOn | undefined, timeOf: (segment: Segment, era: LineEra) => Promise<Date | undefined>): Promise<Span<Backup>[]> {
  const spans: Span<Backup>[] = []
  for (const era of eras) {
    const { line, since, until } = era
    const path = segmentsOn(line, segments)
    const seen = new Map<Segment, Date | undefined>()
    const found = await spansOf(backups.filter(backup => leadsTo(line, backup)), path, present?.timeline === line.timeline ? present : undefined, async (segment) => {
      seen.set(segment, await timeOf(segment, era))
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
