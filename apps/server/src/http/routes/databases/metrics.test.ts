import type { Database, Metrics } from '@howdah/contract'
import type { Platform } from '../../../../test/platform.ts'
import { metricNames, permissions } from '@howdah/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'

let platform: Platform
let orders: Database
beforeAll(async () => {
  platform = await createPlatform()
  orders = await platform.create('orders')
})
afterAll(async () => await platform.close())

const begin = Date.parse('2026-03-01T10:00:00Z')
const at = (minute: number): string => new Date(begin + minute * 60_000).toISOString()
const ask = (query: string, name = 'orders') => platform.ask<Metrics>('GET', `/api/databases/${name}/metrics?${query}`)

async function sample(minute: number, connections: number | null, databaseId = orders.id): Promise<void> {
  await platform.domain.store.db.insertInto('metric_samples').values({
    database_id: databaseId,
    at: new Date(at(minute)),
    storage_used_bytes: 5_000_000_000 + minute,
    connections,
    transactions_per_second: minute / 10,
  }).execute()
}

describe('200', () => {
  beforeAll(async () => {
    await sample(0, 3)
    await sample(1, 8)
    await sample(3, null)
    await sample(4, 2)
    // Of somebody else's database, in the same minute.
    await sample(2, 99, '00000000-0000-4000-8000-000000000000')
  })

  it('one value for each step, and null where nothing was seen', async () => {
    const { status, body } = await ask(`from=${at(0)}&to=${at(5)}`)
    expect(status).toBe(200)
    expect(body).toEqual({
      from: at(0),
      to: at(5),
      stepSeconds: 60,
      series: [
        { name: 'storageUsedBytes', unit: 'bytes', values: [5_000_000_000, 5_000_000_001, null, 5_000_000_003, 5_000_000_004] },
        { name: 'connections', unit: 'connections', values: [3, 8, null, null, 2] },
        { name: 'transactionsPerSecond', unit: 'transactions/s', values: [0, 0.1, null, 0.3, 0.4] },
      ],
    })
  })

  it('a longer step has its highest sample, and begins at a whole multiple', async () => {
    const { body } = await ask(`from=${at(1)}&to=${at(5)}&step=120&names=connections`)
    expect(body).toEqual({ from: at(0), to: at(6), stepSeconds: 120, series: [{ name: 'connections', unit: 'connections', values: [8, null, 2] }] })
  })

  it('a name that is given twice is answered once', async () => {
    const { body } = await ask(`names=connections&names=connections&from=${at(0)}&to=${at(1)}`)
    expect(body.series.map(({ name }) => name)).toEqual(['connections'])
  })

  it('without a question: all of them, the last 24 hours, minute by minute', async () => {
    const { body } = await ask('')
    expect(Date.parse(body.to) - Date.parse(body.from)).toBeGreaterThanOrEqual(24 * 3_600_000)
    expect(body.series.map(({ name }) => name)).toEqual(metricNames)
    expect(new Set(body.series.map(({ values }) => values.length)).size).toBe(1)
    expect(body.series[0]?.values.length).toBe((Date.parse(body.to) - Date.parse(body.from)) / 60_000)
  })

  it('what a database of the same name had before is not its own', async () => {
    await platform.create('short-lived')
    const { id } = await platform.get('short-lived')
    await sample(0, 7, id)
    const { body } = await platform.ask('DELETE', '/api/databases/short-lived', undefined, { prefer: 'wait=30' })
    expect(body.phase).toBe('succeeded')
    await platform.create('short-lived')
    expect((await ask(`from=${at(0)}&to=${at(1)}&names=connections`, 'short-lived')).body.series[0]?.values).toEqual([null])
  })

  it('a viewer may look', () => {
    expect(permissions.viewer).toContain('databases.read')
  })
})

describe('404', () => {
  it('of nobody', async () => {
    expect((await ask('', 'nobody')).status).toBe(404)
  })
})

describe('422', () => {
  it.each([
    ['names=passwords', '?names'],
    ['from=yesterday', '?from'],
    ['to=2026-02-30T00:00:00Z', '?to'],
    ['from=2026-03-01T10:00:00Z&to=2026-03-01T10:00:00Z', '?from'],
    ['from=9000-03-01T10:00:00Z', '?from'],
    ['step=0', '?step'],
    ['step=61', '?step'],
    ['step=86460', '?step'],
    ['from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z', '?step'],
    ['from=0001-01-01T00:00:00Z&step=86400', '?step'],
    ['x=1', '?x'],
  ])('%s', async (query, pointer) => {
    expect((await ask(query)).body).toMatchObject({ status: 422, errors: [{ pointer }] })
  })

  it('a step is a multiple of a minute, and the answer says so', async () => {
    expect((await ask('step=61')).body).toMatchObject({ errors: [{ detail: 'Must be a multiple of 60' }] })
  })
})
