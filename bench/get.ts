import type { Bench } from './lib/bench.ts'
import type { Load } from './lib/load.ts'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { echoPeer } from './lib/echo-peer.ts'
import { figure } from './lib/figure.ts'
import { load } from './lib/load.ts'
import { startPeer } from './lib/peer.ts'
import { canPin, measuredCore, otherCore, pin } from './lib/pinning.ts'
import { usageOf } from './lib/process-tree.ts'
import { postmasterOfStore, startServer } from './lib/server.ts'

const connections = 32
const name = 'hello'

interface Login { readonly token: string, readonly project: { readonly id: string } }
/** Requests per second of the server's own CPU time: what it could do with a core for itself and enough load. */
type Measured = Load & { readonly perCpuSecond: number }
interface Candidate { readonly what: string, readonly url: string, readonly pid: number, readonly token: string, readonly loads: Measured[] }

export const get: Bench = {
  name: 'get',
  title: `GET /api/databases/{name} with ${connections} connections, the server on one core`,
  async run(context) {
    const server = await startServer(context)
    await server.api('POST', '/api/databases', { name })
    // It listens and has its numbers by now, so the row changes no more.
    const body = await server.api<unknown>('GET', `/api/databases/${name}`)
    const { token, project } = await server.api<Login>('POST', '/api/auth/login', server.admin)

    const bare = await startPeer(context, process.execPath, [fileURLToPath(new URL('peers/bare-fastify.ts', import.meta.url))], { body })
    const echo = await echoPeer(context, server.dataDir, project.id)
    if (!await canPin())
      context.note('nothing is pinned: there is one core, or no taskset')
    await pin(server.pid, measuredCore)
    await pin(await postmasterOfStore(server.dataDir), otherCore, { withChildren: true })

    const ours: Candidate = { what: 'with an access token', url: server.url, pid: server.pid, token, loads: [] }
    const ourKey: Candidate = { what: 'with an API key', url: server.url, pid: server.pid, token: server.apiKey, loads: [] }
    const floor: Candidate = { what: 'bare Fastify route', url: bare.url, pid: bare.pid, token, loads: [] }
    const peer: Candidate | undefined = echo && { what: 'Go, Echo, JWT, pgx', url: echo.url, pid: echo.pid, token: echo.token, loads: [] }
    const candidates = [floor, ours, ourKey, ...peer ? [peer] : []]

    const [rounds, seconds] = context.isQuick ? [1, 2] : [5, 8]
    const rssBefore = (await usageOf([server.pid])).rssMb
    for (let round = 0; round <= rounds; round++) {
      for (const candidate of candidates) {
        const result = await measure(candidate, round === 0 ? seconds / 2 : seconds)
        // The first round is for the compilers.
        if (round > 0)
          candidate.loads.push(result)
        context.say(`${candidate.what}: ${Math.round(result.perSecond)} requests/s, p99 ${result.p99Ms.toFixed(1)} ms, generator ${Math.round(result.generatorPercent)} %`)
      }
    }
    const rssAfter = (await usageOf([server.pid])).rssMb
    const requests = [...ours.loads, ...ourKey.loads].reduce((sum, { requests }) => sum + requests, 0)
    context.note(`the load generator (autocannon) and the store share the other core; the generator used up to ${Math.round(Math.max(...candidates.flatMap(({ loads }) => loads.map(one => one.generatorPercent))))} % of it`)
    context.note('ours writes a log line and metrics for each request; the bare route and the Go server write none')

    const perCpuSecond = ({ what, loads }: Candidate) => figure(`${what}, per second of its CPU time`, 'requests/s', loads.map(one => one.perCpuSecond))
    const throughput = ({ what, loads }: Candidate) => figure(what, 'requests/s', loads.map(one => one.perSecond))
    const floorFigure = throughput(floor)
    return {
      figures: [
        figure(ours.what, 'requests/s', ours.loads.map(one => one.perSecond), { against: peer ? throughput(peer) : floorFigure, target: { of: 'p50', is: 'at least', value: 15_000 } }),
        figure(ourKey.what, 'requests/s', ourKey.loads.map(one => one.perSecond), { against: floorFigure }),
        floorFigure,
        ...peer ? [throughput(peer)] : [],
        ...candidates.map(perCpuSecond),
        ...candidates.map(({ what, loads }) => figure(`p99 of a round, ${what}`, 'ms', loads.map(one => one.p99Ms))),
        figure('control plane, RSS before', 'MB', [rssBefore]),
        figure(`control plane, RSS after ${Math.round(requests / 1000)},000 requests`, 'MB', [rssAfter]),
      ],
      details: Object.fromEntries(candidates.map(({ what, loads }) => [what, loads])),
    }
  },
}

async function measure({ url, pid, token }: Candidate, seconds: number): Promise<Measured> {
  const before = await usageOf([pid])
  const result = await load({ url: `${url}/api/databases/${name}`, connections, seconds, headers: { authorization: `Bearer ${token}` } })
  const after = await usageOf([pid])
  return { ...result, perCpuSecond: result.requests / (after.cpuMs - before.cpuMs) * 1000 }
}
