import type { Database } from '../database.ts'
import type { BackedInstallation } from '../installation.ts'
import type { KubeObject, Resource } from '../kubernetes/objects.ts'
import type { ClusterView } from '../views.ts'
import { Buffer } from 'node:buffer'
import { beforeEach, describe, expect, it } from 'vitest'
import { branchSnapshotManifest } from '../manifests/backup.ts'
import { parseState } from '../state.ts'
import { cluster } from '../testing/seen.ts'
import { branchOrigin, canBeginFromSnapshot, endBranchSnapshot, sweepBranchSnapshots } from './branch-snapshot.ts'

const parentRef = { id: '0191d2c4-6f1e-7cc3-98c4-dc0c0c07398f', project: 'shop', name: 'orders' }
const branch = { id: '0191d2c4-3333-7000-8000-000000000000', project: 'shop', storageGib: 10 }
const archive = { store: `archive-${parentRef.id}`, server: parentRef.id }
const label = Buffer.from('START WAL LOCATION: 0/3000028 (file 000000020000000000000003)\nSTART TIMELINE: 2\n').toString('base64')

function parent(change: Partial<ClusterView> = {}): Database {
  const state = { ...parseState(undefined), spec: { storageGib: 10 } }
  return { ref: parentRef, uid: 'u', namespace: 'howdah-shop', cluster: cluster({ archive, state: state as ClusterView['state'], ...change }) } as Database // what is looked at
}

describe('a branch of the present moment', () => {
  let backups: Map<string, KubeObject & { status?: object }>
  let segments: Set<string>
  let sections: unknown[]
  let volumes: KubeObject[]
  let mended: unknown[]
  let installation: BackedInstallation
  beforeEach(() => {
    [backups, segments, sections, volumes, mended] = [new Map(), new Set(), [], [], []]
    // What is asked of the cluster's API and of the bucket, and no more.
    installation = {
      location: { namespacePrefix: 'howdah-', storageGrows: true, volumeSnapshotClass: 'fast' },
      clusters: { note: () => {} },
      bucket: { has: async (key: string) => segments.has(key) },
      api: {
        get: async (_: unknown, { name }: { readonly name: string }) => backups.get(name),
        list: async ({ plural }: Resource) => plural === 'backups' ? [...backups.values()] : volumes,
        create: async (_: unknown, manifest: KubeObject) => void backups.set(manifest.metadata.name, { ...manifest, metadata: { ...manifest.metadata, creationTimestamp: new Date().toISOString() } }),
        merge: async ({ plural }: Resource, { name }: { readonly name: string }, body: object) => {
          if (plural !== 'backups')
            (name === 'orders' ? sections : mended).push(body)
          return {}
        },
        delete: async (_: unknown, { name }: { readonly name: string }) => void backups.delete(name),
      },
    } as unknown as BackedInstallation
  })

  it.each<[string, Partial<ClusterView>, object, number, boolean]>([
    ['of its size', {}, {}, 10, true],
    ['that is larger', {}, {}, 11, true],
    ['that is larger, where volumes do not grow', {}, { storageGrows: false }, 11, false],
    ['that is smaller', {}, {}, 9, false],
    ['where no class is named', {}, { volumeSnapshotClass: undefined }, 10, false],
    ['of what Git owns', { isOurs: false }, {}, 10, false],
    ['of one that archives nothing', { archive: undefined }, {}, 10, false],
    ['of one whose archive takes nothing', { conditions: [{ type: 'ContinuousArchiving', status: 'False', reason: '', message: '' }] }, {}, 10, false],
  ])('%s begins from a snapshot, or does not', (_, change, location, storageGib, expected) => {
    expect(canBeginFromSnapshot({ ...installation, location: { ...installation.location, ...location } }, parent(change), { storageGib })).toBe(expected)
  })

  it('gives the operator back the volumes that older versions took from it, which it would wait for forever', async () => {
    const volume = (name: string, manager: string): KubeObject => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, uid: name, labels: { 'app.kubernetes.io/managed-by': manager } } })
    volumes = [volume('orders-1', 'howdah'), volume('orders-2', 'cloudnative-pg')]
    await branchOrigin(installation, parent(), branch)
    expect(mended).toEqual([{ metadata: { uid: 'orders-1', labels: { 'app.kubernetes.io/managed-by': 'cloudnative-pg' } } }])
    expect(sections).toMatchObject([{ spec: { inheritedMetadata: { labels: { 'app.kubernetes.io/managed-by': null } } } }])
  })

  it('asks for a snapshot of the primary, waits for it and for its WAL, and begins as that', async () => {
    expect(await branchOrigin(installation, parent(), branch)).toEqual({ outcome: 'continue', step: 'secure' })
    expect(sections).toMatchObject([{ spec: { backup: { volumeSnapshot: { className: 'fast', snapshotOwnerReference: 'backup' } } } }])
    const backup = backups.get(`branch-${branch.id}`)
    expect(backup).toMatchObject({ spec: { target: 'primary', method: 'volumeSnapshot' } })
    expect(await branchOrigin(installation, parent(), branch)).toMatchObject({ outcome: 'wait', reason: expect.stringMatching(/snapshot is being taken/) })
    backup!.status = { phase: 'completed', endLSN: '0/3000120', backupLabelFile: label }
    segments.add(`${parentRef.id}/wals/0000000200000000/000000020000000000000003.gz`)
    expect(await branchOrigin(installation, parent(), branch)).toEqual({ kind: 'archive', archive, snapshot: `branch-${branch.id}`, target: { targetImmediate: true, targetTLI: '2' } })
  })

  it('tells its Cluster once that snapshots may be taken', async () => {
    await branchOrigin(installation, parent({ snapshotClass: 'fast' }), branch)
    expect(sections).toEqual([])
  })

  it('says why there is no snapshot, and leaves none', async () => {
    await branchOrigin(installation, parent(), branch)
    backups.get(`branch-${branch.id}`)!.status = { phase: 'failed', error: 'the driver is away' }
    expect(await branchOrigin(installation, parent(), branch)).toMatchObject({ outcome: 'failed', reason: 'SnapshotFailed', message: expect.stringContaining('the driver is away') })
    expect(backups.size).toBe(0)
  })

  it.each<[string, ClusterView['state'] | undefined, number, string, number]>([
    ['being made keeps it', parseState(undefined), 3 * 3600, 'howdah-shop', 1],
    ['that was logged in to needs it no more', { ...parseState(undefined), isProven: true }, 0, 'howdah-shop', 0],
    ['of which nothing is there yet keeps it', undefined, 60, 'howdah-shop', 1],
    ['that nobody made for an hour loses it', undefined, 3601, 'howdah-shop', 0],
    ['of another installation keeps it', undefined, 3601, 'other-shop', 1],
  ])('%s', async (_, state, ageSeconds, namespace, left) => {
    const manifest = branchSnapshotManifest(parentRef, namespace, branch.id, 'u')
    backups.set(manifest.metadata.name, { ...manifest, metadata: { ...manifest.metadata, creationTimestamp: new Date(Date.now() - ageSeconds * 1000).toISOString() } })
    await sweepBranchSnapshots(installation, id => id === branch.id && state ? { cluster: cluster({ state }) } as Database : undefined)
    expect(backups.size).toBe(left)
  })

  it('that is deleted takes it along', async () => {
    await branchOrigin(installation, parent(), branch)
    await endBranchSnapshot(installation, branch)
    expect(backups.size).toBe(0)
  })
})
