import type { Bench, Context } from './lib/bench.ts'
import type { Steps } from './lib/made-from.ts'
import type { BenchServer } from './lib/server.ts'
import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { figure } from './lib/figure.ts'
import { filledDatabase } from './lib/filled-database.ts'
import { madeFrom } from './lib/made-from.ts'
import { runPgbench } from './lib/pgbench.ts'
import { startServer } from './lib/server.ts'

const run = promisify(execFile)

export const backup: Bench = {
  name: 'backup',
  title: 'Back up, restore and branch a database; what archiving costs it',
  async run(context) {
    const server = await startServer(context)
    const { data, uri } = await filledDatabase(context, server, { memoryMib: 1024 })

    const n = context.isQuick ? 2 : 10
    const copies: number[] = []
    const backups: number[] = []
    const restores: number[] = []
    const branches: number[] = []
    const steps: Steps = new Map()
    for (let count = 0; count < n; count++) {
      context.say(`round ${count + 1} of ${n}`)
      await settle(server.dataDir)
      copies.push(await copy(data, `${server.dataDir}.copy`))
      await settle(server.dataDir)
      const { target, seconds } = await timed(async () => await server.api<{ target: string }>('POST', '/api/databases/source/backups'))
      backups.push(seconds)
      await settle(server.dataDir)
      restores.push(await madeFrom(server, { database: 'source', backup: target }, steps) / 1000)
      await settle(server.dataDir)
      branches.push(await madeFrom(server, { database: 'source' }, new Map()) / 1000)
    }

    const floor = figure('cp -a of the files, synced', 's', copies)
    return {
      figures: [
        floor,
        figure('base backup', 's', backups, { against: floor }),
        figure('its speed, of cp\'s', '%', backups.map((seconds, index) => 100 * copies[index]! / seconds), { target: { of: 'p50', is: 'at least', value: 70 } }),
        figure('restore from it until ready', 's', restores, { against: floor }),
        figure('its speed, of cp\'s', '%', restores.map((seconds, index) => 100 * copies[index]! / seconds), { target: { of: 'p50', is: 'at least', value: 70 } }),
        ...[...steps].map(([name, samples]) => figure(`of it the step \`${name}\``, 'ms', samples)),
        figure('branch until ready', 's', branches, { against: floor }),
        await archivingCost(context, server, join(data, '..'), uri),
      ],
      details: { copies, backups, restores, branches, steps: Object.fromEntries(steps) },
    }
  },
}

/** What was removed before, and written beside it, is nobody's to wait for: each begins with a disk that has nothing left to do. */
async function settle(folder: string): Promise<void> {
  await run('sync', ['-f', folder])
}

async function copy(from: string, to: string): Promise<number> {
  const { seconds } = await timed(async () => {
    await run('cp', ['-a', '--reflink=auto', join(from, 'base'), to])
    await run('sync', ['-f', to])
    return {}
  })
  await rm(to, { recursive: true })
  return seconds
}

/**
 * pgbench with the archive, in turn with one that takes every file at no cost; each is the first one as often as the other.
 * Both begin with a restart, after whose checkpoint every page is written to the WAL whole once: the most that there is to archive.
 */
async function archivingCost({ isQuick, say }: Context, server: BenchServer, instance: string, uri: string) {
  const script = join(instance, 'archive.sh')
  const real = await readFile(script, 'utf8')
  const rounds = isQuick ? 2 : 12
  const costs: number[] = []
  for (let round = 0; round < rounds; round++) {
    say(`pgbench with and without an archive, round ${round + 1} of ${rounds}`)
    const seen = { real: 0, free: 0 }
    for (const which of round % 2 === 0 ? ['free', 'real'] as const : ['real', 'free'] as const) {
      await server.api('POST', '/api/databases/source/restart')
      await writeFile(script, which === 'free' ? 'exit 0\n' : real)
      seen[which] = Number(/tps = ([\d.]+)/.exec(await runPgbench(uri, '--no-vacuum', '--client=8', '--jobs=2', `--time=${isQuick ? 5 : 20}`))?.[1])
    }
    costs.push(100 * (1 - seen.real / seen.free))
  }
  await writeFile(script, real)
  return figure('throughput of pgbench that archiving costs', '%', costs, { target: { of: 'p50', is: 'at most', value: 5 } })
}

async function timed<T extends object>(work: () => Promise<T>): Promise<T & { seconds: number }> {
  const begun = performance.now()
  const result = await work()
  return { ...result, seconds: (performance.now() - begun) / 1000 }
}
