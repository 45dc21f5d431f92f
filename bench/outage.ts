import type { LedgerSession } from '@howdah/testkit/ledger'
import type { KubeApi } from '../packages/engine-cnpg/src/kubernetes/api.ts'
import type { KubeObject } from '../packages/engine-cnpg/src/kubernetes/objects.ts'
import type { Bench, Context } from './lib/bench.ts'
import type { BenchServer } from './lib/server.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@howdah/testkit'
import { Ledger } from '@howdah/testkit/ledger'
import pg from 'pg'
import { resources } from '../packages/engine-cnpg/src/kubernetes/objects.ts'
import { cut, execOn, heal } from '../testbed/cluster/faults.ts'
import { s3 } from '../testbed/cluster/layout.ts'
import { startCluster } from './lib/cluster.ts'
import { connectionOf } from './lib/connect.ts'
import { figure } from './lib/figure.ts'

/** Writes are back by then. */
const mostSeconds = 45
/** For so long after it has looked at a database the operator keeps the connection: it has something to do until the database is whole. */
const looksBackMs = 20_000
const name = 'outage'

interface Database { readonly phase: string, readonly members: readonly { readonly phase: string }[] }
type ClusterObject = KubeObject & { readonly status?: { readonly currentPrimary?: string } }
type PodObject = KubeObject & { readonly spec: { readonly nodeName: string }, readonly status: { readonly containerStatuses?: readonly { readonly name: string, readonly containerID: string }[] } }
type LeaseObject = KubeObject & { readonly spec: { readonly holderIdentity: string } }

export const outage: Bench = {
  name,
  title: 'Lose the node of a primary on Kubernetes',
  async run(context) {
    const { api, namespace, start } = await startCluster(context)
    const server = await start({ settings: { backups: { url: `s3://backups/${namespace}?endpoint=${s3.endpoint}`, accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey } } })
    await server.api('POST', '/api/databases', { name, instances: 3, durability: 'sync', memoryMib: 256, cpu: 1, storageGib: 1 })
    await whole(server)
    const login = await loginOf(server, api, namespace)

    const n = context.isQuick ? 1 : 5
    const rounds: Round[] = []
    for (let count = 0; count < n; count++) {
      await whole(server)
      const round = await loseNode({ api, context, login, namespace, server })
      rounds.push(round)
      context.say(`${count + 1} of ${n}: writes away for ${round.seconds.toFixed(1)} s${round.withOperator ? ', with the operator that leads' : ''}`)
    }
    context.note('three instances with synchronous durability and an archive; 20 to 40 s after the database was whole the link of the primary\'s node is cut, and put back when writes go on')
    context.note('in each round every acknowledged row was there in the end, once, the primary that was cut off took no writes when the next one did, and one of three was the primary afterwards; anything else fails the bench')
    return {
      figures: [figure('the primary\'s node is cut off: no write is taken for', 's', rounds.map(({ seconds }) => seconds), { target: { of: 'max', is: 'at most', value: mostSeconds } })],
      details: { rounds },
    }
  },
}

interface Round {
  readonly seconds: number
  /** The operator that leads was on that node: another one has to follow it first. */
  readonly withOperator: boolean
  readonly rows: number
}

interface Place {
  readonly api: KubeApi
  readonly context: Context
  readonly login: () => Promise<LedgerSession>
  readonly namespace: string
  readonly server: BenchServer
}

async function loseNode({ api, context, login, namespace, server }: Place): Promise<Round> {
  const session = await login()
  await session.query('drop table if exists ledger')
  await session.close()
  // Several, so that one that hangs on what was lost does not keep from seeing when writes are possible again.
  const ledger = await Ledger.begin(login, { writers: 3, patienceMs: 3_000, restMs: 100 })
  await until(() => ledger.count > 10, { deadlineMs: 30_000, what: 'rows are acknowledged' })
  const primary = await primaryOf(api, namespace)
  const pod = await podOf(api, namespace, primary)
  const node = pod.spec.nodeName
  const withOperator = await operatorNode(api) === node
  await delay(looksBackMs * (1 + Math.random()))

  context.afterwards(async () => await heal(node))
  await cut(node)
  await until(async () => await primaryOf(api, namespace) !== primary, { deadlineMs: 300_000, everyMs: 250, what: 'there is another primary' })
  const before = ledger.count
  await until(() => ledger.count > before + 20, { deadlineMs: 300_000, what: 'writes go on' })
  const seconds = ledger.longestPauseMs / 1000
  const isServing = await isPrimary(pod)
  await heal(node)
  await whole(server)
  const audit = await ledger.end()
  const primaries = await primariesOf(api, namespace)
  if (isServing || primaries !== 1 || Object.values(audit).some(rows => rows.length > 0))
    throw new Error(`what must not happen: ${JSON.stringify({ isServing, primaries, audit })}`)
  return { seconds, withOperator, rows: ledger.count }
}

/** Ready, and every member with it. */
async function whole(server: BenchServer): Promise<void> {
  await until(async () => {
    const { members, phase } = await server.api<Database>('GET', `/api/databases/${name}`)
    return phase === 'ready' && members.length === 3 && members.every(member => member.phase === 'ready')
  }, { deadlineMs: 600_000, everyMs: 250, what: 'the database is whole' })
}

/** By the address that users are given: this machine has routes into the cluster, and not its DNS. */
async function loginOf(server: BenchServer, api: KubeApi, namespace: string): Promise<() => Promise<LedgerSession>> {
  const { formats, tls } = await connectionOf(server, name)
  const uri = new URL(formats.uri)
  const service = await api.get<KubeObject & { readonly spec?: { readonly clusterIP?: string } }>(resources.service, { namespace, name: `${name}-rw` })
  return async () => {
    const client = new pg.Client({
      host: service?.spec?.clusterIP ?? '',
      port: Number(uri.port),
      user: uri.username,
      password: decodeURIComponent(uri.password),
      database: uri.pathname.slice(1),
      ssl: { ca: tls.caCertificate, servername: uri.hostname },
      connectionTimeoutMillis: 2_000,
    })
    client.on('error', () => {}) // the query fails as well
    await client.connect()
    return { query: async text => (await client.query<Record<string, unknown>>(text)).rows, close: async () => await client.end() }
  }
}

async function primaryOf(api: KubeApi, namespace: string): Promise<string> {
  return (await api.get<ClusterObject>(resources.cluster, { namespace, name }))?.status?.currentPrimary ?? ''
}

async function podOf(api: KubeApi, namespace: string, pod: string): Promise<PodObject> {
  const found = await api.get<PodObject>(resources.pod, { namespace, name: pod })
  if (!found)
    throw new Error(`there is no pod ${pod}`)
  return found
}

/** How many of the instances say of themselves that they are the primary. */
async function primariesOf(api: KubeApi, namespace: string): Promise<number> {
  const pods = await api.list<PodObject>(resources.pod, { namespace, labels: `cnpg.io/cluster=${name},cnpg.io/podRole=instance` })
  return (await Promise.all(pods.map(async pod => await isPrimary(pod)))).filter(Boolean).length
}

/** Asked on its node, so that also one answers that is cut off. */
async function isPrimary({ spec, status }: PodObject): Promise<boolean> {
  const container = status.containerStatuses?.find(({ name }) => name === 'postgres')?.containerID.replace('containerd://', '') ?? ''
  return await execOn(spec.nodeName, container, ['psql', '-XAtc', 'select pg_is_in_recovery()']).then(answer => answer.trim() === 'f', () => false)
}

async function operatorNode(api: KubeApi): Promise<string> {
  const lease = await api.get<LeaseObject>(resources.lease, { namespace: 'cnpg-system', name: 'db9c8771.cnpg.io' })
  return (await podOf(api, 'cnpg-system', lease?.spec.holderIdentity.replace(/_.*/, '') ?? '')).spec.nodeName
}
