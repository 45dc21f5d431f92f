/** What happens to databases, by accident or by somebody's hand. */
import type { ClusterObject } from './cluster-object.ts'
import type { KubeObject } from './kubernetes/objects.ts'
import type { ClusterEngine } from './testing/cluster-engine.ts'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { resources } from './kubernetes/objects.ts'
import { archiveOf, bucketSecret, monitorSecretOf, ownerSecretOf } from './names.ts'
import { readSecret } from './target.ts'
import { clusterEngine } from './testing/cluster-engine.ts'

const { s3 } = inject('cluster')

let test: ClusterEngine
beforeAll(async () => {
  test = await clusterEngine()
})
afterAll(async () => await test.cleanup(), 600_000)

describe('the pod of a primary that is killed', () => {
  it('is replaced by a replica: told, writes go on, and nothing that was acknowledged is lost', async () => {
    const spec = await test.database({ instances: 3, durability: 'sync' })
    await test.becomes(spec, { phase: 'ready' })
    const ledger = await test.ledger(spec)
    test.heard.length = 0
    const primary = await primaryOf(test, spec.name)
    await test.api.delete(resources.pod, { namespace: test.namespace, name: primary }, { graceSeconds: 0 })
    await until(() => test.storyOf(spec).includes('failover'), { deadlineMs: 120_000, what: 'the failover is told' })
    const before = ledger.count
    await until(() => ledger.count > before, { deadlineMs: 60_000, what: 'writes go on' })
    await test.becomes(spec, { phase: 'ready' })
    expect(await ledger.end()).toEqual({ missing: [], twice: [], returned: [] })
    expect(await primaryOf(test, spec.name)).not.toBe(primary)
    const [failover] = test.heard.flatMap(heard => heard.kind === 'event' ? [heard.event] : [])
    expect(failover).toMatchObject({ type: 'failover', severity: 'warning', details: { from: primary } })
    expect((await test.observe(spec)).members.map(({ role }) => role).sort()).toEqual(['primary', 'replica', 'replica'])
    expect(test.storyOf(spec).some(word => word.startsWith('degraded') || word.startsWith('restarting'))).toBe(true)
    expect(test.storyOf(spec).at(-1)).toBe('ready')
  })

  it('comes back with its data where there is no replica', async () => {
    const spec = await test.database()
    const session = await test.connect(spec)
    await session.query('create table kept as select 42 as answer')
    test.heard.length = 0
    await test.api.delete(resources.pod, { namespace: test.namespace, name: `${spec.name}-1` }, { graceSeconds: 0 })
    await until(() => test.storyOf(spec).some(word => word.startsWith('restarting')), { deadlineMs: 60_000 })
    await test.becomes(spec, { phase: 'ready' })
    const again = await test.connect(spec)
    expect(await again.query('select answer from kept')).toEqual([{ answer: 42 }])
    await again.close()
  })
})

describe('what is not ours or is changed by hand', () => {
  it('a Cluster of the same name is left alone, and making the database is refused', async () => {
    const spec = test.spec({ project: 'foreign' })
    const other = test.spec({ project: 'foreign' })
    await test.engine.ensure(other)
    const namespace = `${test.namespacePrefix}foreign`
    const foreign = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', metadata: { name: spec.name, namespace }, spec: { instances: 1, storage: { size: '1Gi' } } }
    const { metadata: { uid } } = await test.api.create<KubeObject>(resources.cluster, foreign)
    await expect(test.engine.ensure(spec)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(spec.name) })
    expect(await test.engine.destroy(spec)).toEqual({ outcome: 'done' })
    expect((await test.api.get(resources.cluster, { namespace, name: spec.name }))?.metadata).toMatchObject({ uid })
    expect((await test.engine.list()).map(({ ref }) => ref.name)).not.toContain(spec.name)
  })

  it('a namespace that is being deleted is waited for', async () => {
    const spec = test.spec({ project: 'leaving' })
    const namespace = `${test.namespacePrefix}leaving`
    await test.engine.ensure(test.spec({ project: 'leaving', hibernated: true }))
    const place = { namespace, name: 'held' }
    const held = { apiVersion: 'v1', kind: 'Secret', metadata: { ...place, finalizers: ['howdah.dev/test'] } }
    await test.api.create(resources.secret, held)
    for (const { metadata } of await test.api.list(resources.cluster, { namespace }))
      await test.api.delete(resources.cluster, { namespace, name: metadata.name }, { propagation: 'Foreground' })
    await until(async () => (await test.api.list(resources.cluster, { namespace })).length === 0, { deadlineMs: 120_000, everyMs: 250 })
    await test.api.delete(resources.namespace, { name: namespace })
    await expect(test.engine.ensure(spec)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('being deleted') })
    await test.api.merge(resources.secret, place, { metadata: { finalizers: null } })
    await until(async () => await test.api.get(resources.namespace, { name: namespace }) === undefined, { deadlineMs: 120_000, everyMs: 250 })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
  })

  it('a Cluster that somebody edits is noticed, and who did is named when it stands in the way', async () => {
    const spec = await test.database()
    const place = { namespace: test.namespace, name: spec.name }
    await test.api.merge(resources.cluster, place, { spec: { postgresql: { parameters: { work_mem: '5MB' } } } }, { as: 'somebody' })
    await until(async () => (await test.engine.plan(spec)).steps.length > 0, { deadlineMs: 10_000, what: 'it is noticed' })
    await expect(test.engine.ensure(spec)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('somebody') })
    await expect(test.becomes(spec, { phase: 'ready' })).resolves.toBeDefined()
  })

  it('a Cluster that somebody deletes is gone, is told, and is made again; nothing of it goes into the archive of what was', async () => {
    const spec = await test.database()
    const place = { namespace: test.namespace, name: spec.name }
    // An archive that holds nothing yet is as good as a new one.
    if (s3)
      await until(async () => (await test.api.get<ClusterObject>(resources.cluster, place))?.status?.conditions?.some(({ status, type }) => type === 'ContinuousArchiving' && status === 'True'), { deadlineMs: 180_000, everyMs: 250, what: 'it archives' })
    test.heard.length = 0
    const volume = { namespace: test.namespace, name: `${spec.name}-1` }
    await test.api.merge(resources.volumeClaim, volume, { metadata: { finalizers: ['kubernetes.io/pvc-protection', 'howdah.dev/test'] } })
    await test.api.delete(resources.cluster, place)
    await until(() => test.heard.some(heard => heard.kind === 'gone' && heard.ref.id === spec.id), { deadlineMs: 120_000 })
    expect(await test.engine.observe(spec)).toBeUndefined()
    expect(await test.engine.ensure(spec)).toMatchObject({ outcome: 'wait', reason: expect.stringContaining('are being removed') })
    expect(await test.api.get(resources.cluster, place)).toBeUndefined()
    await test.api.merge(resources.volumeClaim, volume, { metadata: { finalizers: null } })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    await (await test.connect(spec)).close()
    if (s3)
      await test.becomes(spec, { phase: 'degraded', reason: 'ArchiveStuck' }, 240_000)
  })

  it('its Secrets are made again: ours, the operator\'s, and an authority of another key', async () => {
    const spec = await test.database()
    await test.becomes(spec, { phase: 'ready' })
    const { endpoint } = await test.observe(spec)
    test.heard.length = 0
    for (const name of [ownerSecretOf(spec), monitorSecretOf(spec), `${spec.name}-superuser`, `${spec.name}-ca`, `${spec.name}-server`])
      await test.api.delete(resources.secret, { namespace: test.namespace, name })
    await until(() => test.storyOf(spec).includes('certificate.renewed'), { deadlineMs: 120_000, what: 'the new certificate is told' })
    await until(async () => (await test.observe(spec)).endpoint?.caCertificate !== endpoint?.caCertificate, { deadlineMs: 60_000, what: 'the new authority is given out' })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    await until(async () => await test.connect(spec).then(async (session) => {
      await session.close()
      return true
    }, () => false), { deadlineMs: 120_000, everyMs: 250, what: 'the owner logs in' })
    const next = test.createEngine()
    await next.open()
    await until(async () => (await next.observe(spec))?.connections !== undefined, { deadlineMs: 60_000, everyMs: 100, what: 'the monitoring of the next engine is let in' })
    await next.close()
  })

  it.runIf(s3)('what leads it to its archive is made again, whether it was deleted or says something else', async () => {
    const spec = await test.database()
    const store = { namespace: test.namespace, name: archiveOf(spec.id) }
    const secret = { namespace: test.namespace, name: bucketSecret }
    const spoil: readonly (() => Promise<unknown>)[] = [
      async () => await test.api.delete(resources.objectStore, store),
      async () => await test.api.delete(resources.secret, secret),
      // As after the keys of the bucket were changed in the settings of the location.
      async () => await test.api.merge(resources.secret, secret, { stringData: { secret: 'another' } }, { as: 'howdah' }),
    ]
    for (const spoilt of spoil) {
      await spoilt()
      expect(await test.engine.plan(spec)).toMatchObject({ steps: ['apply', 'login'], interruption: 'none' })
      expect(await test.settle(spec)).toEqual({ outcome: 'done' })
      expect((await test.engine.plan(spec)).steps).toEqual([])
    }
    expect(await test.api.get(resources.objectStore, store)).toBeDefined()
    expect(await readSecret(test.api, test.namespace, bucketSecret)).toMatchObject({ secret: s3?.secretAccessKey })
  })

  it('two engines that make one database make one', async () => {
    const other = test.createEngine()
    await other.open()
    const spec = test.spec()
    const ends = await Promise.all([test.engine, other].map(async engine => await until(async () => {
      const { outcome } = await engine.ensure(spec)
      return outcome === 'done' || outcome === 'failed' ? outcome : undefined
    }, { deadlineMs: 300_000, everyMs: 250 })))
    expect(ends).toEqual(['done', 'done'])
    for (const engine of [test.engine, other])
      expect((await engine.list()).filter(({ ref }) => ref.id === spec.id)).toMatchObject([{ phase: 'ready', generation: 1 }])
    await other.close()
  })
})

async function primaryOf({ api, namespace }: ClusterEngine, name: string): Promise<string> {
  const cluster = await api.get<KubeObject & { readonly status?: { readonly currentPrimary?: string } }>(resources.cluster, { namespace, name })
  return cluster?.status?.currentPrimary ?? ''
}
