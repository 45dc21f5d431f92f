import type { InPlaceRecord } from '../in-place/record.ts'
import type { BackedInstallation } from '../installation.ts'
import type { KubeObject } from '../kubernetes/objects.ts'
import type { TakenBackup } from './taken.ts'
import { gzipSync } from 'node:zlib'
import { chooseBackup } from '@howdah/postgres'
import { beforeEach, describe, expect, it } from 'vitest'
import { readSpans, recoveryTargetOf } from './reach.ts'
import { trimArchive } from './trim-archive.ts'

const id = '0191d2c4-6f1e-7cc3-98c4-dc0c0c07398f'
const other = `${id}-2`
const ref = { id, project: 'shop', name: 'orders' }
const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 12) + minute * 60_000)

/** A branch that was reset at 12:10, and was brought back at 12:15: what its parent had is in a server of its own, with the same numbers. */
const reset: InPlaceRecord = {
  servers: 2,
  server: id,
  pasts: [{ timeline: 1, at: at(10), lsn: '0/9800000' }, { timeline: 2, at: at(15), lsn: '0/7800000', server: other }],
}

function backup(name: string, server: string, timeline: number, segment: number, minute: number): KubeObject {
  return {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Backup',
    metadata: {
      name: `orders-${name}`,
      labels: { 'howdah.dev/backup': name },
      annotations: { 'howdah.dev/taken': '{"dataBytes":2,"storedBytes":1,"serverVersion":"18.4"}', ...server === id ? {} : { 'howdah.dev/server': server } },
    },
    status: { backupId: name, beginLSN: `0/${segment}000028`, endLSN: `0/${segment}000120`, stoppedAt: at(minute).toISOString(), pluginMetadata: { timeline: String(timeline) } },
  } as KubeObject
}

describe('an archive with two servers', () => {
  let keys: Map<string, Uint8Array>
  let record: InPlaceRecord
  let installation: BackedInstallation
  beforeEach(() => {
    record = reset
    keys = new Map()
    const wal = (server: string, timeline: number, from: number, to: number): void => {
      for (let segment = from; segment <= to; segment++)
        keys.set(`${server}/wals/0000000${timeline}00000000/0000000${timeline}00000000${segment.toString(16).toUpperCase().padStart(8, '0')}.gz`, new Uint8Array())
    }
    wal(id, 1, 2, 9)
    wal(id, 2, 10, 11)
    wal(other, 2, 5, 7)
    keys.set(`${id}/wals/00000002.history.gz`, gzipSync('1\t0/A000000\tno recovery target specified\n'))
    keys.set(`${other}/wals/00000002.history.gz`, gzipSync('1\t0/5800000\tbefore 2026-01-01 12:05:00+00\n'))
    const backups = [backup('early', id, 1, 3, 3), backup('between', other, 2, 6, 12)]
    // What is asked of the cluster's API and of the bucket, and no more.
    installation = {
      location: { namespacePrefix: '' },
      api: {
        get: async () => ({ metadata: { name: `archive-${id}`, resourceVersion: '1', annotations: { 'howdah.dev/in-place': JSON.stringify(record) } } }),
        list: async () => backups,
        merge: async (_: unknown, __: unknown, body: { readonly metadata: { readonly annotations: Readonly<Record<string, string>> } }) => {
          record = JSON.parse(body.metadata.annotations['howdah.dev/in-place'] ?? '') as InPlaceRecord
        },
      },
      bucket: {
        list: async (folder: string) => [...keys.keys()].filter(key => key.startsWith(folder)).map(key => ({ key, bytes: 1 })),
        get: async (key: string) => keys.get(key),
        remove: async (key: string) => void keys.delete(key),
      },
    } as unknown as BackedInstallation
  })
  const left = (server: string): number => [...keys.keys()].filter(key => key.startsWith(`${server}/`)).length

  it('has each moment where it was, with the backup and the timeline of that server', async () => {
    const { server, spans } = await readSpans(installation, ref, undefined)
    expect(server).toBe(id)
    const chosen = (minute: number): unknown => {
      const choice = chooseBackup(spans, [], { kind: 'time', at: at(minute) })
      return typeof choice === 'string' ? choice : [choice.backup.server, recoveryTargetOf(choice)]
    }
    expect(chosen(8)).toEqual([id, { backupID: 'early', targetTime: '2026-01-01 12:08:00.000+00', targetTLI: '1' }])
    expect(chosen(14)).toEqual([other, { backupID: 'between', targetTime: '2026-01-01 12:14:00.000+00', targetTLI: '2' }])
    // Between the reset and the first backup after it.
    expect(chosen(11)).toMatch(/cannot be restored/)
  })

  it('keeps a server while a backup of it is kept, or it can be brought back, and then gives up all of it', async () => {
    const { backups } = await readSpans(installation, ref, undefined)
    const [early, between] = backups as [TakenBackup, TakenBackup]
    await trimArchive(installation, ref, undefined, [early, between])
    expect([left(id), left(other)]).toEqual([10, 3])
    record = { ...reset, kept: { id: 'r', until: at(60), version: 18, past: reset.pasts[1]! } }
    await trimArchive(installation, ref, undefined, [early])
    expect(left(other)).toBe(3)
    record = reset
    await trimArchive(installation, ref, undefined, [early])
    expect([left(id), left(other)]).toEqual([10, 0])
    // It still says what was when.
    expect(record.pasts).toHaveLength(2)
  })

  it('forgets the oldest past together with its server', async () => {
    record = { ...reset, server: other, pasts: reset.pasts.slice(0, 1) }
    const between = (await readSpans(installation, ref, undefined)).backups[1]
    await trimArchive(installation, ref, undefined, [between!])
    expect([left(id), left(other)]).toEqual([0, 3])
    expect(record.pasts).toEqual([])
    expect(record).toMatchObject({ server: other, servers: 2 })
  })
})
