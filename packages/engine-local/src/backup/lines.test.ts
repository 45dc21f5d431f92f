import type { Segment } from '@howdah/postgres'
import type { BackupRecord } from './manifest.ts'
import { chooseBackup, leadsTo, lineOf, segmentName, segmentsOn, spansAlong } from '@howdah/postgres'
import { describe, expect, it } from 'vitest'
import { erasOf } from './lines.ts'

const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 12) + minute * 60_000)
/** Position in the middle of a segment. */
const inside = (segment: number): string => `0/${(segment * 0x1000000 + 0x800000).toString(16).toUpperCase()}`
function timelines(...runs: [timeline: number, from: number, to: number][]): Segment[] {
  return runs.flatMap(([timeline, from, to]) => Array.from({ length: to - from + 1 }, (_, index) => ({ timeline, number: from + index })))
}
function backup(id: string, timeline: number, segment: number, minute: number): BackupRecord {
  return ({ id, timeline, startLsn: inside(segment), stopLsn: inside(segment), finishedAt: at(minute).toISOString() }) as BackupRecord
} // what the choice looks at

const first = { timeline: 1, since: undefined, ended: undefined, forks: [], isContinuation: false }

describe('the past of a database that was restored in place', () => {
  // Timeline 1 ran to segment 9. At 12:10 it was restored to the middle of segment 5.
  const lines = [first, lineOf(2, `1\t${inside(5)}\tbefore 2026-01-01 12:05:00+00\n\n`, at(10))]
  const segments = timelines([1, 2, 9], [2, 5, 7])
  const backups = [backup('early', 1, 3, 3), backup('late', 1, 8, 8), backup('after', 2, 6, 12)]
  const present = { at: at(20), lsn: 0x8000000n, timeline: 2 }
  const spans = async () => await spansAlong({ backups, eras: erasOf(lines), segments }, present, async ({ number }) => at(number))

  it('a replay along a timeline reads what was before on the other one, and nothing of what was given up', () => {
    expect(segmentsOn(lines[1]!, segments).map(segmentName)).toEqual(timelines([1, 2, 4], [2, 5, 7]).map(segmentName))
    expect(segmentsOn(first, segments)).toEqual(timelines([1, 2, 9]))
    expect(backups.map(record => leadsTo(lines[1]!, record))).toEqual([true, false, true])
  })

  it('a moment before the restore is as it was then, one after it as it is now', async () => {
    const chosen = async (minute: number) => {
      const choice = chooseBackup(await spans(), [], { kind: 'time', at: at(minute) })
      return typeof choice === 'string' ? choice : [choice.backup.id, choice.span.era?.timeline]
    }
    expect(await chosen(6)).toEqual(['early', 1])
    expect(await chosen(8.5)).toEqual(['late', 1])
    expect(await chosen(11)).toEqual(['early', 2])
    expect(await chosen(15)).toEqual(['after', 2])
    // Segment 9 ended at 12:09, and its last five seconds are not promised.
    expect(await chosen(9.95)).toMatch(/cannot be restored.*12:08:55.*12:10:00/)
  })

  it('where the server had stopped in order, its last seconds are there as well; not where it wrote on', async () => {
    const ends = async (minute: number) => (await spansAlong({ backups, eras: erasOf([{ ...first, ended: at(minute) }, lines[1]!]), segments }, present, async ({ number }) => at(number)))[0]?.to
    expect(await ends(9.5)).toEqual(at(9.5))
    expect(await ends(8)).toEqual(new Date(at(9).getTime() - 5000))
  })

  it('a position that was used twice is the one of now, and a named one that of its time', async () => {
    const chosen = async (...target: Parameters<typeof chooseBackup> extends [unknown, ...infer Rest] ? Rest : never) => {
      const choice = chooseBackup(await spans(), ...target)
      return typeof choice === 'string' ? choice : choice.span.era?.timeline
    }
    expect(await chosen([], { kind: 'lsn', lsn: inside(7) })).toBe(2)
    expect(await chosen([], { kind: 'lsn', lsn: inside(9) })).toBe(1)
    expect(await chosen([{ name: 'old', at: at(7), lsn: inside(7) }], { kind: 'name', name: 'old' })).toBe(1)
    expect(await chosen([], { kind: 'latest' })).toBe(2)
  })

  it('what was given up is not the latest, also when nothing else can be restored', async () => {
    const only = await spansAlong({ backups: [backup('late', 1, 8, 8)], eras: erasOf(lines), segments }, present, async () => at(9))
    expect(only).toHaveLength(1)
    expect(chooseBackup(only, [], { kind: 'latest' })).toMatch(/no backup/)
  })

  it('an undone restore leaves one past again, with the time between as it was', async () => {
    const undone = [...lines, lineOf(3, `1\t${inside(9)}\tno recovery target specified\n`, at(15))]
    expect(erasOf(undone).map(({ line, since, until }) => [line.timeline, since, until])).toEqual([[3, undefined, at(10)], [2, at(10), at(15)], [3, at(15), undefined]])
    const spans = await spansAlong({ backups, eras: erasOf(undone), segments: [...segments, ...timelines([3, 9, 10])] }, { at: at(20), lsn: 0xB000000n, timeline: 3 }, async ({ number }) => at(number))
    expect(spans.map(({ era, from, to }) => [era?.timeline, from, to])).toEqual([[3, new Date(at(3).getTime() + 1), at(10)], [2, at(10), at(10)], [3, at(15), at(20)]])
  })
})

it('a failover goes on: one past, whose end is on the new timeline', () => {
  const lines = [first, lineOf(2, `1\t${inside(5)}\tno recovery target specified\n`, at(10))]
  expect(erasOf(lines)).toEqual([{ line: lines[1], timeline: 2, since: undefined, until: undefined }])
})
