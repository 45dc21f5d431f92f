import type { RestorePoint, RestoreTarget } from '@howdah/engine'
import type { Segment } from './wal-names.ts'
import { endOfSegment, formatLsn, parseLsn, segmentAt, segmentBefore, segmentName } from './wal-names.ts'

/** PostgreSQL writes WAL of commits that did not wait for it after three rounds of its writer, which sleeps for a second. */
export const unsureMs = 5_000

export const nothingYet = 'It has no backup yet that could be restored; take one first.'

/** What of a base backup says where a restore with it can begin. */
export interface BackupMark {
  readonly id: string
  readonly finishedAt: Date | string
  readonly startLsn: string
  readonly stopLsn: string
}

/** A time in which a database was as one timeline has it. A restore in place begins another one. */
export interface Era {
  readonly timeline: number
  /** Undefined: from the beginning. */
  readonly since: Date | undefined
  /** When it was given up for another one; undefined for the one that is now. */
  readonly until: Date | undefined
}

/** A stretch of WAL without a hole that begins with a base backup. */
export interface Span<Backup extends BackupMark = BackupMark> {
  /** Of which time it is a part; undefined where there is only one. */
  readonly era?: Era
  readonly from: Date
  readonly to: Date
  readonly fromLsn: bigint
  readonly toLsn: bigint
  /** Oldest first; each can be the begin of a restore to anything after it in this span. */
  readonly backups: readonly Backup[]
  readonly first: Segment
  readonly last: Segment
  /** The archive goes on behind the hole that ends it. */
  readonly isBeforeHole: boolean
}

/** The server as it is now, where one runs: what it has written is archived before it is restored. */
export interface Present {
  readonly at: Date
  readonly lsn: bigint
}

/**
 * What is restorable, from what is in the archive. `timeOf`: when the last record of a segment was written.
 *
 * A commit gets its time a moment before its WAL is written. What a full segment may lack of the last seconds before
 * its own time is in the next one, which is not there at the end of a span: so many seconds are not promised.
 */
export async function spansOf<Backup extends BackupMark>(backups: readonly Backup[], segments: readonly Segment[], present: Present | undefined, timeOf: (segment: Segment) => Promise<Date | undefined>): Promise<Span<Backup>[]> {
  const spans: Span<Backup>[] = []
  for (const run of runsOf(segments)) {
    const [first, last] = [run[0], run.at(-1)]
    if (!first || !last)
      continue
    const usable = backups.filter(backup => firstSegment(backup) >= first.number && lastSegment(backup) <= last.number)
    const [oldest] = usable
    if (!oldest)
      continue
    const isBeforeHole = last.number !== segments.at(-1)?.number
    const isOpen = present !== undefined && !isBeforeHole
    const seen = isOpen ? undefined : await timeOf(last)
    const from = momentOf(oldest)
    const to = isOpen ? present.at : new Date((seen ?? from).getTime() - unsureMs)
    spans.push({
      from,
      // The backup itself can be restored, whatever is known of what came after.
      to: to < from ? from : to,
      fromLsn: lsnOf(oldest.stopLsn),
      toLsn: isOpen ? present.lsn : endOfSegment(last.number),
      backups: usable,
      first,
      last,
      isBeforeHole,
    })
  }
  return spans
}

export interface Choice<Backup extends BackupMark = BackupMark> {
  readonly backup: Backup
  readonly span: Span<Backup>
  readonly target: Exclude<RestoreTarget, { kind: 'name' }>
}

/** Where a restore to the target begins, or why it is not possible and what is instead. */
export function chooseBackup<Backup extends BackupMark>(spans: readonly Span<Backup>[], points: readonly RestorePoint[], target: RestoreTarget): Choice<Backup> | string {
  switch (target.kind) {
    case 'backup': {
      for (const span of spans.toReversed()) {
        const backup = span.backups.find(({ id }) => id === target.backup)
        if (backup)
          return { backup, span, target }
      }
      return `There is no backup ${target.backup} that can be restored.${nearest(spans.at(-1)?.backups.at(-1)?.id)}`
    }
    case 'name': {
      const point = points.find(({ name }) => name === target.name)
      return point
        ? chooseBackup(spans.filter(({ era }) => era === undefined || isIn(era, point.at)), points, { kind: 'lsn', lsn: point.lsn })
        : `There is no restore point "${target.name}".${nearest(...points.map(({ name }) => `"${name}"`))}`
    }
    case 'latest': {
      // The end of what was given up is not the latest.
      const span = spans.findLast(({ era }) => era?.until === undefined)
      const backup = span?.backups.at(-1)
      if (!span || !backup)
        return nothingYet
      return span.isBeforeHole
        ? `Its archive lacks segment ${segmentName({ timeline: span.last.timeline, number: span.last.number + 1 })} of its WAL, so the latest of it cannot be restored.${nearest(span.to.toISOString(), formatLsn(span.toLsn))}`
        : { backup, span, target }
    }
    case 'time': {
      const at = target.at
      const span = spans.findLast(({ from, to }) => from <= at && at <= to)
      const backup = span?.backups.findLast(backup => momentOf(backup) <= at)
      if (span && backup)
        return { backup, span, target }
      const [before, after] = [spans.findLast(({ to }) => to < at)?.to, spans.find(({ from }) => from > at)?.from]
      return outside(spans, `${at.toISOString()} cannot be restored.${nearest(before?.toISOString(), after?.toISOString())}`)
    }
    case 'lsn': {
      const lsn = parseLsn(target.lsn)
      if (lsn === undefined)
        return `"${target.lsn}" is no position in the WAL, such as 0/3000158.`
      // Positions of a past that was given up are used again: the newest that has it is meant.
      const span = spans.findLast(({ fromLsn, toLsn }) => fromLsn <= lsn && lsn <= toLsn)
      const backup = span?.backups.findLast(({ stopLsn }) => lsnOf(stopLsn) <= lsn)
      if (span && backup)
        return { backup, span, target }
      const [before, after] = [spans.findLast(({ toLsn }) => toLsn < lsn)?.toLsn, spans.find(({ fromLsn }) => fromLsn > lsn)?.fromLsn]
      return outside(spans, `${target.lsn} cannot be restored.${nearest(...[before, after].map(end => end === undefined ? undefined : formatLsn(end)))}`)
    }
  }
}

function isIn({ since, until }: Era, at: Date): boolean {
  return (since === undefined || since <= at) && (until === undefined || at < until)
}

function outside(spans: readonly Span[], text: string): string {
  return spans.length === 0 ? nothingYet : text
}

function nearest(...possible: readonly (string | undefined)[]): string {
  const known = possible.filter(text => text !== undefined)
  return known.length === 0 ? '' : ` The nearest that can: ${known.join(' and ')}.`
}

/** The earliest moment that a restore with it can reach. PostgreSQL's clock has microseconds that ours has not. */
function momentOf({ finishedAt }: BackupMark): Date {
  return new Date(new Date(finishedAt).getTime() + 1)
}

function runsOf(segments: readonly Segment[]): Segment[][] {
  const runs: Segment[][] = []
  for (const segment of segments) {
    const run = runs.at(-1)
    if (run && run.at(-1)?.number === segment.number - 1)
      run.push(segment)
    else
      runs.push([segment])
  }
  return runs
}

function firstSegment({ startLsn }: BackupMark): number {
  return segmentAt(lsnOf(startLsn))
}

function lastSegment({ stopLsn }: BackupMark): number {
  return segmentBefore(lsnOf(stopLsn))
}

function lsnOf(text: string): bigint {
  return parseLsn(text) ?? 0n
}
