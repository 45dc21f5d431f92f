import type { TemporaryPostgres } from '@howdah/testkit'
import type { DatabaseFilter } from './databases.ts'
import type { Store } from './db.ts'
import { randomUUID } from 'node:crypto'
import { temporaryPostgres } from '@howdah/testkit'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listDatabases } from './databases.ts'
import { openStore } from './db.ts'
import { migrate } from './migrate.ts'

const project = randomUUID()
const phases = ['ready', 'hibernated', 'failed']
const databases = Array.from({ length: 120 }, (_, n) => ({
  name: `${['orders', 'billing', 'web'][n % 3]}-${n}`,
  phase: phases[n % 7 % 3]!,
  labels: { env: ['prod', 'test'][n % 2]!, ...n % 10 === 0 ? { canary: '' } : {} } as Record<string, string>,
})).sort((a, b) => a.name < b.name ? -1 : 1)
let postgres: TemporaryPostgres
let store: Store

beforeAll(async () => {
  postgres = await temporaryPostgres()
  const { connection } = await postgres.createDatabase()
  store = openStore(connection, 5, () => {})
  await migrate(store.pool)
  await store.db.insertInto('projects').values([{ id: project, name: 'mine' }]).execute()
  const other = randomUUID()
  await store.db.insertInto('projects').values([{ id: other, name: 'other' }]).execute()
  await store.db.insertInto('databases').values([project, other].flatMap(owner => databases.map(({ name, phase, labels }) => ({
    id: randomUUID(),
    project_id: owner,
    name,
    location: 'here',
    version: 18,
    instances: 1,
    storage_gib: 10,
    cpu: 1,
    memory_mib: 512,
    durability: 'async',
    main_db: name,
    owner: name,
    phase,
    operation_id: null,
    labels: JSON.stringify(labels),
    parameters: '{}',
    observed: null,
    failure: null,
  })))).execute()
})

afterAll(async () => {
  await store.close()
  await postgres.close()
})

/** What the filter says, without an index or a planner. */
function expected({ q, phases = [], labels = [], after, limit }: DatabaseFilter): string[] {
  return databases.filter(database =>
    (q === undefined || database.name.includes(q.toLowerCase()))
    && (phases.length === 0 || phases.includes(database.phase))
    && labels.every(({ key, value }) => key in database.labels && (value === undefined || database.labels[key] === value))
    && (after === undefined || database.name > after)).map(database => database.name).slice(0, limit)
}

it('a list has what all its filters let pass, in the order of names, of one project only', async () => {
  const filters = fc.record({
    q: fc.option(fc.constantFrom('o', 'orders', 'ORDERS-9', '7', 'nothing', '%', '_', '\\\\', '-'), { nil: undefined }),
    phases: fc.subarray(phases),
    labels: fc.subarray([{ key: 'env', value: 'prod' }, { key: 'env', value: 'test' }, { key: 'env', value: undefined }, { key: 'canary', value: undefined }, { key: 'canary', value: '' }, { key: 'none', value: undefined }]),
    after: fc.option(fc.constantFrom('billing-4', 'orders', 'web-98', 'zzz'), { nil: undefined }),
    limit: fc.constantFrom(1, 3, 51),
  })
  await fc.assert(fc.asyncProperty(filters, async (filter) => {
    const rows = await listDatabases(store.db, project, filter)
    expect(rows.map(row => row.name)).toEqual(expected(filter))
    expect(rows.every(row => row.project_id === project)).toBe(true)
  }), { numRuns: 300 })
})
