import type { Bench, Context } from './lib/bench.ts'
import type { BenchServer } from './lib/server.ts'
import { connectionOf, firstQuery } from './lib/connect.ts'
import { figure } from './lib/figure.ts'
import { plainPostgres } from './lib/plain-postgres.ts'
import { endPostgres, startServer } from './lib/server.ts'
import { poolIsFull } from './lib/warm-pool.ts'

interface Operation { readonly database: string, readonly steps: readonly { readonly name: string, readonly startedAt: string, readonly finishedAt: string }[] }

/** Milliseconds of one create. */
interface Split {
  readonly all: number
  /** `POST`, held until the database is ready. */
  readonly post: number
  readonly connection: number
  /** TLS, login, `select 1`. */
  readonly query: number
}

export const create: Bench = {
  name: 'create',
  title: 'Create a database and query it through the returned URI',
  async run(context) {
    const n = context.isQuick ? 5 : 100

    context.say(`${n} creates with nothing in between`)
    const first = await startServer(context)
    await poolIsFull(first.dataDir)
    const inARow = await backToBack(context, first, n)
    await first.stop()
    await endPostgres(first.dataDir)

    // Afterwards, because it deletes what it makes: ext4 looks at every inode that was deleted just now before it gives one.
    context.say(`${n} creates, each followed by a plain PostgreSQL`)
    const server = await startServer(context)
    const plain = await plainPostgres(context, server.dataDir)
    await poolIsFull(server.dataDir)
    const apart: Split[] = []
    const floor: number[] = []
    const steps = new Map<string, number[]>()
    for (let count = 0; count < n; count++) {
      apart.push(await createOne(server, `apart-${count}`))
      await noteSteps(server, `apart-${count}`, steps)
      floor.push(await plain.make())
      await server.api('DELETE', `/api/databases/apart-${count}`)
    }

    const plainFigure = figure('initdb, start, query', 'ms', floor)
    const target = (of: 'p50' | 'p99', value: number) => ({ of, is: 'at most', value } as const)
    return {
      figures: [
        figure('create → first query, in a row', 'ms', inARow.map(split => split.all), { against: plainFigure, target: target('p50', 100) }),
        figure('the same, its tail', 'ms', inARow.map(split => split.all), { target: target('p99', 300) }),
        figure('create → first query, in between a plain one', 'ms', apart.map(split => split.all), { against: plainFigure }),
        plainFigure,
        figure('of which POST until ready', 'ms', inARow.map(split => split.post)),
        figure('of which GET connection', 'ms', inARow.map(split => split.connection)),
        figure('of which TLS, login and query', 'ms', inARow.map(split => split.query)),
        ...[...steps].map(([step, samples]) => figure(`step ${step} of the operation`, 'ms', samples)),
      ],
      details: { postgres: plain.version, inARow, apart, floor },
    }
  },
}

async function backToBack(context: Context, server: BenchServer, n: number): Promise<Split[]> {
  const splits: Split[] = []
  for (let count = 0; count < n; count++)
    splits.push(await createOne(server, `row-${count}`))
  context.note(`in a row: all ${n} databases run side by side at the end`)
  return splits
}

async function createOne(server: BenchServer, name: string): Promise<Split> {
  const begun = performance.now()
  await server.api('POST', '/api/databases', { name })
  const made = performance.now()
  const connection = await connectionOf(server, name)
  const told = performance.now()
  await firstQuery(connection)
  const answered = performance.now()
  return { all: answered - begun, post: made - begun, connection: told - made, query: answered - told }
}

async function noteSteps(server: BenchServer, name: string, steps: Map<string, number[]>): Promise<void> {
  const { items } = await server.api<{ items: readonly Operation[] }>('GET', `/api/operations?database=${name}`)
  for (const step of items[0]?.steps ?? [])
    steps.set(step.name, [...steps.get(step.name) ?? [], Date.parse(step.finishedAt) - Date.parse(step.startedAt)])
}
