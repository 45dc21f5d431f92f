import type { Bench } from './lib/bench.ts'
import process from 'node:process'
import { openEvents } from './lib/events.ts'
import { figure } from './lib/figure.ts'
import { postmasterOf, startServer } from './lib/server.ts'

/** Several in turn, so that none is killed often enough for its restarts to be held back. */
const databases = 5

export const notice: Bench = {
  name: 'notice',
  title: 'Notice that a server of a database died',
  async run(context) {
    const server = await startServer(context)
    const ids: string[] = []
    for (let index = 0; index < databases; index++)
      ids.push((await server.api<{ id: string }>('POST', '/api/databases', { name: `notice-${index}` })).id)
    const events = await openEvents(server)
    context.afterwards(events.close)

    const n = context.isQuick ? 5 : 50
    const noticed: number[] = []
    const healed: number[] = []
    for (let count = 0; count < n; count++) {
      const index = count % databases
      const name = `notice-${index}`
      const pid = await postmasterOf(server.dataDir, ids[index]!)
      const seen = events.next(name, phase => phase === 'restarting' || phase === 'degraded')
      const start = performance.now()
      process.kill(pid, 'SIGKILL')
      noticed.push(await seen - start)
      healed.push(await events.next(name, phase => phase === 'ready') - start)
    }
    return {
      figures: [
        figure('kill -9 of a postmaster → seen on the event stream', 'ms', noticed, { target: { of: 'p99', is: 'at most', value: 100 } }),
        figure('kill -9 of a postmaster → ready again, seen there', 'ms', healed),
      ],
      details: { noticed, healed },
    }
  },
}
