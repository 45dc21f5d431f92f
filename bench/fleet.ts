import type { KubeApi } from '../packages/engine-cnpg/src/kubernetes/api.ts'
import type { Bench } from './lib/bench.ts'
import type { BenchServer } from './lib/server.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@howdah/testkit'
import { resources } from '../packages/engine-cnpg/src/kubernetes/objects.ts'
import { WatchCache } from '../packages/engine-cnpg/src/kubernetes/watch-cache.ts'
import { clusterLabel } from '../packages/engine-cnpg/src/names.ts'
import { silentLog } from '../packages/engine-cnpg/src/testing/silent-log.ts'
import { clusterView, podView } from '../packages/engine-cnpg/src/views.ts'
import { startCluster } from './lib/cluster.ts'
import { openEvents } from './lib/events.ts'
import { figure } from './lib/figure.ts'
import { archivingCondition, makeFleet } from './lib/fleet.ts'
import { usageOf, usageOfTrees } from './lib/process-tree.ts'
import { postmasterOfStore } from './lib/server.ts'

/** Long enough for what follows a start (statistics of the store, the first looks at each database) to end. */
const settleMs = 60_000
const measureMs = 60_000

export const fleet: Bench = {
  name: 'fleet',
  title: 'Observe 1,000 databases on Kubernetes',
  async run(context) {
    const count = context.isQuick ? 50 : 1000
    const { api, namespace, start } = await startCluster(context)
    const names = await makeFleet(context, api, namespace, count)

    context.say('listing all of them, again and again')
    const listed: number[] = []
    for (let round = 0; round < (context.isQuick ? 2 : 20); round++)
      listed.push(await timeToList(api, count))

    const first = await timed(async () => await start(), count)
    await first.server.stop()
    const { server, took: laterReady } = await timed(async () => await start({ dataDir: first.server.dataDir }), count)
    context.say(`all are ready ${Math.round(first.took)} ms after the first start, ${Math.round(laterReady)} ms after the next`)

    const [settle, measure] = context.isQuick ? [1000, 5000] : [settleMs, measureMs]
    context.say(`waiting ${settle / 1000} s, then looking for ${measure / 1000} s`)
    await delay(settle)
    const store = await postmasterOfStore(server.dataDir)
    const look = async () => ({ plane: await usageOf([server.pid]), store: await usageOfTrees([store]) })
    const before = await look()
    const lookedAt = performance.now()
    await delay(measure)
    const after = await look()
    const elapsed = performance.now() - lookedAt
    const cpu = (group: 'plane' | 'store'): number => 100 * (after[group].cpuMs - before[group].cpuMs) / elapsed

    context.say('changing states')
    const noticed = await changes(api, namespace, server, names, context.isQuick ? 5 : 200)
    context.note('Clusters, pods, Services, Secrets, volume claims and Backups as objects, left alone by the operator; every Service leads to one PostgreSQL, so each database is logged in to and looked at as usual. Memory of the store without what its processes share (PSS)')
    return {
      figures: [
        figure('control plane and its store, memory', 'MB', [after.plane.rssMb + after.store.pssMb], { target: { of: 'p50', is: 'at most', value: 300 } }),
        figure('control plane, RSS', 'MB', [after.plane.rssMb]),
        figure('control plane and its store, share of one core while nothing changes', '%', [cpu('plane') + cpu('store')], { target: { of: 'p50', is: 'at most', value: 5 } }),
        figure('control plane, share of one core', '%', [cpu('plane')]),
        figure('status of a Cluster changes → seen on the event stream', 'ms', noticed, { target: { of: 'p99', is: 'at most', value: 1000 } }),
        figure('resync: all Clusters and pods listed and projected', 'ms', listed),
        figure('first start of the control plane → all are adopted and ready', 'ms', [first.took]),
        figure('next start → all are ready', 'ms', [laterReady]),
      ],
      details: { count, before, after, noticed, listed },
    }
  },
}

/** From the start of a server until it has all of them, with addresses. */
async function timed(start: () => Promise<BenchServer>, count: number): Promise<{ readonly server: BenchServer, readonly took: number }> {
  const begun = performance.now()
  const server = await start()
  await until(async () => await readyOf(server) >= count, { deadlineMs: 300_000, everyMs: 100, what: 'every database is ready' })
  return { server, took: performance.now() - begun }
}

/** As the control plane does when a watch expired, and every ten minutes. */
async function timeToList(api: KubeApi, count: number): Promise<number> {
  const clusters = new WatchCache({ api, resource: resources.cluster, project: clusterView, log: silentLog })
  const pods = new WatchCache({ api, resource: resources.pod, labels: clusterLabel, project: podView, log: silentLog })
  const begun = performance.now()
  await Promise.all([clusters.start(), pods.start()])
  const took = performance.now() - begun
  if (clusters.values().length < count || pods.values().length < count)
    throw new Error(`${clusters.values().length} Clusters and ${pods.values().length} pods of ${count} were listed`)
  await Promise.all([clusters.close(), pods.close()])
  return took
}

/** How many are ready. */
async function readyOf(server: BenchServer): Promise<number> {
  let count = 0
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { readonly items: readonly unknown[], readonly nextCursor: string | null } = await server.api('GET', `/api/databases?phase=ready&limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`)
    count += page.items.length
    cursor = page.nextCursor
  }
  return count
}

/** One after the other, of others each time; the operator's word for a broken archive, and for a mended one. */
async function changes(api: KubeApi, namespace: string, server: BenchServer, names: readonly string[], n: number): Promise<number[]> {
  const events = await openEvents(server)
  const noticed: number[] = []
  try {
    for (let round = 0; round < n; round++) {
      const name = names[(round >> 1) * 7 % names.length]!
      const isArchiving = round % 2 === 1
      const seen = events.next(name, phase => phase === (isArchiving ? 'ready' : 'degraded'))
      const begun = performance.now()
      await api.merge(resources.cluster, { namespace, name, subresource: 'status' }, { status: { conditions: [archivingCondition(isArchiving)] } })
      noticed.push(await seen - begun)
    }
  }
  finally {
    await events.close()
  }
  return noticed
}
