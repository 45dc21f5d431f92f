/** The real API, with the operator's and the plugin's definitions and webhooks, takes every manifest as it is built: nothing is unknown to it. */
import type { KubeObject, Manifest, Resource } from '../kubernetes/objects.ts'
import type { RoutedLocation } from '../location.ts'
import type { TestPlace } from '../testing/place.ts'
import type { ClusterManifest } from './cluster.ts'
import { afterAll, assert, beforeAll, describe, expect, inject, it } from 'vitest'
import { ApiError } from '../kubernetes/api.ts'
import { resources } from '../kubernetes/objects.ts'
import { isRouted } from '../location.ts'
import { readSettings } from '../settings.ts'
import { testPlace } from '../testing/place.ts'
import { backupManifest, branchSnapshotManifest, snapshotSection } from './backup.ts'
import { ownArchive } from './bootstrap.ts'
import { clusterManifest } from './cluster.ts'
import { drillManifest } from './drill.ts'
import { namespaceManifest } from './namespace.ts'
import { networkPolicyManifests } from './network-policies.ts'
import { bucketSecretManifest, objectStoreManifest } from './object-store.ts'
import { podMonitorManifest } from './pod-monitor.ts'
import { resourceQuotaManifest } from './resource-quota.ts'
import { monitorSecretManifest, ownerSecretManifest } from './secrets.ts'
import { tlsRouteManifest } from './tls-route.ts'

const image = 'localhost/postgresql:18'
const bucket = { endpoint: 'https://s3.example.org:7070', region: 'eu01', bucket: 'archives', prefix: 'prod', ca: 'PEM', accessKeyId: 'id', secretAccessKey: 'secret' }
const spec = {
  id: '0191d2c4-6f1e-7cc3-98c4-dc0c0c07398f',
  project: 'shop',
  name: 'orders',
  version: 18,
  instances: 3,
  storageGib: 10,
  cpu: 0.5,
  memoryMib: 1536,
  durability: 'sync' as const,
  parameters: { work_mem: '64MB' },
  allowedCidrs: ['10.0.0.0/8', '2001:db8::/32'],
  database: 'orders',
  hibernated: true,
  restartToken: 'op-7',
  owner: { user: 'orders' },
}

let place: TestPlace
let namespace: string
beforeAll(async () => {
  place = await testPlace()
  namespace = `${place.namespacePrefix}shop`
  await place.api.apply(resources.namespace, namespaceManifest(place, 'shop'))
})
afterAll(async () => await place.cleanup(), 600_000)

describe('the API takes', () => {
  const archive = { kind: 'archive' as const, archive: ownArchive('0191d2c4-0000-7000-8000-000000000000') }
  const location = () => readSettings({ images: { 18: { image, version: '18.4' } }, namespacePrefix: place.namespacePrefix, domain: 'db.example.org', storageClass: 'local-path', cpuReserved: 0.25, backups: { url: 's3://archives' } })
  it.each<[string, Resource, () => Manifest]>([
    ['a Cluster that begins empty', resources.cluster, () => clusterManifest(spec, location(), image)],
    ['one that is restored to a moment', resources.cluster, () => clusterManifest(spec, location(), image, { ...archive, target: { backupID: '20261125T120000', targetTime: '2026-11-25 12:30:00.000+00' } })],
    ['one that is restored to a position', resources.cluster, () => clusterManifest(spec, location(), image, { ...archive, target: { backupID: '20261125T120000', targetLSN: '0/5000028', exclusive: true } })],
    ['one that is restored to a backup', resources.cluster, () => clusterManifest(spec, location(), image, { ...archive, target: { backupID: '20261125T120000', targetImmediate: true } })],
    ['one that is restored to the latest', resources.cluster, () => clusterManifest(spec, location(), image, { ...archive, target: { backupID: '20261125T120000' } })],
    ['one that begins as a snapshot', resources.cluster, () => clusterManifest(spec, location(), image, { ...archive, target: { targetImmediate: true, targetTLI: '2' }, snapshot: 'branch-0191d2c4-6f1e-7cc3-98c4-dc0c0c07398f' })],
    ['one that begins as a snapshot, with all that came after it', resources.cluster, () => clusterManifest(spec, location(), image, { ...archive, target: {}, snapshot: 'payments-0191d2c4-1111-7000-8000-000000000000' })],
    ['one of which snapshots may be taken', resources.cluster, () => allowingSnapshots(clusterManifest(spec, location(), image))],
    ['one that is copied from a server', resources.cluster, () => clusterManifest(spec, location(), image, { kind: 'server', name: 'payments' })],
    ['one that a drill restores into', resources.cluster, () => drillManifest({ ref: spec, record: { id: '0191d2c4-2222-7000-8000-00c0ffee0000', backup: 'b', begunAt: new Date(), until: new Date(), canaryAt: undefined, dataLossMs: undefined, reaches: new Date(), answer: undefined }, archive: archive.archive, backupID: '20261125T120000', version: 18, like: undefined, bytes: undefined, application: undefined, ownedBy: undefined }, location(), image)],
    ['one whose image a catalogue says', resources.cluster, () => clusterManifest(spec, { ...location(), images: [], imageCatalog: 'postgresql' }, image)],
    ['an ObjectStore', resources.objectStore, () => objectStoreManifest(spec, namespace, bucket)],
    ['the Secret of the bucket', resources.secret, () => bucketSecretManifest(namespace, bucket)],
    ['a Backup', resources.backup, () => backupManifest(spec, namespace, '0191d2c4-1111-7000-8000-000000000000')],
    ['the Secret of an owner', resources.secret, () => ownerSecretManifest(spec, namespace, { user: 'orders', verifier: 'SCRAM-SHA-256$…' })],
    ['the Secret of the monitoring', resources.secret, () => monitorSecretManifest(spec, namespace, 'generated')],
    ['a ResourceQuota', resources.resourceQuota, () => resourceQuotaManifest(namespace, { 'requests.cpu': '8' })],
    ['the policy that denies', resources.networkPolicy, () => networkPolicyManifests(namespace, 'cnpg-system', bucket)[0]!],
    ['the policy that lets in', resources.networkPolicy, () => networkPolicyManifests(namespace, 'cnpg-system', bucket)[1]!],
  ])('%s', async (_, resource, manifest) => {
    const wanted = manifest()
    const answer = await place.api.apply<KubeObject>(resource, wanted, { isDryRun: true })
    expect(answer.metadata).toMatchObject({ name: wanted.metadata.name, namespace })
  })

  it.for<[string, () => Manifest]>([
    ['that is a snapshot', () => backupManifest(spec, namespace, '0191d2c4-1111-7000-8000-000000000000', { isSnapshot: true })],
    ['from which a branch begins', () => branchSnapshotManifest(spec, namespace, '0191d2c4-3333-7000-8000-000000000000', '5f0e7c1a-0000-4000-8000-000000000000')],
  ])('a Backup %s, where snapshots are known', async ([, manifest], { skip }) => {
    skip(!await isDefined(resources.volumeSnapshot), 'this cluster does not know them')
    const wanted = manifest()
    const answer = await place.api.apply<KubeObject>(resources.backup, wanted, { isDryRun: true })
    expect(answer.metadata).toMatchObject({ name: wanted.metadata.name, namespace })
  })

  it.for<[string, Resource, () => Manifest]>([
    ['a TLSRoute', resources.tlsRoute, () => tlsRouteManifest(spec, routed(), '5f0e7c1a-0000-4000-8000-000000000000')],
    ['a PodMonitor', resources.podMonitor, () => podMonitorManifest(readSettings({ images: { 18: { image, version: '18.4' } }, namespacePrefix: place.namespacePrefix, podMonitor: { labels: { release: 'prometheus' }, interval: '30s' } }), 'shop')],
  ])('%s, where others have defined it', async ([, resource, manifest], { skip }) => {
    // Somebody's own cluster need not have it; ours does.
    skip(inject('cluster').postgresqlImages === undefined && !await isDefined(resource), 'this cluster does not know it')
    const wanted = manifest()
    const answer = await place.api.apply<KubeObject>(resource, wanted, { isDryRun: true })
    expect(answer.metadata).toMatchObject({ name: wanted.metadata.name, namespace })
  })
})

function allowingSnapshots(manifest: ClusterManifest): Manifest {
  return { ...manifest, spec: { ...manifest.spec, ...snapshotSection('fast') } } as Manifest
}

function routed(): RoutedLocation {
  const location = readSettings({ images: { 18: { image, version: '18.4' } }, namespacePrefix: place.namespacePrefix, domain: 'db.example.org', tlsRoute: { gateway: 'databases', namespace: 'gateways', sectionName: 'postgresql' } })
  assert(isRouted(location))
  return location
}

async function isDefined({ apiVersion, plural }: Resource): Promise<boolean> {
  const answer = await place.api.json<{ resources: { name: string }[] }>(`/apis/${apiVersion}`).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404)
      return { resources: [] }
    throw error
  })
  return answer.resources.some(({ name }) => name === plural)
}
