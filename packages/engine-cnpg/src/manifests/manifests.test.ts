import type { Origin } from './bootstrap.ts'
import { expectGolden } from '@howdah/testkit'
import { assert, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { isRouted } from '../location.ts'
import { readSettings } from '../settings.ts'
import { clusterView } from '../views.ts'
import { backupManifest, branchSnapshotManifest, snapshotSection } from './backup.ts'
import { ownArchive } from './bootstrap.ts'
import { clusterManifest } from './cluster.ts'
import { drillManifest } from './drill.ts'
import { hostAccessRules } from './host-access.ts'
import { namespaceManifest } from './namespace.ts'
import { networkPolicyManifests } from './network-policies.ts'
import { bucketSecretManifest, objectStoreManifest } from './object-store.ts'
import { podMonitorManifest } from './pod-monitor.ts'
import { resourceQuotaManifest } from './resource-quota.ts'
import { monitorSecretManifest, ownerSecretManifest } from './secrets.ts'
import { tlsRouteManifest } from './tls-route.ts'

const image = 'ghcr.io/cloudnative-pg/postgresql:18.4'
const location = readSettings({ images: { 18: image, 16: 'ghcr.io/cloudnative-pg/postgresql:16.10' } })
const spec = {
  id: '0191d2c4-6f1e-7cc3-98c4-dc0c0c07398f',
  project: 'shop',
  name: 'orders',
  version: 18,
  instances: 1,
  storageGib: 10,
  cpu: 1,
  memoryMib: 1024,
  durability: 'async' as const,
  parameters: {},
  allowedCidrs: ['10.0.0.0/8', '2001:db8::/32'],
  database: 'orders',
  hibernated: false,
  restartToken: '',
  owner: { user: 'orders' },
}
const bucket = { endpoint: 'https://s3.example.org:7070', region: 'eu01', bucket: 'archives', prefix: 'prod', ca: '-----BEGIN CERTIFICATE-----', accessKeyId: 'id', secretAccessKey: 'secret' }
const archiving = readSettings({ images: { 18: image }, backups: { url: 's3://archives/prod', credentialsFile: '/etc/howdah/s3' } })
const golden = async (name: string, manifest: object): Promise<void> => await expectGolden(import.meta.url, `${name}.yaml`, stringify(manifest, { aliasDuplicateObjects: false }))

describe('manifests are as reviewed', () => {
  it('of a small database', async () => {
    await golden('cluster', clusterManifest(spec, location, image))
  })

  it('of one with replicas, synchronous, with parameters, an external address and its own class', async () => {
    const place = readSettings({ images: { 18: image }, domain: 'db.example.org', storageClass: 'fast', cpuReserved: 0.25, controlPlaneCidrs: ['192.0.2.0/24'] })
    await golden('cluster-replicated', clusterManifest({ ...spec, instances: 3, durability: 'sync', cpu: 0.5, memoryMib: 1536, parameters: { work_mem: '64MB' }, restartToken: 'op-7', hibernated: true }, place, image))
  })

  it('of an older major', async () => {
    await golden('cluster-16', clusterManifest({ ...spec, version: 16 }, location, 'ghcr.io/cloudnative-pg/postgresql:16.10'))
  })

  it('of one that archives, and was made from the archive of another one', async () => {
    const target = { backupID: '20261125T120000', targetTime: '2026-11-25 12:30:00.000+00' }
    await golden('cluster-restored', clusterManifest(spec, archiving, image, { kind: 'archive', archive: ownArchive('0191d2c4-0000-7000-8000-000000000000'), target }))
  })

  it('of one that was restored in place: it goes on in its own archive', async () => {
    const target = { backupID: '20261125T120000', targetTime: '2026-11-25 12:30:00.000+00', targetTLI: '1' }
    await golden('cluster-restored-in-place', clusterManifest(spec, archiving, image, { kind: 'archive', archive: ownArchive(spec.id), target }))
  })

  it('of one that became what another one is: it goes on in a new server of its own archive', async () => {
    await golden('cluster-reset', clusterManifest(spec, archiving, image, { kind: 'archive', archive: ownArchive('0191d2c4-0000-7000-8000-000000000000'), target: { backupID: '20261125T120000' }, end: { timeline: 1, lsn: '0/5000001' } }, ownArchive(spec.id, `${spec.id}-2`)))
  })

  it('of one that was made from a snapshot, and what was written after it', async () => {
    const target = { targetTime: '2026-11-25 12:30:00.000+00' }
    await golden('cluster-from-snapshot', clusterManifest(spec, archiving, image, { kind: 'archive', archive: ownArchive('0191d2c4-0000-7000-8000-000000000000'), target, snapshot: 'payments-0191d2c4-1111-7000-8000-000000000000' }))
  })

  it('of one that was copied from a server', async () => {
    await golden('cluster-copied', clusterManifest(spec, archiving, image, { kind: 'server', name: 'payments' }))
  })

  it('of a drill: it archives nowhere, and lets in nobody but us', async () => {
    const at = new Date('2026-11-25T12:00:00Z')
    await golden('drill', drillManifest({
      ref: spec,
      record: { id: '0191d2c4-2222-7000-8000-00c0ffee0000', backup: 'orders-0191d2c4-1111-7000-8000-000000000000', begunAt: at, until: at, canaryAt: at, dataLossMs: 41_000, reaches: at, answer: undefined },
      archive: ownArchive(spec.id),
      backupID: '20261125T110000',
      version: 18,
      like: { cpu: 4, memoryMib: 8192, storageGib: 200, parameters: { max_connections: '500', shared_buffers: '2GB' } },
      bytes: 3 * 2 ** 30,
      application: { database: 'orders', owner: 'orders' },
      ownedBy: '5f0e7c1a-0000-4000-8000-000000000000',
    }, { ...archiving, domain: 'db.example.org' }, image))
  })

  it('of backups', async () => {
    await golden('object-store', objectStoreManifest(spec, 'howdah-shop', bucket))
    await golden('bucket-secret', bucketSecretManifest('howdah-shop', bucket))
    await golden('backup', backupManifest(spec, 'howdah-shop', '0191d2c4-1111-7000-8000-000000000000'))
    await golden('backup-reset', backupManifest(spec, 'howdah-shop', '0191d2c4-1111-7000-8000-000000000000', { server: `${spec.id}-2` }))
    await golden('backup-delivered', backupManifest(spec, 'howdah-shop', '0191d2c4-1111-7000-8000-000000000000', { owner: '5f0e7c1a-0000-4000-8000-000000000000' }))
    await golden('backup-snapshot', backupManifest(spec, 'howdah-shop', '0191d2c4-1111-7000-8000-000000000000', { isSnapshot: true }))
    await golden('branch-snapshot', branchSnapshotManifest(spec, 'howdah-shop', '0191d2c4-3333-7000-8000-000000000000', '5f0e7c1a-0000-4000-8000-000000000000'))
    await golden('snapshot-section', snapshotSection('fast-snapshots'))
  })

  it('of what a project has', async () => {
    await golden('namespace', namespaceManifest(location, 'shop'))
    const labels = { 'howdah.dev/installation': '0191d2c4-aaaa-7000-8000-000000000000' }
    const ofOne = { ...location, installation: labels['howdah.dev/installation'] }
    expect(namespaceManifest(ofOne, 'shop').metadata).toMatchObject({ labels })
    const { metadata } = clusterManifest(spec, location, image)
    // Servers do not restart for it.
    expect(clusterManifest(spec, ofOne, image).metadata).toEqual({ ...metadata, labels: { ...metadata.labels, ...labels } })
    await golden('network-policies', networkPolicyManifests('howdah-shop', 'cnpg-system'))
    await golden('network-policies-archiving', networkPolicyManifests('howdah-shop', 'cnpg-system', bucket))
    await golden('network-policies-scraped', networkPolicyManifests('howdah-shop', 'cnpg-system', undefined, 'monitoring'))
    await golden('resource-quota', resourceQuotaManifest('howdah-shop', { 'requests.cpu': '8' }))
  })

  it('of one behind a gateway that all databases share', async () => {
    const place = readSettings({ images: { 18: image }, domain: 'db.example.org', tlsRoute: { gateway: 'databases', namespace: 'gateways', sectionName: 'postgresql', port: 443 } })
    assert(isRouted(place))
    await golden('cluster-routed', clusterManifest(spec, place, image))
    await golden('tls-route', tlsRouteManifest(spec, place, '5f0e7c1a-0000-4000-8000-000000000000'))
  })

  it('of one that lets in nobody, behind a gateway too', async () => {
    const place = readSettings({ images: { 18: image }, domain: 'db.example.org', tlsRoute: { gateway: 'databases', namespace: 'gateways', port: 443 } })
    const rules = clusterManifest({ ...spec, allowedCidrs: [] }, place, image).spec.postgresql.pg_hba
    expect(rules.filter(rule => rule.startsWith('hostssl all all '))).toEqual([])
    expect(rules.at(-1)).toBe('host all all all reject')
  })

  it('of one whose image a catalogue says', async () => {
    await golden('cluster-catalogued', clusterManifest(spec, readSettings({ imageCatalog: 'postgresql' }), image))
  })

  it('of what Prometheus reads', async () => {
    await golden('pod-monitor', podMonitorManifest(readSettings({ images: { 18: image }, podMonitor: { labels: { release: 'prometheus' }, interval: '30s' } }), 'shop'))
  })

  it('of secrets', async () => {
    await golden('owner-secret', ownerSecretManifest(spec, 'howdah-shop', { user: 'orders', verifier: 'SCRAM-SHA-256$4096:…' }))
    await golden('monitor-secret', monitorSecretManifest(spec, 'howdah-shop', 'generated'))
  })
})

describe('a Cluster', () => {
  it('says by its digest whenever anything in it changes', () => {
    const digest = (change: object): string | undefined => clusterManifest({ ...spec, ...change }, location, image).metadata.annotations['howdah.dev/manifest']
    const all = [{}, { instances: 2 }, { cpu: 2 }, { parameters: { work_mem: '8MB' } }, { allowedCidrs: [] }, { hibernated: true }, { restartToken: 'x' }, { storageGib: 11 }].map(digest)
    expect(new Set(all).size).toBe(all.length)
  })

  it.each<Origin>([
    { kind: 'archive', archive: ownArchive('0191d2c4-0000-7000-8000-000000000000'), target: { backupID: '20261125T120000', targetLSN: '0/5000028', exclusive: true } },
    { kind: 'archive', archive: ownArchive('0191d2c4-0000-7000-8000-000000000000'), target: { targetImmediate: true, targetTLI: '1' }, snapshot: 'branch-0191d2c4-6f1e-7cc3-98c4-dc0c0c07398f' },
    { kind: 'server', name: 'payments' },
  ])('says of itself what it was made from, so that it is applied the same way again: $kind', (origin) => {
    const manifest = clusterManifest(spec, archiving, image, origin)
    const view = clusterView(manifest)
    expect(view).toMatchObject({ origin, database: 'orders', owner: 'orders', archive: ownArchive(spec.id) })
    expect(clusterManifest(spec, archiving, image, view.origin, view.archive)).toEqual(manifest)
    const elsewhere = clusterManifest(spec, archiving, image, origin, ownArchive(spec.id, `${spec.id}-2`))
    expect(clusterManifest(spec, archiving, image, clusterView(elsewhere).origin, clusterView(elsewhere).archive)).toEqual(elsewhere)
  })

  it.each([[0.1, '100m'], [1, '1'], [2.5, '2500m'], [16, '16']])('asks for %d CPU as Kubernetes would write it', (cpu, text) => {
    expect(clusterManifest({ ...spec, cpu }, location, image).spec.resources.limits.cpu).toBe(text)
  })

  it.each([[256, '256Mi'], [1024, '1Gi'], [1536, '1536Mi'], [1_048_576, '1Ti']])('asks for %d MiB as Kubernetes would write it', (memoryMib, text) => {
    expect(clusterManifest({ ...spec, memoryMib }, location, image).spec.resources.limits.memory).toBe(text)
  })

  it('lets the user\'s parameters win over our defaults and lose against what keeps the server ours', () => {
    const { parameters } = clusterManifest({ ...spec, parameters: { 'work_mem': '9MB', 'wal_retrieve_retry_interval': '1h', 'howdah.settings': 'x' } }, location, image).spec.postgresql
    expect(parameters).toMatchObject({ work_mem: '9MB', wal_retrieve_retry_interval: '100ms' })
    expect(parameters['howdah.settings']).toMatch(/^[0-9a-f]{16}$/)
  })
})

describe('who may connect', () => {
  it('ends with nobody, so that the operator\'s own last rule is never reached', () => {
    const rules = hostAccessRules(['0.0.0.0/0'], ['192.0.2.0/24'])
    expect(rules.at(-1)).toBe('host all all all reject')
    expect(rules[0]).toBe('hostnossl all all all reject')
  })

  it('lets superuser and monitoring in from the control plane only, whatever users allow', () => {
    const rules = hostAccessRules(['0.0.0.0/0'], ['192.0.2.0/24'])
    const closed = rules.indexOf('host all postgres,howdah_monitor all reject')
    expect(rules.slice(0, closed).filter(rule => rule.includes('postgres')).every(rule => rule.includes('192.0.2.0/24'))).toBe(true)
    expect(closed).toBeLessThan(rules.indexOf('hostssl all all 0.0.0.0/0 scram-sha-256'))
  })

  it('never includes trust, peer, or a password in the clear', () => {
    const methods = hostAccessRules(['0.0.0.0/0', '::/0'], ['::/0']).map(rule => rule.split(' ').at(-1))
    expect(new Set(methods)).toEqual(new Set(['scram-sha-256', 'reject']))
  })
})
