import type { DatabaseSpec } from '@howdah/engine'
import type { ClusterEngine } from './cluster-engine.ts'
import { until } from '@howdah/testkit'
import { expect } from 'vitest'
import { resources } from '../kubernetes/objects.ts'
import { idLabel, monitorSecretOf, ownerSecretOf } from '../names.ts'

/** What was made of a database, nothing twice and nothing half. */
export async function isThereOnce({ api, engine, namespace }: ClusterEngine, spec: DatabaseSpec): Promise<void> {
  const namesOf = async (kind: 'cluster' | 'volumeClaim' | 'secret'): Promise<string[]> =>
    (await api.list(resources[kind], { namespace, labels: `${idLabel}=${spec.id}` })).map(({ metadata }) => metadata.name)
  expect((await engine.list()).filter(({ ref }) => ref.id === spec.id)).toHaveLength(1)
  expect(await namesOf('cluster')).toEqual([spec.name])
  await until(async () => (await namesOf('volumeClaim')).length === spec.instances, { deadlineMs: 60_000, everyMs: 250, what: `each instance of ${spec.name} has a volume` })
  const secrets = await namesOf('secret')
  expect(secrets).toEqual(expect.arrayContaining([ownerSecretOf(spec), monitorSecretOf(spec)]))
  expect(secrets.filter(name => !name.startsWith(`${spec.name}-`))).toEqual([])
}
