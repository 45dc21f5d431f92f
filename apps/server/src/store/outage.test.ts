import type { TemporaryPostgres } from '@howdah/testkit'
import type { Platform } from '../../test/platform.ts'
import type { TcpProxy } from '../../test/tcp-proxy.ts'
import { temporaryPostgres, until } from '@howdah/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform } from '../../test/platform.ts'
import { openTcpProxy } from '../../test/tcp-proxy.ts'

let postgres: TemporaryPostgres
let proxy: TcpProxy
let platform: Platform
beforeAll(async () => {
  // The one server of all tests: this only asks where it is.
  postgres = await temporaryPostgres()
  const { connection } = await postgres.createDatabase()
  proxy = await openTcpProxy(connection)
  platform = await createPlatform({ way: { host: '127.0.0.1', port: proxy.port } })
  await platform.create('orders')
})
afterEach(async () => {
  proxy.mend()
  await until(async () => platform.services.hub.isListening() && (await platform.ask('GET', '/api/databases')).status === 200, { deadlineMs: 15_000, what: 'all goes on' })
})
afterAll(async () => {
  await platform.close()
  await proxy.close()
  await postgres.close()
})

const requests: [string, () => ReturnType<Platform['ask']>][] = [
  ['read', () => platform.ask('GET', '/api/databases/orders')],
  ['list', () => platform.ask('GET', '/api/databases')],
  ['create', () => platform.ask('POST', '/api/databases', { name: 'never' })],
  ['change', () => platform.ask('PATCH', '/api/databases/orders', { cpu: 4 })],
  ['delete', () => platform.ask('DELETE', '/api/databases/orders')],
  ['reveal', () => platform.ask('GET', '/api/databases/orders/connection')],
]

describe('a store that is gone', () => {
  it.each(requests)('%s answers 503 and when to come again', async (_, request) => {
    proxy.cut()
    const { body, headers } = await request()
    expect(body).toMatchObject({ status: 503, code: 'unavailable' })
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect(JSON.stringify(body)).not.toMatch(/ECONN|127\.0\.0\.1|password/)
  })
  it('nothing of what was refused was done', async () => {
    expect((await platform.ask('GET', '/api/databases/never')).status).toBe(404)
    expect(await platform.get('orders')).toMatchObject({ cpu: 1, phase: 'ready', operation: null })
  })

  it('makes the process not ready, which lives', async () => {
    proxy.cut()
    const { body, status } = await platform.ask('GET', '/ready')
    expect(status).toBe(503)
    expect(body).toMatchObject({ status: 'not-ready', checks: [{ name: 'store', ok: false, message: 'It does not answer' }, { ok: true }] })
    expect((await platform.ask('GET', '/health')).status).toBe(200)
  })

  it('what a server does meanwhile is told afterwards, in order and once', async () => {
    const { id } = await platform.get('orders')
    proxy.cut()
    platform.engine.crash(id)
    platform.engine.recover(id)
    proxy.mend()
    const types = await until(async () => {
      const { body } = await platform.ask('GET', '/api/databases/orders/service-logs?type=instance.restarted')
      return body.items?.length > 0 ? (await platform.ask('GET', '/api/databases/orders/service-logs')).body.items.map((event: { type: string }) => event.type) as string[] : undefined
    }, { deadlineMs: 15_000 })
    expect(types.filter(type => type.startsWith('instance.'))).toEqual(['instance.restarted', 'instance.exited'])
    await platform.inPhase('orders', 'ready')
  })

  it('an operation that runs goes on by itself when it is back', async () => {
    const { body } = await platform.ask('POST', '/api/databases', { name: 'slow-ready' })
    await until(async () => (await platform.operation(body.operation)).message !== '', { deadlineMs: 5000 })
    proxy.cut()
    await until(() => !platform.services.hub.isListening(), { deadlineMs: 5000 })
    platform.engine.release(body.id)
    proxy.mend()
    await until(async () => (await platform.ask('GET', '/api/databases')).status === 200, { deadlineMs: 15_000 })
    expect((await platform.ended(body.operation)).phase).toBe('succeeded')
  })

  it('a reader misses nothing: its stream catches up, or ends where the reader can resume', async () => {
    let stream = await platform.follow('/api/events')
    await until(() => stream.lastId(), { deadlineMs: 5000 })
    proxy.cut()
    await until(() => !platform.services.hub.isListening(), { deadlineMs: 5000 })
    proxy.mend()
    await until(async () => (await platform.ask('PATCH', '/api/databases/orders', { labels: { at: 'last' } })).status === 200, { deadlineMs: 15_000 })
    const end = (await platform.domain.store.db.selectFrom('stream_events').select(eb => eb.fn.max('id').as('id')).executeTakeFirstOrThrow()).id
    let hasEnded = false
    void stream.ended.then(() => hasEnded = true)
    await until(() => hasEnded || Number(stream.lastId()) >= end, { deadlineMs: 10_000 })
    if (hasEnded)
      stream = await platform.follow('/api/events', { 'last-event-id': stream.lastId()! })
    await stream.next(({ event, data }) => event === 'database' && data.database.labels.at === 'last')
    platform.hangUp()
  })
})

describe('connections that are all taken', () => {
  it('a request that gets none answers 503 and does not hang', async () => {
    const { pool } = platform.domain.store
    const taken = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()))
    const { body } = await platform.ask('GET', '/api/databases')
    for (const client of taken)
      client.release()
    expect(body).toMatchObject({ status: 503, code: 'unavailable' })
    expect((await platform.ask('GET', '/api/databases')).status).toBe(200)
  })
})
