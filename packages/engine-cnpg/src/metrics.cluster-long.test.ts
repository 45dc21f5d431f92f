/** What Prometheus and the API are told of the members of a database, on the real cluster. */
import type { DatabaseSpec } from '@howdah/engine'
import type { KubeObject } from './kubernetes/objects.ts'
import type { ClusterEngine } from './testing/cluster-engine.ts'
import { text } from 'node:stream/consumers'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pathOf, resources } from './kubernetes/objects.ts'
import { clusterEngine } from './testing/cluster-engine.ts'

interface PodMonitor extends KubeObject {
  readonly spec: { readonly selector: { readonly matchLabels: Readonly<Record<string, string>>, readonly matchExpressions: readonly { readonly key: string, readonly operator: string }[] } }
}

let test: ClusterEngine
let spec: DatabaseSpec
beforeAll(async () => {
  test = await clusterEngine({ podMonitor: true })
  spec = await test.database({ instances: 2 })
  await test.becomes(spec, { phase: 'ready' })
}, 600_000)
afterAll(async () => await test.cleanup(), 600_000)

it('Prometheus finds every member, and each tells of itself', async () => {
  const monitor = await test.api.get<PodMonitor>(resources.podMonitor, { namespace: test.namespace, name: 'howdah-databases' })
  const { matchExpressions = [], matchLabels = {} } = monitor?.spec.selector ?? {}
  expect(matchExpressions.map(({ operator }) => operator)).toEqual(['Exists'])
  const labels = [...Object.entries(matchLabels).map(([name, value]) => `${name}=${value}`), ...matchExpressions.map(({ key }) => key)].join(',')
  const found = (await test.api.list(resources.pod, { namespace: test.namespace, labels })).map(({ metadata }) => metadata.name).sort()
  const { members } = await test.observe(spec)
  expect(found).toEqual(members.map(({ name }) => name).sort())
  for (const { name, role } of members) {
    const metrics = await metricsOf(name)
    expect(metrics).toMatch(/^cnpg_collector_up\{.*\} 1$/m)
    expect(metrics).toMatch(role === 'replica' ? /^cnpg_pg_replication_in_recovery 1$/m : /^cnpg_pg_replication_in_recovery 0$/m)
  }
})

it('the API tells of each replica how far it is behind', async () => {
  const lag = async (): Promise<{ lagBytes: number | null, lagSeconds: number | null } | undefined> => (await test.observe(spec)).members.find(({ role }) => role === 'replica')
  expect(await lag()).toMatchObject({ lagBytes: expect.any(Number), lagSeconds: expect.any(Number) })
  const session = await test.connect(spec)
  await session.query('create table filled as select repeat(\'x\', 1000) as text from generate_series(1, 20000)')
  await session.close()
  const { members } = await test.observe(spec)
  expect(members.find(({ role }) => role === 'primary')).toMatchObject({ lagBytes: null, lagSeconds: null })
  await until(async () => (await lag())?.lagBytes === 0, { deadlineMs: 120_000, everyMs: 500, what: 'it has caught up' })
})

/** Through the API: the pod's network is not everybody's. */
async function metricsOf(pod: string): Promise<string> {
  return await text(await test.api.stream(`${pathOf(resources.pod, { namespace: test.namespace, name: `${pod}:9187` })}/proxy/metrics`))
}
