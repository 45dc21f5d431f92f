import type { Bench, Context } from './lib/bench.ts'
import type { BenchServer } from './lib/server.ts'
import { encodeCursor } from '../apps/server/src/domain/cursor.ts'
import { listDatabases } from '../apps/server/src/store/databases.ts'
import { explain } from './lib/explain.ts'
import { figure } from './lib/figure.ts'
import { fillDatabases } from './lib/fill.ts'
import { startServer } from './lib/server.ts'
import { storeOf } from './lib/store.ts'

interface Page { readonly items: readonly { readonly name: string }[], readonly nextCursor: string | null }

/** As the query of the API, and as the store is asked for it. */
interface Case { readonly what: string, readonly query: string, readonly filter: Omit<Parameters<typeof listDatabases>[2], 'limit'> }

const cases: readonly Case[] = [
  { what: 'plain', query: '', filter: {} },
  { what: 'text that one name has', query: 'q=orders-077776', filter: { q: 'orders-077776' } },
  { what: 'text that many names have', query: 'q=billing', filter: { q: 'billing' } },
  { what: 'text that no name has', query: 'q=nowhere', filter: { q: 'nowhere' } },
  { what: 'a rare phase', query: 'phase=failed', filter: { phases: ['failed'] } },
  { what: 'two phases', query: 'phase=failed&phase=ready', filter: { phases: ['failed', 'ready'] } },
  { what: 'a phase that none is in', query: 'phase=upgrading', filter: { phases: ['upgrading'] } },
  { what: 'a common label', query: 'label=env%3Dprod', filter: { labels: [{ key: 'env', value: 'prod' }] } },
  { what: 'a rare label', query: 'label=team%3Dteam-77', filter: { labels: [{ key: 'team', value: 'team-77' }] } },
  { what: 'a label that none has', query: 'label=team%3Dnobody', filter: { labels: [{ key: 'team', value: 'nobody' }] } },
  { what: 'a label key that few have', query: 'label=canary', filter: { labels: [{ key: 'canary', value: undefined }] } },
  { what: 'a label key that none has', query: 'label=nothing', filter: { labels: [{ key: 'nothing', value: undefined }] } },
  { what: 'text, phase and label', query: 'q=orders&phase=ready&label=team%3Dteam-5', filter: { q: 'orders', phases: ['ready'], labels: [{ key: 'team', value: 'team-5' }] } },
  { what: 'text that no name has, common phase', query: 'q=nowhere&phase=ready', filter: { q: 'nowhere', phases: ['ready'] } },
  { what: 'text that no name has, common label', query: 'q=nowhere&label=env%3Dprod', filter: { q: 'nowhere', labels: [{ key: 'env', value: 'prod' }] } },
  { what: 'the last page', query: `cursor=${encodeCursor('web-0998')}`, filter: { after: 'web-0998' } },
]

export const list: Bench = {
  name: 'list',
  title: 'List 50 of many databases',
  async run(context) {
    const count = context.isQuick ? 5000 : 100_000
    const n = context.isQuick ? 10 : 200
    const server = await startServer(context)
    const store = await storeOf(context, server)
    const projectId = await fillDatabases(store, count)
    const figures = []
    const plans: Record<string, unknown> = {}
    const target = { of: 'p99', is: 'at most', value: 50 } as const
    for (const { what, query, filter } of cases) {
      const samples = await ask(server, query, n)
      figures.push(figure(what, 'ms', samples, { target }))
      plans[what] = await explain(store, async db => await listDatabases(db, projectId, { ...filter, limit: 51 }))
    }
    figures.push(figure(`each page of a walk through all ${count.toLocaleString('en-US')}`, 'ms', await walk(context, server, count), { target }))
    return { figures, details: { plans } }
  },
}

async function ask(server: BenchServer, query: string, n: number): Promise<number[]> {
  const samples: number[] = []
  for (let count = 0; count < n; count++) {
    const begun = performance.now()
    await server.api<Page>('GET', `/api/databases?limit=50&${query}`)
    samples.push(performance.now() - begun)
  }
  return samples
}

/** Every database once, in order: otherwise it is no walk. */
async function walk(context: Context, server: BenchServer, count: number): Promise<number[]> {
  const samples: number[] = []
  let seen = 0
  let last = ''
  let cursor: string | null = ''
  while (cursor !== null) {
    const begun = performance.now()
    const page: Page = await server.api<Page>('GET', `/api/databases?limit=50${cursor === '' ? '' : `&cursor=${cursor}`}`)
    samples.push(performance.now() - begun)
    for (const { name } of page.items) {
      if (name <= last)
        throw new Error(`${name} comes after ${last}`)
      last = name
      seen++
    }
    cursor = page.nextCursor
  }
  if (seen !== count)
    throw new Error(`a walk through ${count} databases saw ${seen}`)
  context.say(`walked through ${seen} databases in ${samples.length} pages`)
  return samples
}
