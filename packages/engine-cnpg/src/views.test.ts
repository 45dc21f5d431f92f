import { expect, it } from 'vitest'
import { balancerView } from './balancer.ts'
import { clusterManifest } from './manifests/cluster.ts'
import { readSettings } from './settings.ts'
import { clusterView, podView } from './views.ts'

function cluster(spec: object, status: object = {}, metadata: object = {}) {
  return clusterView({ apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', metadata: { name: 'orders', namespace: 'howdah-shop', uid: 'u', labels: {}, ...metadata }, ...{ spec, status } })
}

it.each([
  ['ghcr.io/cloudnative-pg/postgresql:17.10-standard-trixie', 17],
  ['registry.example.org:5000/postgresql:16', 16],
  ['registry.example.org:5000/postgresql:18.4@sha256:0123', 18],
])('a Cluster that is delivered with %s has that major version', (imageName, version) => {
  expect(cluster({ imageName }).delivered).toMatchObject({ version })
})

it('what the operator chose is its version where the Cluster leaves it to it', () => {
  expect(cluster({}).delivered).toBeUndefined()
  expect(cluster({}, { image: 'ghcr.io/cloudnative-pg/postgresql:18.4' }).delivered).toMatchObject({ version: 18 })
})

it('what is delivered is said in our words, with the operator\'s defaults', () => {
  const spec = {
    imageName: 'postgresql:18',
    instances: 3,
    storage: { size: '1500Mi' },
    resources: { requests: { cpu: '250m', memory: '1Gi' }, limits: { cpu: '2' } },
    postgresql: { parameters: { work_mem: '8MB' }, synchronous: { method: 'any', number: 1 } },
    bootstrap: { initdb: { database: 'ledger' } },
  }
  expect(cluster(spec).delivered).toEqual({ version: 18, instances: 3, storageGib: 2, cpu: 2, memoryMib: 1024, durability: 'sync', parameters: { work_mem: '8MB' }, backupRefusal: expect.stringContaining('no archive'), database: 'ledger', owner: 'ledger' })
  expect(cluster({ imageName: 'postgresql:18' }).delivered).toEqual({ version: 18, instances: 1, storageGib: 1, cpu: 0, memoryMib: 0, durability: 'async', parameters: {}, backupRefusal: expect.stringContaining('no archive'), database: 'app', owner: 'app' })
})

const archiver = { name: 'barman-cloud.cloudnative-pg.io', isWALArchiver: true, parameters: { barmanObjectName: 'store' } }

it('its archive is the one that its plugin names, under its own name unless it has another one there', () => {
  expect(cluster({ plugins: [{ name: 'other' }, archiver] }).archive).toEqual({ store: 'store', server: 'orders' })
  expect(cluster({ plugins: [{ ...archiver, parameters: { barmanObjectName: 'store', serverName: 'orders-2' } }] }).archive).toEqual({ store: 'store', server: 'orders-2' })
})

it.each<[string, object, unknown]>([
  ['has no archive', {}, expect.stringMatching(/ObjectStore.*barman-cloud/)],
  ['has a plugin that only restores', { plugins: [{ ...archiver, isWALArchiver: false }], enableSuperuserAccess: true }, expect.stringContaining('no archive')],
  ['has switched its plugin off', { plugins: [{ ...archiver, enabled: false }], enableSuperuserAccess: true }, expect.stringContaining('no archive')],
  ['lets no superuser in', { plugins: [archiver] }, expect.stringContaining('enableSuperuserAccess')],
  ['has all that it takes', { plugins: [archiver], enableSuperuserAccess: true }, undefined],
])('whether a backup of it can be taken, and if not, why: it %s', (_, spec, refusal) => {
  expect(cluster({ imageName: 'postgresql:18', ...spec }).delivered?.backupRefusal).toEqual(refusal)
})

it('the password of its owner is where its spec says, or where the operator puts it', () => {
  expect(cluster({ bootstrap: { initdb: { secret: { name: 'from-a-vault' } } } }).ownerSecret).toBe('from-a-vault')
  expect(cluster({}).ownerSecret).toBe('orders-app')
})

it('of its parameters those are its own that somebody set, and not what the operator\'s webhook added', () => {
  const parameters = { 'work_mem': '8MB', 'auto_explain.log_min_duration': '1s', 'wal_keep_size': '512MB', 'archive_mode': 'on', 'wal_level': 'logical' }
  const owns = (...names: string[]): object => ({ fieldsV1: { 'f:spec': { 'f:postgresql': { 'f:parameters': Object.fromEntries(names.map(name => [`f:${name}`, {}])) } } } })
  const managedFields = [owns('work_mem', 'auto_explain.log_min_duration'), owns('.', 'wal_keep_size'), { fieldsV1: { 'f:status': {} } }]
  const spec = { imageName: 'postgresql:18', postgresql: { parameters } }
  expect(cluster(spec, {}, { managedFields }).delivered?.parameters).toEqual({ 'work_mem': '8MB', 'auto_explain.log_min_duration': '1s', 'wal_keep_size': '512MB' })
  // Where the API does not tell, nothing is left out.
  expect(cluster(spec).delivered?.parameters).toEqual(parameters)
})

const running = { name: 'postgres', ready: false, started: true, state: { running: {} } }
const unready = { type: 'Ready', status: 'False', reason: 'ContainersNotReady' }

it.each<[string, boolean, object]>([
  ['runs and is not ready', true, { conditions: [unready], containerStatuses: [running] }],
  ['is ready', false, { conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [{ ...running, ready: true }] }],
  ['was not let in yet since it started', false, { conditions: [unready], containerStatuses: [{ ...running, started: false }] }],
  ['ended', false, { conditions: [unready], containerStatuses: [{ ...running, state: { terminated: {} } }] }],
  ['is on a node that is away', false, { conditions: [{ ...unready, reason: undefined }], containerStatuses: [{ ...running, ready: true }] }],
  ['waits beside a part of its pod that is not ready', false, { conditions: [unready], containerStatuses: [{ ...running, ready: true }, { ...running, name: 'plugin-barman-cloud' }] }],
])('whether a server is silent: one that %s', (_, isSilent, status) => {
  expect(podView({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'orders-2', labels: { 'cnpg.io/cluster': 'orders' } }, ...{ status } })).toMatchObject({ isSilent })
})

it('somebody who fences instances wants them down', () => {
  const fenced = (annotation: string): object => ({ annotations: { 'cnpg.io/fencedInstances': annotation } })
  expect(cluster({}).isFenced).toBe(false)
  expect(cluster({}, {}, fenced('[]')).isFenced).toBe(false)
  expect(cluster({}, {}, fenced('["orders-2"]')).isFenced).toBe(true)
})

it('users outside of the cluster reach it where it has the load balancer that a location with a domain gives', () => {
  const place = readSettings({ images: { 18: 'ghcr.io/cloudnative-pg/postgresql:18.4' }, domain: 'db.example.org' })
  const spec = { id: 'i', project: 'shop', name: 'orders', version: 18, instances: 1, storageGib: 1, cpu: 1, memoryMib: 256, durability: 'async' as const, parameters: {}, allowedCidrs: [], database: 'orders', hibernated: false, restartToken: '', owner: { user: 'orders' } }
  const outside = clusterManifest(spec, place, 'image:18')
  expect(clusterView(outside).isExternal).toBe(true)
  expect(clusterView(clusterManifest(spec, { ...place, domain: undefined }, 'image:18')).isExternal).toBe(false)
  expect(clusterView({ ...outside, metadata: { ...outside.metadata, labels: {} } }).isExternal).toBe(false)
  const routed = clusterManifest(spec, { ...place, tlsRoute: { gateway: 'g', namespace: 'n', sectionName: undefined, port: 5432, address: undefined } }, 'image:18')
  expect([outside, routed].map(clusterView)).toMatchObject([{ isExternal: true, isRouted: false }, { isExternal: false, isRouted: true }])
})

it.each<[string, object, object, string | undefined]>([
  ['an address', { type: 'LoadBalancer' }, { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } }, '192.0.2.7'],
  ['a name', { type: 'LoadBalancer' }, { loadBalancer: { ingress: [{ hostname: 'lb.example.org' }] } }, 'lb.example.org'],
  ['nothing yet', { type: 'LoadBalancer' }, { loadBalancer: {} }, undefined],
])('a load balancer has %s', (_, spec, status, address) => {
  expect(balancerView({ metadata: { name: 'orders-external', namespace: 'howdah-shop', labels: { 'cnpg.io/cluster': 'orders' } }, ...{ spec, status } })).toEqual({ namespace: 'howdah-shop', cluster: 'orders', address })
})

it('Services of other types are none', () => {
  expect(balancerView({ metadata: { name: 'orders-rw', namespace: 'howdah-shop', labels: { 'cnpg.io/cluster': 'orders' } }, ...{ spec: { type: 'ClusterIP' } } })).toBeUndefined()
})
