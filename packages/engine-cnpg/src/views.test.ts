import { expect, it } from 'vitest'
import { clusterView } from './views.ts'

function cluster(spec: object, status: object = {}) {
  return clusterView({ apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', metadata: { name: 'orders', namespace: 'howdah-shop', uid: 'u', labels: {} }, ...{ spec, status } })
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
  expect(cluster(spec).delivered).toEqual({ version: 18, instances: 3, storageGib: 2, cpu: 2, memoryMib: 1024, durability: 'sync', parameters: { work_mem: '8MB' }, database: 'ledger', owner: 'ledger' })
  expect(cluster({ imageName: 'postgresql:18' }).delivered).toEqual({ version: 18, instances: 1, storageGib: 1, cpu: 0, memoryMib: 0, durability: 'async', parameters: {}, database: 'app', owner: 'app' })
})
