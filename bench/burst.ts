import type { Bench, Context } from './lib/bench.ts'
import { connectionOf, firstQuery } from './lib/connect.ts'
import { figure } from './lib/figure.ts'
import { inParallel } from './lib/parallel.ts'
import { plainPostgres } from './lib/plain-postgres.ts'
import { startServer } from './lib/server.ts'
import { poolIsFull } from './lib/warm-pool.ts'

const atATime = 8

interface Burst { readonly allMs: number, readonly each: readonly number[] }

export const burst: Bench = {
  name: 'burst',
  title: `Create many databases, ${atATime} at a time`,
  async run(context) {
    const n = context.isQuick ? 10 : 100
    context.say(`${n} creates from a full pool`)
    const warm = await createMany(context, n, {})
    context.say(`${n} creates without a pool`)
    const dry = await createMany(context, n, { HOWDAH_WARM_POOL: '0' })

    const m = context.isQuick ? 8 : 32
    context.say(`${m} plain PostgreSQLs, as many at a time`)
    const server = await startServer(context)
    await poolIsFull(server.dataDir)
    const plain = await plainPostgres(context, server.dataDir)
    const each = await inParallel(m, atATime, async () => await plain.make())
    const plainEach = figure(`initdb, start, query, ${atATime} at a time`, 'ms', each)

    return {
      figures: [
        figure(`${n} databases ready`, 's', [warm.allMs / 1000], { target: { of: 'p50', is: 'at most', value: 8 * n / 100 } }),
        figure('each of them', 'ms', warm.each, { against: plainEach }),
        figure(`${n} databases ready, without a pool`, 's', [dry.allMs / 1000]),
        figure('each of them, without a pool', 'ms', dry.each, { against: plainEach }),
        plainEach,
      ],
      details: { warm, dry, plain: each },
    }
  },
}

/** None may fail: a request that is refused, or a database that does not answer, ends the bench. */
async function createMany(context: Context, n: number, settings: Readonly<Record<string, string>>): Promise<Burst> {
  const server = await startServer(context, { settings })
  if (Object.keys(settings).length === 0)
    await poolIsFull(server.dataDir)
  const begun = performance.now()
  const each = await inParallel(n, atATime, async (index) => {
    const start = performance.now()
    const { phase } = await server.api<{ phase: string }>('POST', '/api/databases', { name: `burst-${index}` })
    if (phase !== 'ready')
      throw new Error(`burst-${index} is ${phase}`)
    return performance.now() - start
  })
  const allMs = performance.now() - begun
  await inParallel(n, atATime, async index => await firstQuery(await connectionOf(server, `burst-${index}`)))
  await inParallel(n, atATime, async index => await server.api('DELETE', `/api/databases/burst-${index}`))
  await server.stop()
  return { allMs, each }
}
