/** Somebody kept the volumes of a database: their data is in no other database by accident. */
import type { DatabaseSpec } from '@howdah/engine'
import type { ClusterEngine } from './testing/cluster-engine.ts'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pathOf, resources } from './kubernetes/objects.ts'
import { clusterEngine } from './testing/cluster-engine.ts'

let test: ClusterEngine
let kept: DatabaseSpec
beforeAll(async () => {
  test = await clusterEngine()
  kept = await test.database()
  const session = await test.connect(kept)
  await session.query('create table ledger as select 42 as amount')
  await session.close()
}, 300_000)
afterAll(async () => await test.cleanup(), 600_000)

async function destroyed(spec: DatabaseSpec): Promise<void> {
  await until(async () => (await test.engine.destroy(spec)).outcome === 'done', { deadlineMs: 120_000, everyMs: 300, what: `${spec.name} is gone` })
}

it('a volume that was kept by hand stays, and gives its data to no database of the same name', async () => {
  const volume = { namespace: test.namespace, name: `${kept.name}-1` }
  await test.settle({ ...kept, generation: 2, hibernated: true })
  await test.api.json(pathOf(resources.cluster, { namespace: test.namespace, name: kept.name }), { method: 'DELETE', body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Orphan' } })
  await until(async () => await test.api.get(resources.cluster, { namespace: test.namespace, name: kept.name }) === undefined, { deadlineMs: 60_000, what: 'the Cluster is gone' })
  await test.api.merge(resources.volumeClaim, volume, { metadata: { labels: { 'howdah.dev/id': null } } })
  await destroyed(kept)
  expect(await test.api.get(resources.volumeClaim, volume)).toBeDefined()

  const next = test.spec({ name: kept.name })
  await expect(test.engine.ensure(next)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(`(${volume.name})`) })
  expect(await test.api.get(resources.cluster, { namespace: test.namespace, name: kept.name })).toBeUndefined()
}, 600_000)
