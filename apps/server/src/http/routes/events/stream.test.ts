import type { Platform } from '../../../../test/platform.ts'
import type { SseClient } from '../../../../test/sse-client.ts'
import { connect } from 'node:net'
import { until } from '@howdah/testkit'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'
import { append } from '../../../store/append.ts'

let platform: Platform
beforeAll(async () => {
  platform = await createPlatform({ heartbeatMs: 20 })
  await platform.create('orders')
})
afterEach(() => platform.hangUp())
afterAll(async () => await platform.close())

const wait = { prefer: 'wait=10' }
const open = (lastEventId?: string | number) => platform.follow('/api/events', lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) })
const change = () => platform.ask('PATCH', '/api/databases/orders', { labels: { n: String(Math.random()) } }, wait)
async function newest(): Promise<number> {
  const { id } = await platform.domain.store.db.selectFrom('stream_events').select(eb => eb.fn.max('id').as('id')).executeTakeFirstOrThrow()
  return id
}
/** Every message of the store after a position, as a reader that is never behind would have got them. */
async function allAfter(id: number): Promise<string[]> {
  const rows = await platform.domain.store.db.selectFrom('stream_events').selectAll().where('id', '>', id).where('kind', 'in', ['event', 'database-deleted']).orderBy('id').execute()
  return rows.map(row => String(row.id))
}
const idsOf = (stream: SseClient) => stream.messages.filter(message => ['event', 'database-deleted'].includes(message.event)).map(message => message.id)

/** Service events of some megabytes, told like any other. */
async function noise(databaseId: string): Promise<void> {
  await platform.domain.store.db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: string, project_id: string }>`
      insert into service_events (id, project_id, database_id, database_name, type, severity, message)
      select gen_random_uuid(), project_id, databases.id, name, 'noise', 'info', repeat('x', 100000) from databases, generate_series(1, 50)
      where databases.id = ${databaseId} returning id, project_id`.execute(tx)
    await append(tx, rows[0]!.project_id, { entries: [], notes: rows.map(({ id }) => ({ kind: 'event', name: 'orders', refId: id })), work: undefined })
  })
}

describe('200', () => {
  it('tells what changes, as it happens, with what it has become', async () => {
    const stream = await open()
    await platform.create('fresh')
    const ready = await stream.next(({ event, data }) => event === 'database' && data.database.name === 'fresh' && data.database.phase === 'ready')
    expect(ready.data).toMatchObject({ id: ready.id, kind: 'database', name: 'fresh', at: expect.any(String) })
    const done = await stream.next(({ event, data }) => event === 'operation' && data.operation.phase === 'succeeded')
    expect(done.data.operation).toMatchObject({ type: 'database.create', database: 'fresh' })
    await stream.next(({ event, data }) => event === 'event' && data.event.type === 'phase.changed' && data.event.database === 'fresh')
    await platform.ask('DELETE', '/api/databases/fresh', undefined, wait)
    await stream.next(({ event, data }) => event === 'database-deleted' && data.name === 'fresh')
    const ids = stream.messages.map(message => Number(message.id))
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    expect(new Set(ids).size).toBe(ids.length)
  })
  it('tells nothing of other projects', async () => {
    const stream = await open()
    const token = await platform.tokenFor({ project: 'other' })
    await platform.inject({ method: 'POST', url: '/api/databases', token, body: { name: 'theirs' }, headers: wait })
    await change()
    await stream.next(({ event, data }) => event === 'operation' && data.operation.phase === 'succeeded')
    expect(stream.messages.filter(message => message.data.name === 'theirs')).toEqual([])
  })
  it('shows that it lives', async () => {
    const stream = await open()
    await until(() => stream.heartbeats() > 2, { deadlineMs: 5000 })
  })
  it('holds no secret', async () => {
    const stream = await open(0)
    await change()
    await stream.next(({ event, data }) => event === 'database' && data.database?.phase === 'ready')
    const { body } = await platform.ask('GET', '/api/databases/orders/connection')
    expect(JSON.stringify(stream.messages)).not.toContain(body.password)
    expect(JSON.stringify(stream.messages)).not.toMatch(/password|CERTIFICATE/i)
  })
})

describe('Last-Event-ID', () => {
  it('a reader that goes and comes back misses nothing and gets nothing twice', async () => {
    const start = await newest()
    const seen: (string | undefined)[] = []
    let lastId: string | undefined = String(start)
    const over = new AbortController()
    const writing = (async () => {
      for (let i = 0; i < 8; i++)
        await platform.ask('POST', `/api/databases/orders/${i % 2 ? 'resume' : 'hibernate'}`, undefined, wait)
      over.abort()
    })()
    while (!over.signal.aborted) {
      const stream = await open(lastId)
      await until(() => idsOf(stream).length >= 2 || over.signal.aborted, { deadlineMs: 20_000 })
      stream.close()
      await stream.ended
      seen.push(...idsOf(stream))
      lastId = stream.lastId() ?? lastId
    }
    await writing
    const rest = await open(lastId)
    const end = await newest()
    await until(() => Number(rest.lastId() ?? 0) >= end, { deadlineMs: 5000 })
    expect([...seen, ...idsOf(rest)]).toEqual(await allAfter(start))
  })
  it('many readers that begin in the middle of a burst all get all of it, once and in order', async () => {
    const start = await newest()
    const burst = Promise.all([change(), change(), change(), platform.create('burst')])
    const streams = await Promise.all(Array.from({ length: 10 }, () => open(start)))
    await burst
    const end = await newest()
    for (const stream of streams) {
      await until(() => Number(stream.lastId() ?? 0) >= end, { deadlineMs: 5000 })
      expect(idsOf(stream)).toEqual(await allAfter(start))
    }
  })
  it('a reader that got nothing knows where it stands all the same', async () => {
    await newest()
    const stream = await open()
    await until(() => stream.lastId(), { deadlineMs: 5000 })
    stream.close()
    await stream.ended
    await change()
    const again = await open(stream.lastId())
    await again.next(({ event, data }) => event === 'operation' && data.operation.phase === 'succeeded')
  })
  it('while notifications cannot be heard nothing is lost: the stream catches up', async () => {
    const stream = await open()
    const start = await newest()
    await until(() => stream.lastId(), { deadlineMs: 5000 })
    const { rows } = await platform.domain.store.pool.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = \'howdah listen\' and datname = current_database()')
    expect(rows).toHaveLength(1)
    for (let i = 0; i < 3; i++)
      await change()
    await until(() => platform.services.hub.isListening(), { deadlineMs: 5000 })
    await change()
    const end = await newest()
    await until(() => Number(stream.lastId() ?? 0) >= end, { deadlineMs: 5000 })
    expect(idsOf(stream)).toEqual(await allAfter(start))
  })
  it('too long ago, or of another store: reset, and on from there', async () => {
    await platform.domain.store.db.deleteFrom('stream_events').where('id', '<', await newest() - 2).execute()
    for (const id of [1, 999_999_999]) {
      const stream = await open(id)
      const reset = await stream.next(({ event }) => event === 'reset')
      expect(reset.data).toMatchObject({ kind: 'reset', id: String(await newest()) })
      expect(stream.messages).toHaveLength(1)
      await change()
      await stream.next(({ event }) => event === 'database')
      stream.close()
    }
  })
})

describe('a stream ends', () => {
  it('when the session does', async () => {
    const { token } = await platform.person({ role: 'viewer' })
    const stream = await platform.follow('/api/events', { authorization: `Bearer ${token}` })
    expect((await platform.inject({ method: 'POST', url: '/api/auth/logout', token })).status).toBe(204)
    await stream.ended
    expect(stream.messages.at(-1)).toMatchObject({ event: 'reconnect' })
  })
  it('when the person is no longer a member', async () => {
    const { token, id, project } = await platform.person({ role: 'viewer' })
    const stream = await platform.follow('/api/events', { authorization: `Bearer ${token}` })
    await platform.ask('DELETE', `/api/projects/${project.name}/members/${id}`)
    await stream.ended
  })
  it('when its reader went before it began', async () => {
    const url = new URL(await platform.listen())
    const token = await platform.tokenFor()
    const streams = async () => (await platform.services.metrics.streams.get()).values[0]!.value
    await until(async () => await streams() === 0, { deadlineMs: 5000, what: 'readers of other tests are gone' })
    const counted = vi.spyOn(platform.services.metrics.streams, 'inc')
    await platform.domain.store.db.transaction().execute(async (tx) => {
      await sql`lock table stream_events`.execute(tx)
      const reader = connect(Number(url.port), url.hostname)
      reader.write(`GET /api/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`)
      const waits = sql`select 1 from pg_locks where relation = 'stream_events'::regclass and not granted`
      await until(async () => (await waits.execute(platform.domain.store.db)).rows.length > 0, { deadlineMs: 5000, what: 'the stream waits for where it begins' })
      const gone = new Promise(resolve => platform.app.server.once('connection', resolve))
      reader.destroy()
      // Whoever comes next is seen after the one that left.
      const next = connect(Number(url.port), url.hostname, () => next.destroy())
      await gone
    })
    await until(() => counted.mock.calls.length === 1, { deadlineMs: 5000, what: 'it begins' })
    expect(await streams()).toBe(0)
  })
  it('when its reader takes nothing any more: it is cut, and holds nothing in memory', async () => {
    const url = new URL(await platform.listen())
    const token = await platform.tokenFor()
    const reader = connect(Number(url.port), url.hostname)
    reader.write(`GET /api/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`)
    await new Promise(resolve => reader.once('data', resolve))
    reader.pause()
    const closed = new Promise(resolve => reader.once('close', resolve))
    const streams = async () => (await platform.services.metrics.streams.get()).values[0]!.value
    await until(async () => await streams() === 1, { deadlineMs: 5000, what: 'readers of other tests are gone' })
    const { id } = await platform.get('orders')
    // More than the sockets of both sides hold.
    await until(async () => {
      await noise(id)
      return await streams() === 0
    }, { deadlineMs: 20_000, what: 'the slow reader is cut' })
    reader.resume()
    await closed
  })
})

describe('401', () => {
  it('without a credential', async () => {
    expect((await platform.follow('/api/events', { authorization: '' })).status).toBe(401)
  })
})

describe('422', () => {
  it.each(['x', '-1', '1.5', '9'.repeat(16)])('Last-Event-ID %s', async (id) => {
    expect((await open(id)).status).toBe(422)
  })
  it('an unknown parameter', async () => {
    expect((await platform.ask('GET', '/api/events?x=1')).body).toMatchObject({ status: 422, errors: [{ pointer: '?x' }] })
  })
})

describe('drain', () => {
  it('readers are told to reconnect and are let go; what waits for an operation is answered', async () => {
    const leaving = await createPlatform()
    const stream = await leaving.follow('/api/events')
    const waiting = leaving.ask('POST', '/api/databases', { name: 'slow-ready' }, { prefer: 'wait=60' })
    await stream.next(({ event, data }) => event === 'database' && data.name === 'slow-ready')
    leaving.drain()
    await stream.ended
    expect(stream.messages.at(-1)).toMatchObject({ event: 'reconnect', data: {} })
    expect((await waiting).body).toMatchObject({ name: 'slow-ready', phase: 'provisioning' })
    await leaving.close()
  })
})
