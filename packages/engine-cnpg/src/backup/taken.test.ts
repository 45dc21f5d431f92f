import type { Installation } from '../installation.ts'
import type { KubeObject, Resource } from '../kubernetes/objects.ts'
import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { ApiError } from '../kubernetes/api.ts'
import { resources } from '../kubernetes/objects.ts'
import { neededSince } from './needed.ts'
import { endSegmentOf } from './snapshots.ts'
import { takenBackups } from './taken.ts'

const ref = { id: '0191d2c4-6f1e-7cc3-98c4-dc0c0c07398f', project: 'shop', name: 'orders' }
const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 12) + minute * 60_000)
const label = Buffer.from('START WAL LOCATION: 0/3000028 (file 000000020000000000000003)\nCHECKPOINT LOCATION: 0/3000080\nBACKUP METHOD: streamed\nSTART TIMELINE: 2\n').toString('base64')

function backup(id: string, minute: number, method = 'plugin', endLSN = '0/3000120'): KubeObject {
  return {
    metadata: {
      name: `orders-${id}`,
      labels: { 'howdah.dev/backup': id },
      annotations: { 'howdah.dev/taken': '{"dataBytes":2,"storedBytes":null,"serverVersion":"18.4"}' },
    },
    spec: { cluster: { name: 'orders' }, method },
    status: { phase: 'completed', beginLSN: '0/3000028', endLSN, stoppedAt: at(minute).toISOString(), ...method === 'plugin' ? {} : { backupLabelFile: label } },
  } as KubeObject
}

function snapshot(id: string, status: object = { readyToUse: true, restoreSize: '10Gi' }, change: object = {}): KubeObject {
  return { metadata: { name: `orders-${id}`, ...change }, status } as KubeObject
}

/** What is asked of the cluster's API, and no more. */
function installation(backups: readonly KubeObject[], snapshots: readonly KubeObject[] | Error): Installation {
  return {
    location: { namespacePrefix: '' },
    api: {
      list: async (resource: Resource) => {
        if (resource === resources.backup)
          return backups
        if (snapshots instanceof Error)
          throw snapshots
        return snapshots
      },
    },
  } as unknown as Installation
}

describe('a backup that is a snapshot', () => {
  it('is listed with the timeline that PostgreSQL says, and with the size that a volume of it has', async () => {
    const { backups } = await takenBackups(installation([backup('a', 1), backup('s', 2, 'volumeSnapshot')], [snapshot('s')]), ref)
    expect(backups).toMatchObject([{ id: 'a', method: 'archive', timeline: 1 }, { id: 's', method: 'snapshot', timeline: 2, volumeBytes: 10 * 2 ** 30 }])
    expect(backups[0]).not.toHaveProperty('volumeBytes')
  })

  it.each<[string, readonly KubeObject[] | Error]>([
    ['that somebody deleted', []],
    ['that is being deleted', [snapshot('s', undefined, { deletionTimestamp: '2026-01-01T12:00:00Z' })]],
    ['that the storage cannot use any more', [snapshot('s', { readyToUse: false, error: { message: 'VolumeSnapshotContent is missing' } })]],
    ['of a cluster that knows of none any more', new ApiError(404, {}, '/apis/snapshot.storage.k8s.io/v1/volumesnapshots')],
  ])('is none any more where it is one %s', async (_, snapshots) => {
    const { backups, lost } = await takenBackups(installation([backup('a', 1), backup('s', 2, 'volumeSnapshot')], snapshots), ref)
    expect(backups.map(({ id }) => id)).toEqual(['a'])
    expect(lost.map(({ id }) => id)).toEqual(['s'])
  })

  it('asks for no snapshots where no backup is one', async () => {
    const { backups } = await takenBackups(installation([backup('a', 1)], new Error('nobody asked')), ref)
    expect(backups).toHaveLength(1)
  })

  it.each([
    ['0/3000120', '000000020000000000000003'],
    ['0/4000000', '000000020000000000000003'],
    ['1/FF000028', '0000000200000001000000FF'],
  ])('that ends at %s is whole with %s', (endLsn, segment) => {
    expect(endSegmentOf(backup('s', 2, 'volumeSnapshot', endLsn))).toBe(segment)
  })

  it.each<[string, readonly (readonly [string, number, boolean])[], readonly string[]]>([
    ['keeps no older backup in the archive from being kept, because it goes with the storage', [['a', 1, false], ['s', 2, true], ['b', 8, false]], ['a', 's', 'b']],
    ['is over when a backup in the archive reaches as far back', [['s', 1, true], ['a', 2, false], ['b', 8, false]], ['a', 'b']],
    ['is kept as one in the archive is, where there are no others', [['r', 1, true], ['s', 2, true], ['t', 8, true]], ['s', 't']],
  ])('%s', async (_, all, expected) => {
    const objects = all.map(([id, minute, isSnapshot]) => backup(id, minute, isSnapshot ? 'volumeSnapshot' : 'plugin'))
    const { backups } = await takenBackups(installation(objects, all.map(([id]) => snapshot(id))), ref)
    expect(neededSince({ backups, eras: [], memory: undefined }, at(5)).map(({ id }) => id)).toEqual(expected)
  })
})
