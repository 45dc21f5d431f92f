/** Volumes that grow. This test is what enlarges them, as external-resizer and a driver do: the disk, its volume, and the claim. */
import type { DatabaseSpec } from '@howdah/engine'
import type { KubeObject } from '../../../packages/engine-cnpg/src/kubernetes/objects.ts'
import type { ClusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import type { SmallDisk } from '../small-disk.ts'
import { until } from '@howdah/testkit/until'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { resources } from '../../../packages/engine-cnpg/src/kubernetes/objects.ts'
import { clusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { apply, kubectl } from '../kubectl.ts'
import { smallDisk } from '../small-disk.ts'

const { isOurs } = inject('cluster')
const megabytes = 320
const volumes = { apiVersion: 'v1', plural: 'persistentvolumes', isNamespaced: false }

describe.runIf(isOurs)('a storage class that enlarges volumes', () => {
  let test: ClusterEngine
  let spec: DatabaseSpec
  let disk: SmallDisk
  beforeAll(async () => {
    disk = await smallDisk({ node: 'node-3', megabytes, canGrow: true })
    test = await clusterEngine({ storageClass: disk.name, storageGrows: true })
    // What is in its disk counts as memory of its pod.
    spec = await test.database({ memoryMib: 1536, parameters: { max_wal_size: '1GB' } })
  })
  afterAll(async () => {
    await test.cleanup()
    await disk.remove()
  }, 600_000)

  it('has the volume of a database grow while it serves: asked for, waited for with what is said of it, and told', async () => {
    await test.becomes(spec, { phase: 'ready' })
    spec = { ...spec, generation: 2, storageGib: 2 }
    expect(await test.engine.plan(spec)).toMatchObject({ steps: ['resize', 'login'], interruption: 'none', refusals: [] })
    test.heard.length = 0
    const settled = test.settle(spec)
    await until(async () => await requested() === '2Gi', { deadlineMs: 60_000, everyMs: 100, what: 'the operator asks for a larger volume' })
    const waiting = async (): Promise<string> => {
      const progress = await test.engine.ensure(spec)
      return progress.outcome === 'wait' ? progress.reason : progress.outcome
    }
    expect(await waiting()).toContain(`${spec.name}-1 is being enlarged.`)
    await test.api.merge(resources.volumeClaim, claim(), { status: { conditions: [{ type: 'FileSystemResizePending', status: 'True', message: 'Waiting for the node to enlarge the file system.' }] } }, { as: 'external-resizer' })
    expect(await waiting()).toContain('Waiting for the node to enlarge the file system.')
    expect(await test.observe(spec)).toMatchObject({ phase: 'ready', generation: 1 })

    await enlarge(megabytes + 80, '2Gi')
    expect(await settled).toEqual({ outcome: 'done' })
    expect(await test.observe(spec)).toMatchObject({ phase: 'ready', generation: 2 })
    expect(test.storyOf(spec).filter(word => word !== 'ready')).toEqual(['storage.grown'])
    expect(Number(await inPod('df', '--output=size', '--block-size=1M', '/var/lib/postgresql/data'))).toBe(megabytes + 80)
  })

  it('brings back a database that filled its volume, when it is given more storage, with everything that was acknowledged', async () => {
    const session = await test.connect(spec)
    await session.query('create table kept (entry bigint)')
    let acknowledged = 0
    // WAL is what a server cannot go on without.
    await expect((async () => {
      for (;;) {
        await session.query(`insert into kept values (${acknowledged + 1})`)
        acknowledged++
        await session.query('select pg_logical_emit_message(false, \'filler\', repeat(\'x\', 1000000))')
      }
    })()).rejects.toThrow()
    expect(acknowledged).toBeGreaterThan(20)
    // Its server may be gone.
    await session.close().catch(() => {})
    await test.becomes(spec, { phase: 'failed', reason: 'StorageFull' }, 120_000)

    spec = { ...spec, generation: 3, storageGib: 3 }
    const settled = test.settle(spec)
    await until(async () => await requested() === '3Gi', { deadlineMs: 120_000, everyMs: 100, what: 'the operator asks for a larger volume' })
    await until(async () => {
      const progress = await test.engine.ensure(spec)
      return progress.outcome === 'wait' && progress.reason.includes('is being enlarged')
    }, { deadlineMs: 30_000, everyMs: 100, what: 'it is said' })
    await enlarge(4 * megabytes, '3Gi')
    expect(await settled).toEqual({ outcome: 'done' })
    await test.becomes(spec, { phase: 'ready' }, 300_000)
    const again = await test.connect(spec)
    expect(await again.query(`select count(distinct entry)::int as entries, count(*)::int as rows from kept where entry <= ${acknowledged}`)).toEqual([{ entries: acknowledged, rows: acknowledged }])
    await again.close()
  })

  function claim(): { readonly namespace: string, readonly name: string, readonly subresource: 'status' } {
    return { namespace: test.namespace, name: `${spec.name}-1`, subresource: 'status' }
  }

  async function requested(): Promise<string> {
    return await inNamespace('get', 'persistentvolumeclaim', `${spec.name}-1`, '--output', 'jsonpath={.spec.resources.requests.storage}')
  }

  async function enlarge(size: number, storage: string): Promise<void> {
    await disk.enlarge(size)
    await test.api.merge<KubeObject>(volumes, { name: disk.name }, { spec: { capacity: { storage } } }, { as: 'external-resizer' })
    await test.api.merge(resources.volumeClaim, claim(), { status: { capacity: { storage }, conditions: null } }, { as: 'external-resizer' })
  }

  async function inNamespace(...args: string[]): Promise<string> {
    return await kubectl('--namespace', test.namespace, ...args)
  }

  async function inPod(...command: string[]): Promise<string> {
    return (await inNamespace('exec', `${spec.name}-1`, '--container', 'postgres', '--', ...command)).split('\n').at(1) ?? ''
  }
})

describe.runIf(isOurs)('a storage class that cannot', () => {
  let test: ClusterEngine
  const storageClass = `fixed-${Math.random().toString(36).slice(2, 8)}`
  beforeAll(async () => {
    await apply('default', { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: storageClass }, provisioner: 'rancher.io/local-path', volumeBindingMode: 'WaitForFirstConsumer' })
    test = await clusterEngine({ storageClass, storageGrows: true })
  })
  afterAll(async () => {
    await test.cleanup()
    await kubectl('delete', 'storageclass', storageClass)
  }, 600_000)

  it('is named before anything is done, and the database stays as it is', async () => {
    const spec = await test.database()
    const larger = { ...spec, generation: 2, storageGib: 2 }
    expect((await test.engine.plan(larger)).refusals).toEqual([{ pointer: '/storageGib', detail: expect.stringContaining(`"${storageClass}" cannot enlarge`) }])
    expect(await test.engine.ensure(larger)).toMatchObject({ outcome: 'failed', reason: 'StorageCannotGrow', message: expect.stringContaining(storageClass) })
    expect(await kubectl('--namespace', test.namespace, 'get', 'cluster', spec.name, '--output', 'jsonpath={.spec.storage.size}')).toBe('1Gi')
    await test.becomes(spec, { phase: 'ready' })
    // What is asked otherwise goes on.
    expect(await test.settle({ ...spec, generation: 3, parameters: { work_mem: '8MB' } })).toEqual({ outcome: 'done' })
  })
})
