import type { LogRecord } from '@howdah/contract'
import type { Platform } from '../../../../test/platform.ts'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'

let platform: Platform
let id: string
beforeAll(async () => {
  platform = await createPlatform()
  id = (await platform.create('orders')).id
  for (const [severity, message] of [['LOG', 'one 100%'], ['ERROR', 'two'], ['FATAL', 'three'], ['WARNING', 'four']] as const)
    platform.engine.writeLog(id, { severity, message })
})
afterAll(async () => await platform.close())

async function logs(query = ''): Promise<{ items: LogRecord[], nextCursor: string | null }> {
  const { status, body, text } = await platform.ask('GET', `/api/databases/orders/server-logs${query}`)
  expect(status, text).toBe(200)
  return body
}
const messages = (page: { items: LogRecord[] }) => page.items.map(record => record.message)

describe('200: a page', () => {
  it('newest first', async () => {
    expect(messages(await logs())).toEqual(['four', 'three', 'two', 'one 100%', 'database system is ready to accept connections'])
  })
  it.each([
    ['?severity=ERROR', ['three', 'two']],
    ['?contains=T', ['three', 'two', 'database system is ready to accept connections']],
    ['?contains=%25', ['one 100%']],
    ['?contains=_', []],
    ['?limit=2', ['four', 'three']],
    ['?to=2000-01-01T00:00:00Z', []],
  ])('%s', async (query, expected) => {
    expect(messages(await logs(query))).toEqual(expected)
  })
  it('pages follow each other', async () => {
    const first = await logs('?limit=3')
    const second = await logs(`?limit=3&cursor=${first.nextCursor}`)
    expect([...messages(first), ...messages(second)]).toEqual(messages(await logs()))
    expect(second.nextCursor).toBeNull()
  })
})

describe('200: a stream', () => {
  it('follows from now on, with the same filters', async () => {
    const stream = await platform.follow('/api/databases/orders/server-logs?severity=WARNING')
    expect(stream.status).toBe(200)
    await until(() => {
      platform.engine.writeLog(id, { severity: 'LOG', message: 'quiet' })
      platform.engine.writeLog(id, { severity: 'ERROR', message: 'loud' })
      return stream.messages.length > 2
    }, { deadlineMs: 5000 })
    expect(stream.messages.every(message => message.event === 'record' && message.data.message === 'loud')).toBe(true)
    stream.close()
  })
  it('ends when the database is deleted', async () => {
    await platform.create('short')
    const stream = await platform.follow('/api/databases/short/server-logs')
    await platform.ask('DELETE', '/api/databases/short', undefined, { prefer: 'wait=10' })
    await stream.ended
  })
})

describe('404', () => {
  it('of nobody, also as a stream', async () => {
    expect((await platform.ask('GET', '/api/databases/nobody/server-logs')).status).toBe(404)
    expect((await platform.follow('/api/databases/nobody/server-logs')).status).toBe(404)
  })
})

describe('422', () => {
  it.each(['severity=LOUD', 'from=x', 'limit=1001', 'cursor=nonsense', `contains=${'x'.repeat(201)}`, 'contains=%00', 'x=1'])('%s', async (query) => {
    expect((await platform.ask('GET', `/api/databases/orders/server-logs?${query}`)).body).toMatchObject({ status: 422, errors: [{ pointer: `?${query.split('=')[0]}` }] })
  })
})

describe('503', () => {
  it('while the location cannot be asked', async () => {
    platform.engine.setOutage('The location is being moved.')
    const { body } = await platform.ask('GET', '/api/databases/orders/server-logs')
    platform.engine.setOutage(undefined)
    expect(body).toMatchObject({ status: 503 })
  })
})
