import type { Bench } from './lib/bench.ts'
import type { Steps } from './lib/made-from.ts'
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { superuserRole } from '@howdah/postgres'
import { figure } from './lib/figure.ts'
import { filledDatabase } from './lib/filled-database.ts'
import { madeFrom } from './lib/made-from.ts'
import { plainPostgres } from './lib/plain-postgres.ts'
import { reflinkFolder } from './lib/reflink-folder.ts'
import { dataFolder, startServer } from './lib/server.ts'

const run = promisify(execFile)

export const branch: Bench = {
  name: 'branch',
  title: 'Branch a database where copies share the blocks of files',
  async run(context) {
    const server = await startServer(context, { dataDir: await dataFolder(context, await reflinkFolder(context)) })
    const { data } = await filledDatabase(context, server)
    const plain = await plainPostgres(context, server.dataDir)

    const n = context.isQuick ? 3 : 30
    const copies: number[] = []
    const starts: number[] = []
    const branches: number[] = []
    const steps: Steps = new Map()
    for (let count = 0; count < n; count++) {
      context.say(`round ${count + 1} of ${n}`)
      const copy = join(server.dataDir, '..', 'copy')
      const begun = performance.now()
      await run('cp', ['-a', '--reflink=always', data, copy])
      copies.push(performance.now() - begun)
      starts.push(await plain.start(copy, superuserRole))
      await rm(copy, { recursive: true })
      branches.push(await madeFrom(server, { database: 'source' }, steps))
    }

    const floor = figure('cp -a --reflink=always of the folder', 'ms', copies)
    const start = figure('a plain PostgreSQL starts on that copy', 'ms', starts)
    return {
      figures: [
        floor,
        start,
        figure('branch until ready', 'ms', branches, { against: floor }),
        figure('the same without a start', 'ms', branches.map((ms, index) => ms - starts[index]!), { against: floor, target: { of: 'p50', is: 'at most', value: 150 } }),
        ...[...steps].map(([name, samples]) => figure(`of it the step \`${name}\``, 'ms', samples)),
      ],
      details: { copies, starts, branches, steps: Object.fromEntries(steps) },
    }
  },
}
