import type { Bench } from './lib/bench.ts'
import type { BenchServer } from './lib/server.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { readPlaces, until } from '@howdah/testkit'
import { figure } from './lib/figure.ts'
import { treeOf, usageOf, usageOfTrees } from './lib/process-tree.ts'
import { postmasterAt, postmasterOf, postmasterOfStore, startServer } from './lib/server.ts'
import { poolIsFull } from './lib/warm-pool.ts'

const databases = 20
/** Long enough for what follows a create and a backup (statistics, the pool, checkpoints) to end. */
const settleMs = 60_000
const measureMs = 60_000

export const idle: Bench = {
  name: 'idle',
  title: `Nothing happens, with ${databases} databases`,
  async run(context) {
    const server = await startServer(context)
    const ids: string[] = []
    for (let index = 0; index < databases; index++)
      ids.push((await server.api<{ id: string }>('POST', '/api/databases', { name: `idle-${index}` })).id)
    await poolIsFull(server.dataDir)
    context.say('waiting for the first backups')
    await until(async () => (await Promise.all(ids.map(async (_, index) => await isBackedUp(server, `idle-${index}`)))).every(Boolean), { deadlineMs: 600_000, everyMs: 1000, what: 'every database has its first backup' })
    const [settle, measure] = context.isQuick ? [1000, 5000] : [settleMs, measureMs]
    context.say(`waiting ${settle / 1000} s, then looking for ${measure / 1000} s`)
    await delay(settle)

    const store = await postmasterOfStore(server.dataDir)
    const instances = await Promise.all(ids.map(async id => await postmasterOf(server.dataDir, id)))
    const pool = (await Promise.all((await readPlaces(server.dataDir)).members.map(postmasterAt))).filter(pid => pid !== undefined)
    const look = async () => ({ plane: await usageOf([server.pid]), store: await usageOfTrees([store]), pool: await usageOfTrees(pool), instances: await usageOfTrees(instances) })
    const before = await look()
    const begun = performance.now()
    await delay(measure)
    const after = await look()
    const elapsed = performance.now() - begun
    const cpu = (group: keyof typeof before): number => 100 * (after[group].cpuMs - before[group].cpuMs) / elapsed
    const each = await Promise.all(instances.map(async root => (await usageOfTrees([root])).pssMb))
    context.note('our processes are the control plane, its store and the servers of the pool that run; memory that processes of one PostgreSQL share is counted once (PSS), the control plane shares none')

    return {
      figures: [
        figure('our processes, memory', 'MB', [after.plane.rssMb + after.store.pssMb + after.pool.pssMb], { target: { of: 'p50', is: 'at most', value: 200 } }),
        figure('control plane, RSS', 'MB', [after.plane.rssMb]),
        figure('control plane, PSS', 'MB', [after.plane.pssMb]),
        figure('store, PSS', 'MB', [after.store.pssMb]),
        figure('servers of the pool, PSS', 'MB', [after.pool.pssMb]),
        figure('our processes, share of one core', '%', [cpu('plane') + cpu('store') + cpu('pool')], { target: { of: 'p50', is: 'at most', value: 1 } }),
        figure('control plane, share of one core', '%', [cpu('plane')]),
        figure('store, share of one core', '%', [cpu('store')]),
        figure('servers of the pool, share of one core', '%', [cpu('pool')]),
        figure(`all ${databases} databases, share of one core`, '%', [cpu('instances')]),
        figure('one database, PSS', 'MB', each),
      ],
      details: { before, after, processes: { store: (await treeOf(store)).length, instance: (await Promise.all(instances.map(treeOf))).map(pids => pids.length) } },
    }
  },
}

/** Backups that take place meanwhile are no idleness; the first ones are due a minute after a create. */
async function isBackedUp(server: BenchServer, name: string): Promise<boolean> {
  const { items } = await server.api<{ items: readonly unknown[] }>('GET', `/api/databases/${name}/backups`)
  return items.length > 0
}
