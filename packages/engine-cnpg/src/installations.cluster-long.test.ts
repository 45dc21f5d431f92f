/** Two control planes that know nothing of each other, in one cluster, with the same name for a project and a database. */
import type { Engine } from '@howdah/engine'
import type { KubeObject } from './kubernetes/objects.ts'
import type { ClusterEngine } from './testing/cluster-engine.ts'
import { randomUUID } from 'node:crypto'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { resources } from './kubernetes/objects.ts'
import { installationLabel, managedByLabel, projectLabel } from './names.ts'
import { clusterEngine } from './testing/cluster-engine.ts'

let test: ClusterEngine
let other: Engine
let mine: ReturnType<ClusterEngine['spec']>
beforeAll(async () => {
  test = await clusterEngine()
  other = test.createEngine({}, 'another')
  await other.open()
  mine = await test.database()
}, 600_000)
afterAll(async () => {
  await other.close()
  await test.cleanup()
}, 600_000)

/** Everything that a control plane makes, as far as it does not change by itself. */
async function everything(): Promise<readonly string[]> {
  const { namespace } = test
  const objects = [
    await test.api.get(resources.namespace, { name: namespace }),
    ...(await Promise.all([resources.cluster, resources.secret, resources.objectStore, resources.networkPolicy, resources.resourceQuota].map(async resource => await test.api.list<KubeObject>(resource, { namespace })))).flat(),
  ]
  return objects.map(object => JSON.stringify([object?.metadata.name, object?.metadata.uid, object?.metadata.generation, object?.metadata.labels])).sort()
}

it('the second is told whose the project\'s namespace is, and changes nothing in it', async () => {
  const before = await everything()
  expect(before.length).toBeGreaterThan(4)
  const { name } = mine
  for (const theirs of [{ ...test.spec(), name }, test.spec()]) {
    await expect(other.ensure(theirs)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(`"${test.namespace}" belongs to another Howdah installation (a-test; this one is another)`) })
    expect(await other.observe(theirs)).toBeUndefined()
    expect(await other.destroy(theirs)).toEqual({ outcome: 'done' })
  }
  expect(await everything()).toEqual(before)
  await (await test.connect(mine)).close()
})

it('neither sees what is the other\'s, also not what Git delivers there', async () => {
  const name = 'delivered'
  const cluster = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', metadata: { name, namespace: test.namespace, labels: { [projectLabel]: mine.project } }, spec: { instances: 1, storage: { size: '1Gi' } } }
  await test.api.create(resources.cluster, cluster)
  await until(async () => (await test.engine.list()).length === 2, { deadlineMs: 30_000, everyMs: 50, what: 'whose it is sees it' })
  const next = test.createEngine({}, 'another')
  await next.open()
  for (const engine of [other, next])
    expect(await engine.list()).toEqual([])
  await next.close()
  const again = test.createEngine()
  await again.open()
  expect((await again.list()).map(({ ref }) => ref.name).sort()).toEqual([mine.name, name].sort())
  await again.close()
})

it('a namespace from before there were labels is taken by who makes something in it first, and what is there stays whoever\'s it was', async () => {
  const namespace = `${test.namespacePrefix}older`
  await test.api.create(resources.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { [managedByLabel]: 'howdah', [projectLabel]: 'older' } } })
  const spec = test.spec({ project: 'older', id: randomUUID() })
  await test.engine.ensure(spec)
  const label = async (): Promise<string | undefined> => (await test.api.get(resources.namespace, { name: namespace }))?.metadata.labels?.[installationLabel]
  expect(await label()).toBe('a-test')
  await expect(other.ensure(test.spec({ project: 'older' }))).rejects.toMatchObject({ code: 'conflict' })
  expect(await label()).toBe('a-test')

  // As a release made it that knew of no others.
  const unlabelled = { metadata: { labels: { [installationLabel]: null } } }
  await test.api.merge(resources.cluster, { namespace, name: spec.name }, unlabelled, { as: 'howdah' })
  await until(async () => (await test.api.get(resources.cluster, { namespace, name: spec.name }))?.metadata.labels?.[installationLabel] === undefined, { deadlineMs: 10_000, everyMs: 50 })
  await test.settle(spec)
  expect((await test.api.get(resources.cluster, { namespace, name: spec.name }))?.metadata.labels?.[installationLabel]).toBe('a-test')
}, 300_000)

it('of two who want a new namespace at the same moment one gets it', async () => {
  const project = 'wanted'
  const ends = await Promise.all([test.engine, other].map(async engine => await engine.ensure(test.spec({ project })).then(() => 'begun', ({ code }: { code: string }) => code)))
  expect(ends.sort()).toEqual(['begun', 'conflict'])
  expect(await test.api.list(resources.cluster, { namespace: `${test.namespacePrefix}${project}` })).toHaveLength(1)
})
