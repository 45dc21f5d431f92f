import type { Pool } from 'pg'
import type { Bench, Context } from './lib/bench.ts'
import type { BenchServer } from './lib/server.ts'
import { encodeCursor } from '../apps/server/src/domain/cursor.ts'
import { listDatabases } from '../apps/server/src/store/databases.ts'
import { explain } from './lib/explain.ts'
import { figure } from './lib/figure.ts'
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
    const projectId = await fill(store, count)
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

/** Rows as the server writes them, of databases that run nowhere. Answers their project. */
async function fill(store: Pool, count: number): Promise<string> {
  const { rows: [project] } = await store.query<{ id: string }>('select id from projects where name = \'default\'')
  await store.query(`
    insert into databases (id, project_id, name, location, labels, version, instances, storage_gib, cpu, memory_mib, durability, extensions, allowed_cidrs, main_db, owner, observed, phase)
    select gen_random_uuid(), $1, (array['orders', 'billing', 'search', 'web'])[1 + n % 4] || '-' || lpad(n::text, 6, '0'), 'local',
      jsonb_build_object('env', (array['prod', 'prod', 'test', 'dev'])[1 + n % 4], 'team', 'team-' || n % 1000) || case when n % 500 = 0 then '{"canary": ""}' else '{}' end::jsonb,
      18, 1, 10, 1, 512, 'async', '{}', array['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '::1/128', 'fc00::/7'], 'main', 'main',
      jsonb_build_object('phase', 'ready', 'reason', '', 'message', '', 'since', '2026-01-01T00:00:00.000Z', 'members', jsonb_build_array(jsonb_build_object('name', 'one-1', 'role', 'primary', 'phase', 'ready', 'lagBytes', null)),
        'endpoint', jsonb_build_object('host', '127.0.0.1', 'port', 20000, 'caCertificate', repeat('x', 700)), 'serverVersion', '18.4', 'storageUsedBytes', 40000000, 'connections', 1, 'generation', 1, 'pendingRestart', '[]'::jsonb),
      case when n % 1000 = 1 then 'failed' when n % 50 = 2 then 'hibernated' else 'ready' end
    from generate_series(1, $2) as n`, [project?.id, count])
  await store.query('vacuum analyze databases')
  return project!.id
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
