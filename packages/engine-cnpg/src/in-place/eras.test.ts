import type { Segment } from '@howdah/postgres'
import type { TakenBackup } from '../backup/taken.ts'
import type { Bucket } from '../bucket.ts'
import type { Past } from './record.ts'
import { gzipSync } from 'node:zlib'
import { segmentName, spansAlong } from '@howdah/postgres'
import { describe, expect, it } from 'vitest'
import { Archive } from '../backup/archive.ts'
import { backupOfKept, neededSince } from '../backup/needed.ts'
import { erasIn } from './eras.ts'

const id = '0191d2c4-6f1e-7cc3-98c4-dc0c0c07398f'
const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 12) + minute * 60_000)
/** Position in the middle of a segment. */
const inside = (segment: number): string => `0/${(segment * 0x1000000 + 0x800000).toString(16).toUpperCase()}`
function backup(name: string, timeline: number, segment: number, minute: number): TakenBackup {
  return ({ id: name, timeline, startLsn: inside(segment), stopLsn: inside(segment), finishedAt: at(minute) }) as TakenBackup
} // what is looked at

/** A bucket with these segments and histories, as Barman lays them out. */
function archiveOf(segments: readonly Segment[], histories: Readonly<Record<string, string>>): Archive {
  const objects = new Map<string, Uint8Array>([
    ...segments.map(segmentName).map((name): [string, Uint8Array] => [`${id}/wals/${name.slice(0, 16)}/${name}.gz`, new Uint8Array()]),
    ...Object.entries(histories).map(([name, text]): [string, Uint8Array] => [`${id}/wals/${name}.history.gz`, gzipSync(text)]),
  ])
  const bucket: Bucket = {
    settings: { endpoint: '', region: '', bucket: '', prefix: '', accessKeyId: '', secretAccessKey: '' },
    has: async key => objects.has(key),
    get: async key => objects.get(key),
    list: async folder => [...objects.keys()].filter(key => key.startsWith(folder)).map(key => ({ key, bytes: 1 })),
    remove: async key => void objects.delete(key),
  }
  return new Archive(bucket, id)
}

function run(timeline: number, from: number, to: number): Segment[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({ timeline, number: from + index }))
}

describe('a database that was restored in place, which was undone', () => {
  // Timeline 1 ended at 12:10 in segment 9; what was restored left it in segment 5 and ended at 12:15; then timeline 1 went on as 3.
  const pasts: Past[] = [{ timeline: 1, at: at(10), lsn: inside(9) }, { timeline: 2, at: at(15), lsn: inside(7) }]
  const archive = archiveOf([...run(1, 2, 9), ...run(2, 5, 7), ...run(3, 10, 11)], {
    '00000002': `1\t${inside(5)}\tbefore 2026-01-01 12:05:00+00\n`,
    '00000003': `1\t0/A000000\tno recovery target specified\n`,
  })
  const backups = [backup('early', 1, 3, 3), backup('late', 1, 8, 8), backup('between', 2, 6, 12), backup('now', 3, 10, 17)]
  const eras = async () => await erasIn(archive, await archive.wal(), pasts, { timeline: 3 }, undefined)

  it('has each moment on the timeline that it was of', async () => {
    const spans = await spansAlong({ backups, eras: await eras(), segments: (await archive.wal()).segments }, { at: at(20), lsn: 0xC000000n, timeline: 3 }, async (_, { line }) => line.ended)
    expect(spans.map(({ backups, era, from, to }) => [era?.timeline, from, to, backups.map(({ id }) => id)])).toEqual([
      [1, new Date(at(3).getTime() + 1), at(10), ['early', 'late']],
      [2, at(10), at(15), ['early', 'between']],
      [3, at(15), at(20), ['early', 'late', 'now']],
    ])
  })

  it('keeps what bringing a past back needs, however old it is, and of the others what their moments need', async () => {
    const reach = async (kept: Past | undefined) => ({ backups, eras: await eras(), memory: { resourceVersion: '', points: [], end: undefined, inPlace: { pasts, kept: kept && { id: 'r', until: at(60), version: 18, past: kept } } } })
    const needed = async (kept: Past | undefined) => neededSince(await reach(kept), at(18)).map(({ id }) => id)
    expect(await needed(undefined)).toEqual(['now'])
    expect(await needed(pasts[1])).toEqual(['between', 'now'])
    expect(backupOfKept(await reach(undefined), { past: pasts[0]! })?.id).toBe('late')
    expect(backupOfKept(await reach(undefined), { past: pasts[1]! })?.id).toBe('between')
  })

  it('judges nothing of what serves now before its history is in the archive', async () => {
    const early = archiveOf([...run(1, 2, 9), ...run(2, 5, 7)], { '00000002': `1\t${inside(5)}\tbefore 2026-01-01 12:05:00+00\n` })
    const eras = await erasIn(early, await early.wal(), pasts, { timeline: 3 }, undefined)
    expect(eras.map(({ timeline, until }) => [timeline, until])).toEqual([[1, at(10)], [2, at(15)]])
    expect(neededSince({ backups, eras, memory: undefined }, at(18)).map(({ id }) => id)).toEqual(['now'])
  })
})
