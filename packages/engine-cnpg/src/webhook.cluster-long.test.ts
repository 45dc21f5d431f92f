/** Webhooks of the cluster that are down: whatever they are asked about cannot be made or changed meanwhile. */
import type { DatabaseSpec } from '@howdah/engine'
import type { Manifest, Resource } from './kubernetes/objects.ts'
import type { ClusterEngine } from './testing/cluster-engine.ts'
import { until } from '@howdah/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { resources } from './kubernetes/objects.ts'
import { ownerSecretOf } from './names.ts'
import { clusterEngine } from './testing/cluster-engine.ts'

const admission = 'admissionregistration.k8s.io/v1'
const webhooks = { apiVersion: admission, plural: 'validatingwebhookconfigurations', isNamespaced: false }

let test: ClusterEngine
let spec: DatabaseSpec
beforeAll(async () => {
  test = await clusterEngine()
  spec = await test.database()
  await test.becomes(spec, { phase: 'ready' })
}, 600_000)
afterEach(async () => await comesBack())
afterAll(async () => await test.cleanup(), 600_000)

describe('a webhook for Clusters that does not answer', () => {
  it('keeps no database from being read; a change says so, and is made when it is back', async () => {
    const changed = { ...spec, generation: 2, parameters: { work_mem: '5MB' } }
    test.heard.length = 0
    await goesAway(resources.cluster, { kind: 'Cluster', spec: { instances: 1, storage: { size: '1Gi' } } })
    expect((await test.engine.plan(changed)).steps).toContain('reload')
    await expect(test.engine.ensure(changed)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('webhook "down.howdah.dev" does not answer') })
    expect(await test.observe(spec)).toMatchObject({ phase: 'ready', reason: '', generation: 1 })
    const session = await test.connect(spec)
    expect(await session.query('show work_mem')).not.toEqual([{ work_mem: '5MB' }])
    expect((await test.engine.roles(spec)).map(({ name }) => name)).toContain(spec.owner.user)
    expect((await test.engine.logs(spec, { limit: 1 })).records).toHaveLength(1)

    await comesBack()
    expect(await test.settle(changed)).toEqual({ outcome: 'done' })
    expect(await test.observe(spec)).toMatchObject({ phase: 'ready', generation: 2 })
    expect(await session.query('show work_mem')).toEqual([{ work_mem: '5MB' }])
    await session.close()
    expect(test.storyOf(spec).filter(word => word !== 'ready')).toEqual([])
    spec = changed
  })

  it('lets nothing be made by halves: what was asked meanwhile can be taken back without a trace, or is made when it is back', async () => {
    const [takenBack, wanted] = [test.spec(), test.spec()]
    await goesAway(resources.cluster, { kind: 'Cluster', spec: { instances: 1, storage: { size: '1Gi' } } })
    for (const created of [takenBack, wanted]) {
      await expect(test.engine.ensure(created)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('webhook') })
      expect(await test.api.get(resources.cluster, { namespace: test.namespace, name: created.name })).toBeUndefined()
      expect(await test.engine.observe(created)).toBeUndefined()
    }
    expect(await test.engine.destroy(takenBack)).toEqual({ outcome: 'done' })
    expect(await test.api.get(resources.secret, { namespace: test.namespace, name: ownerSecretOf(takenBack) })).toBeUndefined()

    await comesBack()
    expect(await test.settle(wanted)).toEqual({ outcome: 'done' })
    await (await test.connect(wanted)).close()
  })
})

it('one that keeps the operator from what a database is made of is its reason, until it is back', async () => {
  const created = test.spec()
  await goesAway(resources.service, { kind: 'Service', spec: { ports: [{ port: 1 }] } })
  await until(async () => {
    const { outcome } = await test.engine.ensure(created)
    return outcome === 'wait' && (await test.engine.observe(created))?.reason === 'WebhookUnavailable'
  }, { deadlineMs: 60_000, everyMs: 250, what: 'it is named' })
  expect(await test.observe(created)).toMatchObject({ phase: 'provisioning', message: expect.stringContaining('webhook') })
  expect(await test.engine.ensure(created)).toMatchObject({ outcome: 'wait', reason: expect.stringContaining('webhook') })

  await comesBack()
  expect(await test.settle(created)).toEqual({ outcome: 'done' })
  await test.becomes(created, { phase: 'ready' })
})

/** It is asked about one kind in this test's own namespace. `probe`: one of that kind, with which it is seen that it is asked. */
async function goesAway(resource: Resource, probe: { readonly kind: string, readonly spec: object }): Promise<void> {
  const { apiVersion, plural } = resource
  const [group, version = group] = apiVersion.split('/')
  await test.api.create(webhooks, {
    apiVersion: admission,
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: nameOf() },
    webhooks: [{
      name: 'down.howdah.dev',
      clientConfig: { service: { namespace: test.namespace, name: 'nobody', path: '/' } },
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': test.namespace } },
      rules: [{ apiGroups: [version === group ? '' : group], apiVersions: [version], operations: ['CREATE', 'UPDATE'], resources: [plural] }],
      failurePolicy: 'Fail',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      timeoutSeconds: 2,
    }],
  } as Manifest)
  const object = { apiVersion, metadata: { name: 'probe', namespace: test.namespace }, ...probe }
  await until(async () => await test.api.apply(resource, object, { isDryRun: true }).then(() => false, () => true), { deadlineMs: 60_000, everyMs: 250, what: 'the webhook is asked' })
}

async function comesBack(): Promise<void> {
  await test.api.delete(webhooks, { name: nameOf() })
}

function nameOf(): string {
  return `${test.namespacePrefix}webhook`
}
