import type { KubeApi } from '../packages/engine-cnpg/src/kubernetes/api.ts'
import type { KubeObject, Manifest } from '../packages/engine-cnpg/src/kubernetes/objects.ts'
import type { Bench } from './lib/bench.ts'
import type { BenchServer } from './lib/server.ts'
import { until } from '@howdah/testkit'
import pg from 'pg'
import { resources } from '../packages/engine-cnpg/src/kubernetes/objects.ts'
import { readSecret } from '../packages/engine-cnpg/src/target.ts'
import { startCluster } from './lib/cluster.ts'
import { connectionOf } from './lib/connect.ts'
import { figure } from './lib/figure.ts'

/** What may come on top of the operator's own time. */
const onTopMs = 500

type ClusterObject = KubeObject & { readonly spec: Readonly<Record<string, unknown>> }

export const kubernetes: Bench = {
  name: 'kubernetes',
  title: 'Create a database on Kubernetes',
  async run(context) {
    const { api, namespace, start } = await startCluster(context)
    const server = await start()
    // Pulls nothing, but the first pods of a node are slower than the next ones.
    await create(server, api, namespace, 'first')
    const plain = await plainManifest(api, namespace, 'first')
    await server.api('DELETE', '/api/databases/first')

    const n = context.isQuick ? 2 : 10
    const ours: number[] = []
    const theirs: number[] = []
    for (let count = 0; count < n; count++) {
      ours.push(await create(server, api, namespace, `ours-${count}`))
      await server.api('DELETE', `/api/databases/ours-${count}`)
      await calm(api, namespace)
      theirs.push(await createPlain(api, namespace, plain, `theirs-${count}`))
      await api.delete(resources.cluster, { namespace, name: `theirs-${count}` })
      await calm(api, namespace)
      context.say(`${count + 1} of ${n}: ${Math.round(ours[count]!)} ms, the operator alone ${Math.round(theirs[count]!)} ms`)
    }
    context.note('the floor is a Cluster of the same spec, applied by hand, asked every 20 ms whether the application\'s user can log in')
    const floor = figure('a Cluster of the same spec without Howdah → first query', 'ms', theirs)
    return {
      figures: [
        figure('create → first query through the returned address', 'ms', ours, { against: floor, target: { of: 'p50', is: 'at most', value: floor.p50 + onTopMs } }),
        floor,
      ],
      details: { ours, theirs },
    }
  },
}

async function create(server: BenchServer, api: KubeApi, namespace: string, name: string): Promise<number> {
  const begun = performance.now()
  const { phase } = await server.api<{ phase: string }>('POST', '/api/databases', { name, memoryMib: 256, cpu: 1, storageGib: 1 })
  const { formats, tls } = await connectionOf(server, name)
  const uri = new URL(formats.uri)
  await query({
    host: await addressOf(api, namespace, name),
    user: uri.username,
    password: decodeURIComponent(uri.password),
    database: uri.pathname.slice(1),
    ssl: { ca: tls.caCertificate, servername: uri.hostname },
  })
  const took = performance.now() - begun
  if (phase !== 'ready')
    throw new Error(`${name} was made and is ${phase}`)
  return took
}

/** The same Cluster, as somebody would apply it who has no Howdah. */
async function plainManifest(api: KubeApi, namespace: string, name: string): Promise<Readonly<Record<string, unknown>>> {
  const cluster = await api.get<ClusterObject>(resources.cluster, { namespace, name })
  return { ...cluster?.spec, bootstrap: { initdb: { database: 'app', owner: 'app' } } }
}

async function createPlain(api: KubeApi, namespace: string, spec: Readonly<Record<string, unknown>>, name: string): Promise<number> {
  const manifest: Manifest & { readonly spec: unknown } = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', metadata: { name, namespace }, spec }
  const begun = performance.now()
  await api.create(resources.cluster, manifest)
  await until(async () => {
    const [app, authority] = await Promise.all([`${name}-app`, `${name}-ca`].map(async secret => await readSecret(api, namespace, secret)))
    if (!app || !authority)
      return false
    return await query({
      host: await addressOf(api, namespace, name),
      user: app.username,
      password: app.password,
      database: app.dbname,
      ssl: { ca: authority['ca.crt'], servername: `${name}-rw.${namespace}.svc` },
    }).then(() => true, () => false)
  }, { deadlineMs: 180_000, everyMs: 20, what: `${name} answers` })
  return performance.now() - begun
}

async function addressOf(api: KubeApi, namespace: string, name: string): Promise<string> {
  const service = await api.get<KubeObject & { readonly spec?: { readonly clusterIP?: string } }>(resources.service, { namespace, name: `${name}-rw` })
  return service?.spec?.clusterIP ?? ''
}

async function query(config: pg.ClientConfig): Promise<void> {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: 2000 })
  client.on('error', () => {}) // the query fails as well
  try {
    await client.connect()
    await client.query('select 1')
  }
  finally {
    await client.end()
  }
}

/** Nothing of the one before is being removed while the next one is measured. */
async function calm(api: KubeApi, namespace: string): Promise<void> {
  await until(async () => (await api.list(resources.pod, { namespace })).length === 0, { deadlineMs: 120_000, everyMs: 250, what: 'the pods are gone' })
}
