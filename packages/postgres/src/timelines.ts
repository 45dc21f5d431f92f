import type { Era } from './restore-window.ts'
import type { Segment } from './wal-names.ts'
import { parseLsn, segmentAt, segmentBefore } from './wal-names.ts'

/** What PostgreSQL notes of a timeline that goes on where the one before ended: it was promoted, or had replayed everything. */
const wentOn = 'no recovery target specified'

/** A timeline that is in an archive. */
export interface Line {
  readonly timeline: number
  /** When its history was written: from then on it is the one that serves. Undefined for one that has none. */
  readonly since: Date | undefined
  /** The timelines before it, oldest first, each with the position where it was left. */
  readonly forks: readonly { readonly timeline: number, readonly lsn: bigint }[]
  /** When its server stopped in order with everything archived; undefined where that is not known. */
  readonly ended: Date | undefined
  /** It has all that the one before had, and gave nothing up. */
  readonly isContinuation: boolean
}

/** An era with the timeline that has all of it. */
export interface LineEra extends Era {
  readonly line: Line
}

/** What the history of a timeline says: one line for each that was before, with the position and the reason. */
export function lineOf(timeline: number, history: string, since: Date | undefined): Line {
  const forks = forksOf(history)
  return { timeline, since, ended: undefined, forks, isContinuation: forks.at(-1)?.reason === wentOn }
}

/**
 * The timelines that one with this history goes on from, and where each was left. It ends where something was given up: what lies before a
 * restore is another past, and may be another database's.
 */
export function inheritedLines(history: string): ReadonlyMap<number, bigint> {
  const forks = forksOf(history)
  const last = forks.findLastIndex(({ reason }) => reason !== wentOn)
  return new Map(forks.slice(last + 1).map(({ lsn, timeline }) => [timeline, lsn]))
}

function forksOf(history: string): { timeline: number, lsn: bigint, reason: string }[] {
  return history.split('\n').flatMap((text) => {
    const [before = '', position = '', ...reason] = text.trim().split(/\s+/)
    const lsn = parseLsn(position)
    return lsn === undefined ? [] : [{ timeline: Number(before), lsn, reason: reason.join(' ') }]
  })
}

/** The segments that a replay along a timeline reads, in the order of their positions. */
export function segmentsOn(line: Line, segments: Iterable<Segment>): Segment[] {
  const chosen = new Map<number, Segment>()
  const reaches = reachesOf(line)
  for (const segment of segments) {
    const reach = reaches.get(segment.timeline)
    const isPart = reach !== undefined && segment.number >= segmentAt(reach.from) && (reach.to === undefined || segment.number <= segmentBefore(reach.to))
    if (isPart && segment.timeline > (chosen.get(segment.number)?.timeline ?? 0))
      chosen.set(segment.number, segment)
  }
  return [...chosen.values()].sort((a, b) => a.number - b.number)
}

/** Whether a replay from this backup can reach the timeline. */
export function leadsTo(line: Line, { stopLsn, timeline }: { readonly stopLsn: string, readonly timeline: number }): boolean {
  const reach = reachesOf(line).get(timeline)
  return reach !== undefined && (reach.to === undefined || (parseLsn(stopLsn) ?? 0n) <= reach.to)
}

/** From where to where each timeline counts. */
function reachesOf({ forks, timeline }: Line): ReadonlyMap<number, { readonly from: bigint, readonly to: bigint | undefined }> {
  const ends = [...forks, { timeline, lsn: undefined }]
  return new Map(ends.map(({ timeline, lsn }, index) => [timeline, { from: ends[index - 1]?.lsn ?? 0n, to: lsn }]))
}
