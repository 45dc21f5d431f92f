import type { Bench, Context } from './lib/bench.ts'
import { connectionOf, firstQuery } from './lib/connect.ts'
import { figure } from './lib/figure.ts'
import { inParallel } from './lib/parallel.ts'
import { plainPostgres } from './lib/plain-postgres.ts'
import { startServer } from './lib/server.ts'
import { poolIsFull, usualSize } from './lib/warm-pool.ts'

const atATime = 8

interface Burst { readonly allMs: number, readonly each: readonly number[] }

export const burst: Bench = {
  name: 'burst',
  title: `Create many databases, ${atATime} at a time`,
  async run(context) {
    const n = context.isQuick ? 10 : 100
    context.say(`${n} creates from a pool of ${n}`)
    const deep = await createMany(context, n, n)
    context.say(`${n} creates from the usual pool`)
    const usual = await createMany(context, n, usualSize)
    context.say(`${n} creates without a pool`)
    const dry = await createMany(context, n, 0)

    const m = context.isQuick ? 8 : 32
    context.say(`${m} plain PostgreSQLs, as many at a time`)
    const server = await startServer(context)
    await poolIsFull(server.dataDir)
    const plain = await plainPostgres(context, server.dataDir)
    const each = await inParallel(m, atATime, async () => await plain.make())
    const plainEach = figure(`initdb, start, query, ${atATime} at a time`, 'ms', each)

    return {
      figures: [
        figure(`${n} databases ready, from a pool of ${n}`, 's', [deep.allMs / 1000], { target: { of: 'p50', is: 'at most', value: 8 * n / 100 } }),
        figure(`each of them, from a pool of ${n}`, 'ms', deep.each, { against: plainEach }),
        figure(`${n} databases ready, from the usual pool of ${usualSize}`, 's', [usual.allMs / 1000]),
        figure('each of them, from the usual pool', 'ms', usual.each, { against: plainEach }),
        figure(`${n} databases ready, without a pool`, 's', [dry.allMs / 1000]),
        figure('each of them, without a pool', 'ms', dry.each, { against: plainEach }),
        plainEach,
      ],
      details: { deep, usual, dry, plain: each },
    }
  },
}

/** None may fail: a request that is refused, or a database that does not answer, ends the bench. */
async function createMany(context: Context, n: number, pool: number): Promise<Burst> {
  const server = await startServer(context, { settings: { HOWDAH_WARM_POOL: String(pool) } })
  await poolIsFull(server.dataDir, pool)
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
