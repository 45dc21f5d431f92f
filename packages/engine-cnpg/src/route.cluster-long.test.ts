/** A database behind a gateway that all share: the route is for the one that runs, the login goes through it, and there is no load balancer. */
import type { DatabaseSpec } from '@howdah/engine'
import type { SniGateway } from '@howdah/testkit'
import type { KubeObject } from './kubernetes/objects.ts'
import type { ClusterEngine } from './testing/cluster-engine.ts'
import { sniGateway, until } from '@howdah/testkit'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { resources } from './kubernetes/objects.ts'
import { clusterEngine } from './testing/cluster-engine.ts'

const domain = 'db.example.org'
let gateway: SniGateway
let test: ClusterEngine
let spec: DatabaseSpec

beforeAll(async () => {
  gateway = await sniGateway(async (name) => {
    const [database, project] = name.split('.')
    const service = await test.api.get<KubeObject & { readonly spec: { readonly clusterIP: string } }>(resources.service, { namespace: `${test.namespacePrefix}${project}`, name: `${database}-rw` })
    return service && { host: service.spec.clusterIP, port: 5432 }
  })
  test = await clusterEngine({ domain, tlsRoute: { gateway: 'databases', namespace: 'gateways', port: gateway.port, address: '127.0.0.1' } })
  spec = await test.database()
}, 300_000)
afterAll(async () => {
  await test?.cleanup()
  gateway?.close()
}, 600_000)

it('is ready when a login through the gateway answered, under its own name', () => {
  expect(new Set(gateway.asked)).toEqual(new Set([`${spec.name}.tests.${domain}`]))
})

it('tells its users the name, the gateway\'s port, and how TLS has to begin', async () => {
  const { endpoint } = await test.observe(spec)
  expect(endpoint).toMatchObject({ host: `${spec.name}.tests.${domain}`, port: gateway.port, sslNegotiation: 'direct' })
  const client = new pg.Client({ host: '127.0.0.1', port: gateway.port, user: spec.owner.user, password: spec.owner.password, database: spec.database, ssl: { ca: endpoint!.caCertificate, servername: endpoint!.host }, sslnegotiation: 'direct' })
  await client.connect()
  expect((await client.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()')).rows).toEqual([{ ssl: true }])
  await client.end()
})

it('has a route and no load balancer, and offers no networks and no older PostgreSQL', async () => {
  expect(await test.api.get(resources.tlsRoute, { namespace: test.namespace, name: spec.name })).toMatchObject({
    metadata: { ownerReferences: [{ kind: 'Cluster', name: spec.name }] },
    spec: { hostnames: [`${spec.name}.tests.${domain}`], rules: [{ backendRefs: [{ name: `${spec.name}-rw`, port: 5432 }] }] },
  })
  expect(await test.api.get(resources.service, { namespace: test.namespace, name: `${spec.name}-external` })).toBeUndefined()
  const { allowedCidrs, versions } = await test.engine.capabilities()
  expect(allowedCidrs).toBe(false)
  expect(versions.every(({ major }) => major >= 17)).toBe(true)
})

it('has its route again when somebody deletes it, and takes it with it in the end', async () => {
  const place = { namespace: test.namespace, name: spec.name }
  await test.api.delete(resources.tlsRoute, place)
  await until(async () => await test.api.get(resources.tlsRoute, place) === undefined, { deadlineMs: 30_000, what: 'the route is gone' })
  expect(await test.settle(spec)).toEqual({ outcome: 'done' })
  expect(await test.api.get(resources.tlsRoute, place)).toBeDefined()
  await until(async () => (await test.engine.destroy(spec)).outcome === 'done', { deadlineMs: 120_000, everyMs: 300, what: 'the database is gone' })
  await until(async () => await test.api.get(resources.tlsRoute, place) === undefined, { deadlineMs: 30_000, what: 'the route is gone with it' })
}, 180_000)
