import type { Bench } from './lib/bench.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { figure } from './lib/figure.ts'
import { treeOf, usageOf } from './lib/process-tree.ts'
import { postmasterOf, postmasterOfStore, startServer } from './lib/server.ts'
import { poolIsFull } from './lib/warm-pool.ts'

const databases = 20
/** Long enough for what follows a create (statistics, the pool, checkpoints) to end. */
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
    const [settle, measure] = context.isQuick ? [1000, 5000] : [settleMs, measureMs]
    context.say(`waiting ${settle / 1000} s, then looking for ${measure / 1000} s`)
    await delay(settle)

    const store = await treeOf(await postmasterOfStore(server.dataDir))
    const instances = await Promise.all(ids.map(async id => await treeOf(await postmasterOf(server.dataDir, id))))
    const groups = { plane: [server.pid], store, instances: instances.flat() }
    const look = async () => ({ plane: await usageOf(groups.plane), store: await usageOf(groups.store), instances: await usageOf(groups.instances) })
    const before = await look()
    const begun = performance.now()
    await delay(measure)
    const after = await look()
    const elapsed = performance.now() - begun
    const cpu = (group: keyof typeof groups): number => 100 * (after[group].cpuMs - before[group].cpuMs) / elapsed
    const each = await Promise.all(instances.map(async pids => (await usageOf(pids)).pssMb))
    context.note('our processes are the control plane and its store; memory that processes of one PostgreSQL share is counted once (PSS), the control plane shares none')

    return {
      figures: [
        figure('our processes, memory', 'MB', [after.plane.rssMb + after.store.pssMb], { target: { of: 'p50', is: 'at most', value: 200 } }),
        figure('control plane, RSS', 'MB', [after.plane.rssMb]),
        figure('control plane, PSS', 'MB', [after.plane.pssMb]),
        figure('store, PSS', 'MB', [after.store.pssMb]),
        figure('our processes, share of one core', '%', [cpu('plane') + cpu('store')], { target: { of: 'p50', is: 'at most', value: 1 } }),
        figure('control plane, share of one core', '%', [cpu('plane')]),
        figure('store, share of one core', '%', [cpu('store')]),
        figure(`all ${databases} databases, share of one core`, '%', [cpu('instances')]),
        figure('one database, PSS', 'MB', each),
      ],
      details: { before, after, processes: { store: store.length, instance: instances.map(pids => pids.length) } },
    }
  },
}
