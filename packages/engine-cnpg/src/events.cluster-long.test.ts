/** What becomes of backups and volumes is told as it happens, whoever asked for it; and Prometheus is told of the databases. */
import type { DatabaseRef, DatabaseSpec, ServiceEvent } from '@howdah/engine'
import type { KubeObject, Manifest } from './kubernetes/objects.ts'
import type { ClusterEngine } from './testing/cluster-engine.ts'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { resources } from './kubernetes/objects.ts'
import { clusterEngine } from './testing/cluster-engine.ts'

const { postgresqlImages, s3 } = inject('cluster')
const scheduledBackup = { apiVersion: 'postgresql.cnpg.io/v1', plural: 'scheduledbackups', isNamespaced: true }
/** From the moment at which the cluster says it. */
const toldWithinMs = 1_000

type BackupObject = KubeObject & { readonly status?: { readonly phase?: string } }

let test: ClusterEngine
let spec: DatabaseSpec
beforeAll(async () => {
  test = await clusterEngine({ podMonitor: { labels: { release: 'prometheus' }, namespace: 'monitoring' } })
  spec = await test.database()
}, 300_000)
afterAll(async () => await test.cleanup(), 600_000)

function eventsOf({ id }: DatabaseRef, type: string): readonly ServiceEvent[] {
  return test.heard.flatMap(notification => notification.kind === 'event' && notification.event.ref.id === id && notification.event.type.startsWith(type) ? [notification.event] : [])
}

async function told(ref: DatabaseRef, type: string, deadlineMs = toldWithinMs): Promise<ServiceEvent> {
  return await until(() => eventsOf(ref, type).at(-1), { deadlineMs, everyMs: 10, what: `${type} of ${ref.name} is told; heard: ${eventsOf(ref, '').map(event => event.type).join(', ')}` })
}

function backupOf(cluster: string, name: string, plugin: string): Manifest {
  return {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Backup',
    metadata: { name, namespace: test.namespace },
    ...{ spec: { cluster: { name: cluster }, method: 'plugin', pluginConfiguration: { name: plugin } } },
  }
}

async function ends(name: string, phase: string): Promise<void> {
  await until(async () => (await test.api.get<BackupObject>(resources.backup, { namespace: test.namespace, name }))?.status?.phase === phase, { deadlineMs: 120_000, everyMs: 20, what: `the Backup is ${phase}` })
}

describe.runIf(s3)('backups', () => {
  it('of somebody\'s schedule are told when they begin and when they are complete', async () => {
    await test.api.apply(scheduledBackup, {
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'ScheduledBackup',
      metadata: { name: 'nightly', namespace: test.namespace },
      ...{ spec: { schedule: '0 0 0 1 1 *', immediate: true, cluster: { name: spec.name }, method: 'plugin', pluginConfiguration: { name: 'barman-cloud.cloudnative-pg.io' } } },
    })
    const { metadata: { name } } = await until(async () => (await test.api.list<BackupObject>(resources.backup, { namespace: test.namespace, labels: 'cnpg.io/scheduled-backup=nightly' }))[0], { deadlineMs: 60_000, everyMs: 50, what: 'the schedule makes a Backup' })
    expect(await told(spec, 'backup.started', 60_000)).toMatchObject({ severity: 'info', details: { backup: name, schedule: 'nightly' } })
    await ends(name, 'completed')
    expect(await told(spec, 'backup.completed')).toMatchObject({ message: 'A backup of the schedule "nightly" is complete.', details: { backup: name, schedule: 'nightly' } })
  })

  it('of ours are told once each, by their id, and complete when their WAL is in the archive', async () => {
    const before = eventsOf(spec, 'backup.').length
    const id = await test.backUp(spec)
    const since = (): readonly ServiceEvent[] => eventsOf(spec, 'backup.').slice(before)
    await until(() => since().at(-1)?.type === 'backup.completed', { deadlineMs: toldWithinMs, everyMs: 10, what: 'its completion is told' })
    expect(since().map(({ details, type }) => [type, details.backup])).toEqual([['backup.started', id], ['backup.completed', id]])
  })
})

it('a backup that cannot be taken is told, also of a Cluster that Git owns', async () => {
  const { metadata: { uid = '' } } = await test.api.apply<KubeObject>(resources.cluster, {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: { name: 'from-git', namespace: test.namespace, labels: { 'howdah.dev/project': 'tests' } },
    ...{ spec: { instances: 1, ...postgresqlImages ? { imageName: postgresqlImages[18] } : {}, storage: { size: '1Gi' } } },
  }, { as: 'argocd-controller' })
  const ref = { id: uid, project: 'tests', name: 'from-git' }
  await until(async () => (await test.engine.observe(ref))?.phase === 'ready', { deadlineMs: 180_000, everyMs: 100, what: 'what Git delivered is ready' })
  await test.api.create(resources.backup, backupOf('from-git', 'hopeless', 'no-such-plugin.example.org'))
  await ends('hopeless', 'failed')
  expect(await told(ref, 'backup.failed')).toMatchObject({ severity: 'error', details: { backup: 'hopeless' }, message: expect.stringContaining('was not taken: ') })
}, 300_000)

it('a volume that has grown is told, not one that is asked to', async () => {
  const place = { namespace: test.namespace, name: `${spec.name}-1` }
  await test.api.merge(resources.volumeClaim, { ...place, subresource: 'status' }, { status: { capacity: { storage: '2Gi' } } })
  expect(await told(spec, 'storage.grown')).toMatchObject({ severity: 'info', details: { volume: place.name, fromBytes: 2 ** 30, toBytes: 2 ** 31 } })
})

it('Prometheus finds the databases of a project by one PodMonitor, and may come from its namespace only', async ({ skip }) => {
  const monitor = await test.api.get(resources.podMonitor, { namespace: test.namespace, name: 'howdah-databases' })
  skip(!postgresqlImages && !monitor, 'this cluster does not know PodMonitors')
  expect(monitor).toMatchObject({ metadata: { labels: { release: 'prometheus' } } })
  const selected = await test.api.list(resources.pod, { namespace: test.namespace, labels: 'cnpg.io/podRole=instance,howdah.dev/id' })
  expect(selected.map(({ metadata }) => metadata.name)).toEqual([`${spec.name}-1`])
  const policy = await test.api.get<KubeObject & { readonly spec: { readonly ingress: readonly { readonly ports: readonly { readonly port: number }[], readonly from?: readonly object[] }[] } }>(resources.networkPolicy, { namespace: test.namespace, name: 'howdah-databases' })
  expect(policy?.spec.ingress.find(({ ports }) => ports[0]?.port === 9187)?.from).toEqual([{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }])
})
