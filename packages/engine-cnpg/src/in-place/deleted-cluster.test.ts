import type { RestoreOrder } from '@howdah/engine'
import type { Backups } from '../backup/backups.ts'
import type { Database } from '../database.ts'
import type { Installation } from '../installation.ts'
import type { KubeObject, Resource } from '../kubernetes/objects.ts'
import type { InPlaceRecord, Past, Swap, Upgrade } from './record.ts'
import { EngineError } from '@howdah/engine'
import { beforeEach, describe, expect, it } from 'vitest'
import { ApiError } from '../kubernetes/api.ts'
import { pathOf, resources } from '../kubernetes/objects.ts'
import { ownArchive } from '../manifests/bootstrap.ts'
import { inPlaceAnnotation } from '../names.ts'
import { parseState } from '../state.ts'
import { silentLog } from '../testing/silent-log.ts'
import { InPlace } from './in-place.ts'
import { parseInPlace } from './record.ts'

const ref = { id: '0191d2c4-6f1e-7cc3-98c4-dc0c0c07398f', project: 'shop', name: 'orders' }
const namespace = 'howdah-shop'
const until = new Date('2026-01-02T12:00:00Z')
const past: Past = { timeline: 1, at: new Date('2026-01-01T12:00:00Z'), lsn: '0/9000000', server: ref.id }
const upgrade = {
  id: 'u',
  version: 17,
  until,
  past,
  server: `${ref.id}-2`,
  origin: { kind: 'archive', archive: ownArchive(ref.id), target: { backupID: 'b', targetTLI: '1' } },
  spec: { ...ref, version: 15, allowedCidrs: ['0.0.0.0/0'] },
  state: parseState(undefined),
} as unknown as Upgrade // what is looked at
const swap = { kind: 'restore', id: 'r', until, uid: 'one', past, origin: upgrade.origin, server: ref.id, spec: upgrade.spec, state: upgrade.state } as Swap
const order: RestoreOrder = { id: 'r', from: { id: ref.id, target: { kind: 'latest' } }, undoUntil: until }
const clusterPath = pathOf(resources.cluster, { namespace, name: ref.name })
const archivePath = pathOf(resources.objectStore, { namespace, name: `archive-${ref.id}` })

describe('a Cluster that somebody deletes', () => {
  let objects: Map<string, KubeObject>
  let inPlace: InPlace
  beforeEach(() => {
    objects = new Map()
    const api = {
      get: async (resource: Resource, place: { readonly namespace: string, readonly name: string }) => objects.get(pathOf(resource, place)),
      merge: async (resource: Resource, place: { readonly namespace: string, readonly name: string }, { metadata }: Pick<KubeObject, 'metadata'>) => {
        const path = pathOf(resource, place)
        const before = objects.get(path)
        if (!before)
          throw new ApiError(404, { reason: 'NotFound' }, path)
        objects.set(path, { ...before, metadata: { ...before.metadata, ...metadata } })
      },
    }
    const installation = { api, log: silentLog, bucket: {}, location: { namespacePrefix: 'howdah-' } } as unknown as Installation // what is asked of it
    inPlace = new InPlace(installation, () => undefined, {} as Backups)
  })

  function there(path: string, metadata: Partial<KubeObject['metadata']>): void {
    objects.set(path, { metadata: { name: ref.name, ...metadata } })
  }
  const recorded = (record: InPlaceRecord): void => there(archivePath, { annotations: { [inPlaceAnnotation]: JSON.stringify(record) } })
  const record = (): InPlaceRecord => parseInPlace(objects.get(archivePath)?.metadata.annotations?.[inPlaceAnnotation])

  it('while it is upgraded is made again as it was before, from the archive, whoever asks for what', async () => {
    recorded({ servers: 2, pasts: [], upgrade })
    expect(await inPlace.goOn(ref, undefined)).toMatchObject({ outcome: 'continue' })
    expect(record()).toMatchObject({
      servers: 2,
      swap: { kind: 'upgrade', id: 'u', isBegun: true, past, origin: upgrade.origin, server: ref.id, spec: { version: 15 }, back: { reason: 'UpgradeFailed', message: expect.stringMatching(/deleted while it was being upgraded/) } },
    })
    expect(record().upgrade).toBeUndefined()
  })

  it('while it is upgraded is not waited for until it is gone, and why it was going back already stays', async () => {
    there(clusterPath, { uid: 'one', deletionTimestamp: '2026-01-01T12:00:00Z', labels: { 'howdah.dev/id': ref.id } })
    recorded({ servers: 2, pasts: [], upgrade: { ...upgrade, back: { reason: 'UpgradeFailed', message: 'pg_upgrade refuses it.' } } })
    await inPlace.goOn(ref, undefined)
    expect(record().swap).toMatchObject({ uid: 'one', back: { message: 'pg_upgrade refuses it.' } })
  })

  it('while it is upgraded, and puts another one in its place, is told; the other one is left alone', async () => {
    there(clusterPath, { uid: 'other' })
    recorded({ servers: 2, pasts: [], upgrade })
    await expect(inPlace.goOn(ref, undefined)).rejects.toMatchObject({ code: 'conflict', message: expect.stringMatching(/is not this database/) })
    expect(record().upgrade).toMatchObject({ id: 'u' })
  })

  it('when that was the next step of a restore goes on to what is restored', async () => {
    there(clusterPath, { uid: 'one', deletionTimestamp: '2026-01-01T12:00:00Z', labels: { 'howdah.dev/id': ref.id } })
    recorded({ pasts: [], swap })
    expect(await inPlace.goOn(ref, undefined)).toMatchObject({ outcome: 'wait', step: 'stop' })
    expect(record().swap).toMatchObject({ id: 'r' })
  })

  it('after others were let in again does not become what a restore would have made of it that nobody went on with', async () => {
    there(clusterPath, { uid: 'one', labels: { 'howdah.dev/id': ref.id } })
    recorded({ servers: 2, pasts: [past], swap })
    expect(await inPlace.goOn(ref, undefined)).toBeUndefined()
    expect(record()).toEqual({ servers: 2, pasts: [past] })
    objects.delete(clusterPath)
    expect(await inPlace.goOn(ref, undefined)).toBeUndefined()
  })

  it('after a restore was given up does not become what an earlier attempt at it would have made of it', async () => {
    there(clusterPath, { uid: 'one', labels: { 'howdah.dev/id': ref.id } })
    recorded({ pasts: [], swap })
    const refused = {
      ref,
      uid: 'one',
      namespace,
      cluster: { isOurs: true, state: {} },
      get seen() {
        throw new EngineError('invalid', 'There is no such backup any more.')
      },
    } as unknown as Database // what is looked at
    await expect(inPlace.restore(ref, refused, order)).rejects.toThrow()
    expect(record().swap).toBeUndefined()
  })

  const before = [
    ['a restore', async () => await inPlace.restore(ref, undefined, order)],
    ['an undo', async () => await inPlace.undo(ref, undefined, 'r')],
    ['an upgrade', async () => await inPlace.upgrade(ref, undefined, { id: 'u', version: 17, undoUntil: until })],
  ] as const

  it.each(before)('before %s is decided ends that, and says what is left', async (what, step) => {
    recorded({ pasts: [], ...what === 'an undo' ? { kept: { id: 'r', until, version: 15, past } } : {} })
    expect(await step()).toMatchObject({ outcome: 'failed', reason: 'ClusterDeleted', message: expect.stringMatching(/archive/), nextStep: expect.stringMatching(/new database/) })
  })

  it('before a restore is decided, in the middle of a step, ends that too', async () => {
    recorded({ pasts: [] })
    const going = {
      ref,
      uid: 'one',
      namespace,
      cluster: { isOurs: true },
      get seen() {
        throw new EngineError('not-found', 'There is no database "orders" here.')
      },
    } as unknown as Database // what is looked at
    expect(await inPlace.restore(ref, going, order)).toMatchObject({ outcome: 'failed', reason: 'ClusterDeleted' })
  })

  it.each(before)('and that is only not followed yet is waited for: %s', async (what, step) => {
    there(clusterPath, { uid: 'one', labels: { 'howdah.dev/id': ref.id } })
    recorded({ pasts: [], ...what === 'an undo' ? { kept: { id: 'r', until, version: 15, past } } : {} })
    await expect(step()).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('and of which nothing is kept is none', async () => {
    await expect(before[0][1]()).rejects.toMatchObject({ code: 'not-found' })
  })
})
