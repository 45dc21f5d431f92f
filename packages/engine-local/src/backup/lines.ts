import type { Line, LineEra } from '@howdah/postgres'
import type { Archive } from '../archive/archive.ts'
import { Buffer } from 'node:buffer'
import { lineOf, segmentOf } from '@howdah/postgres'
import { walPath } from '../archive/wal-files.ts'
import { historyName } from '../in-place/timelines.ts'

export interface ArchivedLine extends Line {
  /** It has WAL and no history, which each but the first one has: nobody knows what it goes on from. */
  readonly isHistoryLost?: boolean
}

/** All timelines of an archive, oldest first, the first one among them, which has no history. */
export async function readLines(archive: Archive, names: ReadonlySet<string>): Promise<readonly ArchivedLine[]> {
  const begun = [...names].map(name => segmentOf(name)?.timeline ?? 0).filter(timeline => timeline > 1).map(historyName)
  // A list that is read while it grows may lack what is older than what it has.
  const histories = [...new Set([...[...names].filter(name => /^[0-9A-F]{8}\.history$/.test(name)), ...begun])]
  const known = await Promise.all(histories.map(async (name): Promise<Line | undefined> => {
    const found = await archive.get(walPath(name))
    const timeline = Number.parseInt(name, 16)
    return found && { ...lineOf(timeline, found.content.toString(), found.time), ended: await readEnd(archive, timeline) }
  }))
  const lines = known.filter(line => line !== undefined)
  const firsts = new Set([...names].map(name => segmentOf(name)?.timeline).filter(timeline => timeline !== undefined && !lines.some(line => line.timeline === timeline)))
  const beginnings = await Promise.all([...firsts].map(async (timeline = 1): Promise<ArchivedLine> => ({
    timeline,
    since: timeline === 1 ? undefined : await firstTime(archive, names, timeline),
    ended: await readEnd(archive, timeline),
    forks: [],
    isContinuation: false,
    isHistoryLost: timeline > 1,
  })))
  return [...lines, ...beginnings].sort((a, b) => a.timeline - b.timeline)
}

/** When the first segment of a timeline was finished that is there: by then it had begun. */
async function firstTime(archive: Archive, names: ReadonlySet<string>, timeline: number): Promise<Date | undefined> {
  const first = [...names].filter(name => segmentOf(name)?.timeline === timeline).sort()[0]
  return first === undefined ? undefined : (await archive.get(walPath(first)))?.time
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
