import type { BenchServer } from './server.ts'

interface Operation { readonly steps: readonly { readonly name: string, readonly startedAt: string, readonly finishedAt: string }[] }

/** Milliseconds of each step, by its name, for each time. */
export type Steps = Map<string, number[]>

/** Make a database from another, and remove it. Answers how many milliseconds it took until it was ready, and notes how long its steps did. */
export async function madeFrom(server: BenchServer, from: object, steps: Steps): Promise<number> {
  const begun = performance.now()
  const { phase } = await server.api<{ phase: string }>('POST', '/api/databases', { name: 'copy', from })
  const took = performance.now() - begun
  if (phase !== 'ready')
    throw new Error(`a database that was made from another is ${phase}`)
  const { items: [operation] } = await server.api<{ items: readonly Operation[] }>('GET', '/api/operations?database=copy&limit=1')
  for (const { finishedAt, name, startedAt } of operation?.steps ?? [])
    steps.set(name, [...steps.get(name) ?? [], Date.parse(finishedAt) - Date.parse(startedAt)])
  await server.api('DELETE', '/api/databases/copy')
  return took
}
