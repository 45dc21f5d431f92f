import type { Segment } from '@howdah/postgres'
import type { TakenBackup } from '../backup/taken.ts'
import type { Bucket } from '../bucket.ts'
import type { ServerEra, ServerInArchive } from './eras.ts'
import type { InPlaceRecord, Past, Swap } from './record.ts'
import { gzipSync } from 'node:zlib'
import { segmentName, spansAlong } from '@howdah/postgres'
import { describe, expect, it } from 'vitest'
import { Archive } from '../backup/archive.ts'
import { backupOfKept, leads, neededSince } from '../backup/needed.ts'
import { erasIn } from './eras.ts'
import { parseInPlace, presentIn, serversOf, withNewServer } from './record.ts'

const id = '0191d2c4-6f1e-7cc3-98c4-dc0c0c07398f'
const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 12) + minute * 60_000)
/** Position in the middle of a segment. */
const inside = (segment: number): string => `0/${(segment * 0x1000000 + 0x800000).toString(16).toUpperCase()}`
function backup(name: string, timeline: number, segment: number, minute: number, server = id): TakenBackup {
  return ({ id: name, method: 'archive', timeline, startLsn: inside(segment), stopLsn: inside(segment), finishedAt: at(minute), server }) as TakenBackup
} // what is looked at

/** A bucket with these segments and histories of a server, as Barman lays them out. */
function archiveOf(segments: readonly Segment[], histories: Readonly<Record<string, string>>, server = id): Archive {
  const objects = new Map<string, Uint8Array>([
    ...segments.map(segmentName).map((name): [string, Uint8Array] => [`${server}/wals/${name.slice(0, 16)}/${name}.gz`, new Uint8Array()]),
    ...Object.entries(histories).map(([name, text]): [string, Uint8Array] => [`${server}/wals/${name}.history.gz`, gzipSync(text)]),
  ])
  const bucket: Bucket = {
    settings: { endpoint: '', region: '', bucket: '', prefix: '', accessKeyId: '', secretAccessKey: '' },
    has: async key => objects.has(key),
    get: async key => objects.get(key),
    list: async folder => [...objects.keys()].filter(key => key.startsWith(folder)).map(key => ({ key, bytes: 1 })),
    remove: async key => void objects.delete(key),
  }
  return new Archive(bucket, server)
}

function run(timeline: number, from: number, to: number): Segment[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({ timeline, number: from + index }))
}

async function serversIn(archives: Readonly<Record<string, Archive>>): Promise<Map<string, ServerInArchive>> {
  return new Map(await Promise.all(Object.entries(archives).map(async ([name, archive]) => [name, { archive, wal: await archive.wal() }] as const)))
}

describe('a database that was restored in place, which was undone', () => {
  // Timeline 1 ended at 12:10 in segment 9; what was restored left it in segment 5 and ended at 12:15; then timeline 1 went on as 3.
  const pasts: Past[] = [{ timeline: 1, at: at(10), lsn: inside(9) }, { timeline: 2, at: at(15), lsn: inside(7) }]
  const archive = archiveOf([...run(1, 2, 9), ...run(2, 5, 7), ...run(3, 10, 11)], {
    '00000002': `1\t${inside(5)}\tbefore 2026-01-01 12:05:00+00\n`,
    '00000003': `1\t0/A000000\tno recovery target specified\n`,
  })
  const backups = [backup('early', 1, 3, 3), backup('late', 1, 8, 8), backup('between', 2, 6, 12), backup('now', 3, 10, 17)]
  const eras = async () => await erasIn(id, await serversIn({ [id]: archive }), pasts, { server: id, timeline: 3, ended: undefined })

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
    const eras = await erasIn(id, await serversIn({ [id]: early }), pasts, { server: id, timeline: 3, ended: undefined })
    expect(eras.map(({ timeline, until }) => [timeline, until])).toEqual([[1, at(10)], [2, at(15)]])
    expect(neededSince({ backups, eras, memory: undefined }, at(18)).map(({ id }) => id)).toEqual(['now'])
  })
})

describe('a branch that was reset to its parent, which was undone', () => {
  // Its own timeline 1 ended at 12:10 in segment 9. What its parent had left that one's timeline 1 in segment 5, and had a server of its own until 12:15; then timeline 1 went on as 2.
  const other = `${id}-2`
  const pasts: Past[] = [{ timeline: 1, at: at(10), lsn: inside(9) }, { timeline: 2, at: at(15), lsn: inside(7), server: other }]
  const own = archiveOf([...run(1, 2, 9), ...run(2, 10, 11)], { '00000002': `1\t0/A000000\tno recovery target specified\n` })
  const parents = archiveOf(run(2, 5, 7), { '00000002': `1\t${inside(5)}\tbefore 2026-01-01 12:05:00+00\n` }, other)
  const backups = [backup('early', 1, 3, 3), backup('late', 1, 8, 8), backup('between', 2, 6, 12, other), backup('now', 2, 10, 17)]
  const erasOf = async (): Promise<readonly ServerEra[]> => await erasIn(id, await serversIn({ [id]: own, [other]: parents }), pasts, { server: id, timeline: 2, ended: undefined })

  it('has each moment in the server that it was of, though both have the same timelines', async () => {
    expect((await erasOf()).map(era => [era.server, era.timeline, era.until, backups.filter(backup => leads(backup, era)).map(({ id }) => id)])).toEqual([
      [id, 1, at(10), ['early', 'late']],
      [other, 2, at(15), ['between']],
      [id, 2, undefined, ['early', 'late', 'now']],
    ])
  })

  it('keeps of each server what its moments need, and of the other what bringing it back does', async () => {
    const eras = await erasOf()
    const needed = (kept: Past | undefined, minute: number) => neededSince({ backups, eras, memory: { resourceVersion: '', points: [], end: undefined, inPlace: { pasts, kept: kept && { id: 'r', until: at(60), version: 18, past: kept } } } }, at(minute)).map(({ id }) => id)
    expect(needed(undefined, 9)).toEqual(['late', 'between', 'now'])
    expect(needed(undefined, 18)).toEqual(['now'])
    expect(needed(pasts[1], 18)).toEqual(['between', 'now'])
    expect(backupOfKept({ backups, eras }, { past: pasts[0]! })?.id).toBe('late')
    expect(backupOfKept({ backups, eras }, { past: pasts[1]! })?.id).toBe('between')
  })
})

it('what begins its WAL anew is on its first timeline, which has no history', async () => {
  const upgraded = `${id}-2`
  const pasts: Past[] = [{ timeline: 3, at: at(10), lsn: inside(9), server: id }]
  const servers = await serversIn({ [id]: archiveOf(run(3, 2, 9), { '00000003': '' }), [upgraded]: archiveOf(run(1, 1, 2), {}, upgraded) })
  const eras = await erasIn(id, servers, pasts, { server: upgraded, timeline: 1, ended: undefined })
  expect(eras.map(({ server, since, timeline, until }) => [server, timeline, since, until])).toEqual([[id, 3, undefined, at(10)], [upgraded, 1, at(10), undefined]])
  // Before anything of it is archived nobody can tell where it is, unless a server says it.
  expect(await erasIn(id, await serversIn({ [id]: archiveOf(run(3, 2, 9), {}), [upgraded]: archiveOf([], {}, upgraded) }), pasts, { server: upgraded, timeline: undefined, ended: undefined })).toHaveLength(1)
})

describe('the record of what took the place of what', () => {
  const swap = { kind: 'restore', id: 'r', until: at(60), uid: 'old', past: { timeline: 1, at: at(10), lsn: inside(9) }, server: `${id}-2` } as unknown as Swap // what is looked at

  it('that an earlier version wrote names the first server', () => {
    const record = parseInPlace('{"pasts":[{"timeline":1,"at":"2026-01-01T12:10:00.000Z","lsn":"0/9800000"}]}')
    expect(presentIn(record, id, 'any')).toEqual({ pasts: [{ timeline: 1, at: at(10), lsn: inside(9) }], server: id })
    expect(serversOf(id, record)).toEqual([id])
    expect(presentIn({ ...record, swap: { ...swap, server: undefined } }, id, 'new').server).toBe(id)
  })

  it('says what is now: what goes while it is there, and what comes from then on', () => {
    const record: InPlaceRecord = { pasts: [], swap, servers: 2 }
    expect(presentIn(record, id, 'old')).toEqual({ pasts: [], server: id })
    for (const uid of ['new', undefined])
      expect(presentIn(record, id, uid)).toEqual({ pasts: [swap.past], server: `${id}-2` })
    expect(presentIn({ ...record, swap: { ...swap, isBegun: true } }, id, 'old').server).toBe(`${id}-2`)
  })

  it('gives no server of the archive twice, also after the last one was given up', () => {
    const first = withNewServer(id, { pasts: [] })
    expect(first).toEqual({ server: `${id}-2`, servers: 2 })
    expect(withNewServer(id, { pasts: [], server: id, servers: first.servers })).toEqual({ server: `${id}-3`, servers: 3 })
    expect(serversOf(id, { servers: 3 })).toEqual([id, `${id}-2`, `${id}-3`])
  })
})
