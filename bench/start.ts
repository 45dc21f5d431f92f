import type { Bench } from './lib/bench.ts'
import { figure } from './lib/figure.ts'
import { dataFolder, startServer } from './lib/server.ts'

export const start: Bench = {
  name: 'start',
  title: 'Start the server, until /ready answers',
  async run(context) {
    const [firsts, laters] = context.isQuick ? [1, 2] : [5, 20]
    const first: number[] = []
    const later: number[] = []
    const withDatabases: number[] = []

    context.say(`${firsts} first starts`)
    for (let count = 0; count < firsts; count++) {
      const server = await startServer(context)
      first.push(server.readyMs)
      await server.stop()
    }

    context.say(`${laters} later starts, then ${laters} with five databases`)
    const dataDir = await dataFolder(context)
    const startAgain = async () => await startServer(context, { dataDir })
    await (await startAgain()).stop()
    for (let count = 0; count < laters; count++) {
      const server = await startAgain()
      later.push(server.readyMs)
      await server.stop()
    }
    const filled = await startAgain()
    for (let index = 0; index < 5; index++)
      await filled.api('POST', '/api/databases', { name: `start-${index}` })
    await filled.stop()
    for (let count = 0; count < laters; count++) {
      const server = await startAgain()
      withDatabases.push(server.readyMs)
      await server.stop()
    }
    context.note('a first start has an empty data directory; the npm packages are installed')

    const target = { of: 'max', is: 'at most', value: 2000 } as const
    return {
      figures: [
        figure('first start', 'ms', first, { target: { of: 'max', is: 'at most', value: 60_000 } }),
        figure('later start', 'ms', later, { target }),
        figure('later start, five databases run', 'ms', withDatabases, { target }),
      ],
    }
  },
}
