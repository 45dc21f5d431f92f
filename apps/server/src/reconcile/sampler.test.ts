import type { Metrics } from '@howdah/contract'
import type { Platform } from '../../test/platform.ts'
import { until } from '@howdah/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createPlatform } from '../../test/platform.ts'
import { takeSamples } from '../store/metric-samples.ts'
import { startChores } from './chores.ts'

let platform: Platform
const store = () => platform.domain.store.db
beforeAll(async () => {
  platform = await createPlatform()
  await platform.create('orders')
  await platform.create('billing')
})
beforeEach(async () => {
  await store().deleteFrom('metric_samples').execute()
  await store().updateTable('installation').set({ sampled_at: new Date(0) }).execute()
})
afterAll(async () => await platform.close())

it('a minute is sampled once, however many workers try at the same time', async () => {
  const taken = await Promise.all(Array.from({ length: 4 }, () => takeSamples(store())))
  expect(taken.toSorted()).toEqual([0, 0, 0, 2])
})

it('what was sampled is what the metrics answer', async () => {
  await takeSamples(store())
  const { body } = await platform.ask<Metrics>('GET', '/api/databases/orders/metrics')
  const seen = Object.fromEntries(body.series.map(({ name, values }) => [name, values.filter(value => value !== null)]))
  expect(seen).toEqual({ storageUsedBytes: [40_000_000], connections: [0], transactionsPerSecond: [0] })
})

it('of a database whose engine cannot be asked nothing is written down, not what was seen before', async () => {
  await sql`update databases set observed = jsonb_set(observed, '{phase}', '"unknown"') where name = 'orders'`.execute(store())
  expect(await takeSamples(store())).toBe(1)
  const { body } = await platform.ask<Metrics>('GET', '/api/databases/orders/metrics?names=storageUsedBytes')
  expect(body.series[0]?.values.every(value => value === null)).toBe(true)
})

it('a sample that is older than a day goes', async () => {
  const count = async () => (await store().selectFrom('metric_samples').select('at').execute()).length
  await takeSamples(store())
  const recent = await count()
  await sql`insert into metric_samples (database_id, at) select database_id, at - interval '25 hours' from metric_samples`.execute(store())
  const stop = startChores(platform.domain)
  await until(async () => await count() === recent, { deadlineMs: 5000, what: 'the old samples are gone, and only they' })
  stop()
})
