import type { VolumeClaimObject } from './storage-events.ts'
import { scriptedServer } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askForMore, notYetGrown, refusalToGrow } from './growth.ts'
import { KubeApi } from './kubernetes/api.ts'
import { appliedSpec } from './state.ts'
import { cluster } from './testing/seen.ts'

const spec = { id: 'i', project: 'shop', name: 'orders', version: 18, instances: 1, storageGib: 10, cpu: 1, memoryMib: 256, durability: 'async' as const, parameters: {}, allowedCidrs: [], database: 'orders', hibernated: false, restartToken: '', owner: { user: 'orders' } }
const db = { namespace: 'howdah-shop', ref: { id: 'i', project: 'shop', name: 'orders' }, cluster: cluster({ state: { ...cluster().state, spec: appliedSpec(spec) } }) }

let claims: VolumeClaimObject[] = []
const classes: Readonly<Record<string, object>> = { fixed: { metadata: { name: 'fixed' } }, growing: { metadata: { name: 'growing' }, allowVolumeExpansion: true } }

let server: Awaited<ReturnType<typeof scriptedServer>>
let api: KubeApi
beforeAll(async () => {
  server = await scriptedServer(({ path }) => {
    const storageClass = classes[path.split('/').at(-1) ?? '']
    if (path.endsWith('/persistentvolumeclaims/orders-1'))
      return { json: claims[0] }
    return path.endsWith('/persistentvolumeclaims') ? { json: { items: claims } } : storageClass ? { json: storageClass } : { status: 404, json: { reason: 'NotFound' } }
  })
  api = new KubeApi({ server: server.url, credential: async () => ({}) })
})
afterAll(async () => {
  api.close()
  await server.close()
})

function claim(storageClassName: string, storage: string, conditions: NonNullable<VolumeClaimObject['status']>['conditions'] = []): VolumeClaimObject {
  return { metadata: { name: 'orders-1' }, spec: { storageClassName }, status: { capacity: { storage }, conditions } }
}

describe('a volume that is to grow', () => {
  it.each<[string, string, number, RegExp | undefined]>([
    ['is refused where its class cannot do it', 'fixed', 20, /"fixed" cannot enlarge volumes; it stays at 10 GiB/],
    ['is refused where its class is gone', 'absent', 20, /"absent" cannot enlarge/],
    ['grows where its class can', 'growing', 20, undefined],
    ['is nobody\'s concern while it stays as it is', 'fixed', 10, undefined],
  ])('%s', async (_, storageClass, storageGib, refusal) => {
    claims = [claim(storageClass, '10Gi')]
    const detail = await refusalToGrow(api, db, storageGib)
    expect(detail ?? '').toMatch(refusal ?? /^$/)
  })

  it('is asked for once where the operator does not', async () => {
    claims = [claim('growing', '10Gi')]
    const asked = server.requests.length
    await askForMore(api, db, 20)
    claims = [{ ...claim('growing', '10Gi'), spec: { resources: { requests: { storage: '20Gi' } } } }]
    await askForMore(api, db, 20)
    const patches = server.requests.slice(asked).filter(({ method }) => method === 'PATCH')
    expect(patches).toMatchObject([{ path: '/api/v1/namespaces/howdah-shop/persistentvolumeclaims/orders-1', body: { spec: { resources: { requests: { storage: '20Gi' } } } } }])
  })

  it('is waited for, with what is said of it, until it has at least what was asked for', async () => {
    claims = [claim('growing', '10Gi', [{ type: 'Resizing', status: 'True' }])]
    expect(await notYetGrown(api, db, 20)).toBe('orders-1 is being enlarged.')
    claims = [claim('growing', '10Gi', [{ type: 'FileSystemResizePending', status: 'True', message: 'Waiting for a pod.' }])]
    expect(await notYetGrown(api, db, 20)).toBe('orders-1 is being enlarged. Waiting for a pod.')
    // Some storage gives whole units of its own.
    claims = [claim('growing', '21474836480')]
    expect(await notYetGrown(api, db, 20)).toBeUndefined()
    claims = [claim('growing', '24Gi')]
    expect(await notYetGrown(api, db, 20)).toBeUndefined()
  })
})
