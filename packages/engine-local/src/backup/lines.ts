import type { Era, Segment } from '@howdah/postgres'
import type { Archive } from '../archive/archive.ts'
import type { BackupRecord } from './manifest.ts'
import { Buffer } from 'node:buffer'
import { parseLsn, segmentAt, segmentBefore, segmentOf } from '@howdah/postgres'
import { walPath } from '../archive/wal-files.ts'

/** What PostgreSQL notes of a timeline that goes on where the one before ended: it was promoted, or had replayed everything. */
const wentOn = 'no recovery target specified'

/** A timeline that is in the archive. */
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

/** All timelines of an archive, oldest first, the first one among them, which has no history. */
export async function readLines(archive: Archive, names: ReadonlySet<string>): Promise<readonly Line[]> {
  const histories = [...names].filter(name => /^[0-9A-F]{8}\.history$/.test(name))
  const known = await Promise.all(histories.map(async (name): Promise<Line | undefined> => {
    const found = await archive.get(walPath(name))
    const timeline = Number.parseInt(name, 16)
    return found && { ...lineOf(timeline, found.content.toString(), found.time), ended: await readEnd(archive, timeline) }
  }))
  const lines = known.filter(line => line !== undefined)
  const firsts = new Set([...names].map(name => segmentOf(name)?.timeline).filter(timeline => timeline !== undefined && !lines.some(line => line.timeline === timeline)))
  const beginnings = await Promise.all([...firsts].map(async (timeline = 1): Promise<Line> => ({ timeline, since: undefined, ended: await readEnd(archive, timeline), forks: [], isContinuation: false })))
  return [...lines, ...beginnings].sort((a, b) => a.timeline - b.timeline)
}

/** Note that a timeline was left in order: no moment before this one lacks anything. */
export async function noteEnd(archive: Archive, timeline: number, at: Date): Promise<void> {
  await archive.put(endPath(timeline), Buffer.alloc(0), at)
}

async function readEnd(archive: Archive, timeline: number): Promise<Date | undefined> {
  return (await archive.get(endPath(timeline)))?.time
}

function endPath(timeline: number): string {
  return `ends/${timeline.toString(16).toUpperCase().padStart(8, '0')}`
}

/** What the history of a timeline says: one line for each that was before, with the position and the reason. */
export function lineOf(timeline: number, history: string, since: Date): Line {
  const forks = history.split('\n').flatMap((text) => {
    const [before = '', position = '', ...reason] = text.trim().split(/\s+/)
    const lsn = parseLsn(position)
    return lsn === undefined ? [] : [{ timeline: Number(before), lsn, reason: reason.join(' ') }]
  })
  return { timeline, since, ended: undefined, forks, isContinuation: forks.at(-1)?.reason === wentOn }
}

/**
 * The past of a database by time, oldest first. A restore in place gives the present up: the moments before it stay what they
 * were, on the timeline of then. Where one went on, as after a failover or when a restore was undone, it has both.
 */
export function erasOf(lines: readonly Line[]): readonly LineEra[] {
  const eras: LineEra[] = []
  for (const [index, line] of lines.entries()) {
    const carrier = carrierOf(line, lines)
    const era: LineEra = { line: carrier, timeline: carrier.timeline, since: index === 0 ? undefined : line.since, until: lines[index + 1]?.since }
    const before = eras.at(-1)
    if (before?.line === era.line)
      eras[eras.length - 1] = { ...before, until: era.until }
    else
      eras.push(era)
  }
  return eras
}

/** The one that has all that this one had, and most after it. */
function carrierOf(line: Line, lines: readonly Line[]): Line {
  const next = lines.findLast(({ forks, isContinuation }) => isContinuation && forks.at(-1)?.timeline === line.timeline)
  return next ? carrierOf(next, lines) : line
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
export function leadsTo(line: Line, { stopLsn, timeline }: Pick<BackupRecord, 'stopLsn' | 'timeline'>): boolean {
  const reach = reachesOf(line).get(timeline)
  return reach !== undefined && (reach.to === undefined || (parseLsn(stopLsn) ?? 0n) <= reach.to)
}

/** From where to where each timeline counts. */
function reachesOf({ forks, timeline }: Line): ReadonlyMap<number, { readonly from: bigint, readonly to: bigint | undefined }> {
  const ends = [...forks, { timeline, lsn: undefined }]
  return new Map(ends.map(({ timeline, lsn }, index) => [timeline, { from: ends[index - 1]?.lsn ?? 0n, to: lsn }]))
}
