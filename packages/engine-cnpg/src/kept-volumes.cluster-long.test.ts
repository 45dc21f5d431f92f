/** The volumes of a database that is gone: what was in it is still there, and in no other database by accident. */
import type { DatabaseSpec } from '@howdah/engine'
import type { KubeObject, Resource } from './kubernetes/objects.ts'
import type { ClusterEngine } from './testing/cluster-engine.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { keepVolumesOf } from './keep-volumes.ts'
import { pathOf, resources } from './kubernetes/objects.ts'
import { clusterEngine } from './testing/cluster-engine.ts'

let test: ClusterEngine
beforeAll(async () => {
  test = await clusterEngine()
})
afterAll(async () => await test.cleanup(), 600_000)

async function ledgerOf42(change?: Partial<DatabaseSpec>): Promise<DatabaseSpec> {
  const spec = await test.database(change)
  const session = await test.connect(spec)
  await session.query('create table ledger as select 42 as amount')
  await session.close()
  return spec
}

async function destroyed(spec: DatabaseSpec, options?: { readonly keepVolumes: boolean }): Promise<void> {
  await until(async () => (await test.engine.destroy(spec, options)).outcome === 'done', { deadlineMs: 120_000, everyMs: 300, what: `${spec.name} is gone` })
}

async function left(spec: DatabaseSpec): Promise<Record<string, string[]>> {
  const named = async (resource: Resource): Promise<string[]> =>
    (await test.api.list(resource, { namespace: test.namespace })).map(({ metadata }) => metadata.name).filter(name => name === spec.name || name.startsWith(`${spec.name}-`)).sort()
  return { clusters: await named(resources.cluster), pods: await named(resources.pod), services: await named(resources.service), volumes: await named(resources.volumeClaim) }
}

/** Phase of a pod that ran this with the volume where its server had it, as docs/guides/kubernetes.md does. */
async function ranWith(volume: string, script: string): Promise<string> {
  const name = `look-at-${volume}`
  await test.api.json(pathOf(resources.pod, { namespace: test.namespace }), { method: 'POST', body: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      securityContext: { runAsUser: 26, runAsNonRoot: true, fsGroup: 26, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{
        name: 'postgres',
        image: inject('cluster').postgresqlImages?.[18] ?? 'ghcr.io/cloudnative-pg/postgresql:18.4',
        command: ['bash', '-euc', script],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
        volumeMounts: [{ name: 'pgdata', mountPath: '/var/lib/postgresql/data' }],
      }],
      volumes: [{ name: 'pgdata', persistentVolumeClaim: { claimName: volume } }],
    },
  } })
  return await until(async () => {
    const pod = await test.api.get<KubeObject & { readonly status?: { readonly phase?: string } }>(resources.pod, { namespace: test.namespace, name })
    return pod?.status?.phase === 'Succeeded' || pod?.status?.phase === 'Failed' ? pod.status.phase : undefined
  }, { deadlineMs: 120_000, everyMs: 500, what: 'the look at the volume ends' })
}

it('a delete that keeps the volumes leaves them, with every row, and nothing else', async () => {
  const spec = await ledgerOf42({ instances: 2 })
  // As if we were killed in between, and the operator looked at what became of its volumes.
  await keepVolumesOf({ api: test.api, location: test }, spec)
  await delay(5000)
  await destroyed(spec, { keepVolumes: true })
  const volumes = [`${spec.name}-1`, `${spec.name}-2`]
  expect(await left(spec)).toEqual({ clusters: [], pods: [], services: [], volumes })
  for (const name of volumes)
    expect((await test.api.get(resources.volumeClaim, { namespace: test.namespace, name }))?.metadata).toMatchObject({ labels: { 'howdah.dev/kept-of': spec.id, 'cnpg.io/cluster': spec.name } })
  expect(await ranWith(`${spec.name}-1`, 'postgres --single -D /var/lib/postgresql/data/pgdata app <<<"select amount from ledger" | grep \'amount = "42"\'')).toBe('Succeeded')

  const next = test.spec({ name: spec.name })
  await expect(test.engine.ensure(next)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(volumes[0]!) })
  for (const name of volumes)
    await test.api.delete(resources.volumeClaim, { namespace: test.namespace, name })
  await test.api.delete(resources.pod, { namespace: test.namespace, name: `look-at-${spec.name}-1` })
  await until(async () => (await left(spec)).volumes?.length === 0, { deadlineMs: 60_000, everyMs: 500, what: 'the volumes are gone' })
  await test.settle(next)
  const session = await test.connect(next)
  await expect(session.query('select amount from ledger')).rejects.toThrow(/does not exist/)
  await session.close()
}, 600_000)

it('a volume that was kept by hand stays, and gives its data to no database of the same name', async () => {
  const kept = await ledgerOf42()
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
