import type { Bench, Context } from './lib/bench.ts'
import type { Connection } from './lib/connect.ts'
import type { BenchServer } from './lib/server.ts'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { placeOf, until } from '@howdah/testkit'
import pg from 'pg'
import { findProgram } from '../tools/needs/find-program.ts'
import { pgbench } from '../tools/needs/postgresql-clients.ts'
import { connectionOf } from './lib/connect.ts'
import { figure } from './lib/figure.ts'
import { freePort } from './lib/plain-postgres.ts'
import { cpuMsIn, cpuMsOf, processesIn } from './lib/process-tree.ts'
import { postmasterOf, startServer } from './lib/server.ts'

const run = promisify(execFile)

interface Database { readonly id: string, readonly phase: string, readonly members: readonly { readonly name: string, readonly role: string, readonly phase: string }[] }

export const failover: Bench = {
  name: 'failover',
  title: 'Lose the primary, hand over the role, and what the gateway costs',
  async run(context) {
    const server = await startServer(context)
    const replicated = await made(context, server, 'replicated', 2)
    const single = await made(context, server, 'single', 1)
    // Fewer have no 99th percentile but their worst.
    const n = context.isQuick ? 3 : 100
    const tell = (what: string, count: number): void => void (count % 10 === 0 && context.say(`${what}: ${count} of ${n}`))

    context.say(`${n} times kill -9 of the primary, each beside the same of a single server`)
    const lost: number[] = []
    const restarted: number[] = []
    for (let count = 0; count < n; count++) {
      tell('kill -9', count)
      lost.push(await outage(replicated.connection, async () => await killPrimary(server, replicated.id, 'replicated')))
      await whole(server, 'replicated')
      restarted.push(await outage(single.connection, async () => await killPrimary(server, single.id, 'single')))
      await whole(server, 'single')
    }

    context.say(`${n} switchovers`)
    const handed: number[] = []
    for (let count = 0; count < n; count++) {
      tell('switchover', count)
      handed.push(await outage(replicated.connection, async () => void server.api('POST', '/api/databases/replicated/switchover')))
      await whole(server, 'replicated')
    }

    const rounds = context.isQuick ? 1 : 5
    context.say(`pgbench, ${rounds} rounds in turns: to the server, and by each way through another process`)
    const ways = await throughput(context, server, replicated, rounds, context.isQuick ? 2 : 8)
    const directFigure = figure('pgbench -S -c 8, to the server itself', 'requests/s', ways.direct.rates)
    const restartFigure = figure('kill -9 of a single server → first write', 'ms', restarted)
    return {
      figures: [
        figure('kill -9 of the primary → first write through the address', 'ms', lost, { against: restartFigure, target: { of: 'p99', is: 'at most', value: 1000 } }),
        restartFigure,
        figure('switchover: no write is taken for', 'ms', handed, { target: { of: 'p99', is: 'at most', value: 500 } }),
        figure('pgbench -S -c 8, through the gateway', 'requests/s', ways.gateway.rates, { against: directFigure, target: { of: 'p50', is: 'at least', value: 0.9 * directFigure.p50 } }),
        directFigure,
        ...ways.haproxy ? [figure('pgbench -S -c 8, through HAProxy', 'requests/s', ways.haproxy.rates, { against: directFigure })] : [],
        figure('processor for a transaction: client and server', 'µs', ways.direct.ends),
        figure('processor for a transaction: the gateway', 'µs', ways.gateway.between),
        ...ways.haproxy ? [figure('processor for a transaction: HAProxy', 'µs', ways.haproxy.between)] : [],
      ],
      details: { lost, restarted, handed, ways },
    }
  },
}

interface Made { readonly id: string, readonly connection: Connection }

async function made(context: Context, server: BenchServer, name: string, instances: number): Promise<Made> {
  const { id } = await server.api<Database>('POST', '/api/databases', { name, instances })
  // Its gateway is a process of its own, which only a delete ends.
  context.afterwards(async () => await server.api('DELETE', `/api/databases/${name}`))
  await whole(server, name)
  const connection = await connectionOf(server, name)
  const client = await connected(connection)
  await client.query('create table written (at timestamptz default now())')
  await client.end()
  return { id, connection }
}

async function whole(server: BenchServer, name: string): Promise<Database> {
  return await until(async () => {
    const database = await server.api<Database>('GET', `/api/databases/${name}`)
    return database.phase === 'ready' && database.members.every(({ phase }) => phase === 'ready') ? database : undefined
  }, { deadlineMs: 60_000, everyMs: 20, what: `${name} is whole` })
}

async function killPrimary(server: BenchServer, id: string, name: string): Promise<void> {
  const { members } = await whole(server, name)
  const ordinal = Number(members.find(({ role }) => role === 'primary')?.name.split('-').at(-1))
  process.kill(await postmasterOf(server.dataDir, id, ordinal), 'SIGKILL')
}

/** Longest time between two writes that were taken, by a client that connects again as soon as it can. */
async function outage(connection: Connection, disturb: () => Promise<void>): Promise<number> {
  let client: pg.Client | undefined = await connected(connection)
  await client.query('insert into written default values')
  let last = performance.now()
  let longest = 0
  let after = 0
  const disturbance = { isOver: false }
  const disturbed = disturb().finally(() => Object.assign(disturbance, { isOver: true }))
  while (!disturbance.isOver || longest < 20 || after < 20) {
    try {
      client ??= await connected(connection)
      await client.query('insert into written default values')
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
      after = longest < 20 ? 0 : after + 1
    }
    catch {
      // It has ended already.
      await client?.end().catch(() => {})
      client = undefined
      await delay(2)
    }
  }
  await client?.end()
  await disturbed
  return longest
}

async function connected({ formats, tls }: Connection): Promise<pg.Client> {
  const uri = new URL(formats.uri)
  uri.search = ''
  const client = new pg.Client({ connectionString: uri.href, ssl: { ca: tls.caCertificate, host: uri.hostname } })
  client.on('error', () => {}) // it is what is measured
  await client.connect()
  return client
}

/** A way for pgbench to the server, with what was measured on it, round by round. */
interface Way {
  readonly port: number
  /** The process in between. */
  readonly relay: number | undefined
  readonly rates: number[]
  /** Processor for a transaction in µs: of pgbench and PostgreSQL, and of the process in between. */
  readonly ends: number[]
  readonly between: number[]
}

async function throughput(context: Context, server: BenchServer, { connection, id }: Made, rounds: number, seconds: number): Promise<{ direct: Way, gateway: Way, haproxy?: Way }> {
  const uri = new URL(connection.formats.uri)
  const place = await placeOf(server.dataDir, id)
  const topology = JSON.parse(await readFile(join(place, 'topology.json'), 'utf8')) as { primary: number, members: { ordinal: number, port: number }[] } // written by the server
  const port = topology.members.find(({ ordinal }) => ordinal === topology.primary)?.port ?? 0
  const postmaster = await postmasterOf(server.dataDir, id, topology.primary)
  const [gateway] = await processesIn(join(place, 'gateway'))
  const peer = await haproxy(context, server.dataDir, port)
  const way = (port: number, relay: number | undefined): Way => ({ port, relay, rates: [], ends: [], between: [] })
  const ways = { direct: way(port, undefined), gateway: way(Number(uri.port), gateway), ...peer && { haproxy: way(peer.port, peer.pid) } }

  const program = await pgbench()
  const environment = { PATH: process.env.PATH, PGPASSWORD: decodeURIComponent(uri.password), PGSSLMODE: 'require' }
  /** Beside what pgbench says, what the shell knows of the processor that its children took. */
  const bench = async (at: number, ...options: string[]): Promise<string> =>
    (await run('sh', ['-c', '"$0" "$@"; cat /proc/$$/stat', program, '-h', '127.0.0.1', '-p', String(at), '-U', uri.username, ...options, uri.pathname.slice(1)], { env: environment })).stdout
  await bench(ways.gateway.port, '-i', '-q', '-s', '10')
  for (let round = 0; round < rounds; round++) {
    context.say(`pgbench: round ${round + 1} of ${rounds}`)
    for (const { between, ends, port, rates, relay } of Object.values(ways)) {
      const spent = async (): Promise<[number, number]> => [await cpuMsOf(postmaster), relay === undefined ? 0 : await cpuMsOf(relay)]
      const before = await spent()
      const said = await bench(port, '-n', '-S', '-c', '8', '-T', String(seconds))
      const after = await spent()
      const transactions = Number(/actually processed: (\d+)/.exec(said)?.[1])
      rates.push(Number(/tps = ([\d.]+)/.exec(said)?.[1]))
      ends.push(1000 * (cpuMsIn(said.trimEnd().split('\n').at(-1) ?? '') + after[0] - before[0]) / transactions)
      between.push(1000 * (after[1] - before[1]) / transactions)
    }
  }
  return ways
}

/** What anybody else would put between; left out where it is not installed. */
async function haproxy(context: Context, dataDir: string, target: number): Promise<{ port: number, pid: number } | undefined> {
  const program = await findProgram('haproxy', ['/usr/sbin', '/usr/local/sbin'])
  if (!program) {
    context.note('HAProxy was left out: it is not installed')
    return undefined
  }
  const port = await freePort()
  const settings = join(dirname(dataDir), 'haproxy.cfg')
  await writeFile(settings, `global\n  nbthread 1\ndefaults\n  mode tcp\n  timeout connect 5s\n  timeout client 5m\n  timeout server 5m\nlisten relay\n  bind 127.0.0.1:${port}\n  server one 127.0.0.1:${target}\n`)
  const child = spawn(program, ['-db', '-f', settings], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  context.afterwards(async () => {
    child.kill()
    await ended
  })
  await until(async () => await isListening(port), { deadlineMs: 10_000, what: 'HAProxy listens' })
  return { port, pid: child.pid! }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return await once(socket, 'connect').then(() => true, () => false).finally(() => socket.destroy())
}
