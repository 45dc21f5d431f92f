import type { Notification, Observed } from '@howdah/engine'
import type { Platform } from '../../test/platform.ts'
import type { Observer } from './observer.ts'
import { FakeEngine } from '@howdah/engine/fake'
import { until } from '@howdah/testkit'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createPlatform, location } from '../../test/platform.ts'
import { take } from '../domain/observations.ts'
import { startObserver } from './observer.ts'

/** Says what a test lets it say; what is there is the fake's. */
class TalkingEngine extends FakeEngine {
  readonly #heard = new Set<(notification: Notification) => void>()
  override watch(listener: (notification: Notification) => void): () => void {
    this.#heard.add(listener)
    const stop = super.watch(listener)
    return () => {
      this.#heard.delete(listener)
      stop()
    }
  }

  say(notification: Notification): void {
    for (const listener of this.#heard)
      listener(notification)
  }
}

const engine = new TalkingEngine()
let platform: Platform
let observer: Observer | undefined
let count = 0
beforeAll(async () => {
  platform = await createPlatform({ engine })
})
afterEach(async () => {
  await observer?.close()
  observer = undefined
})
afterAll(async () => await platform.close())

async function made(): Promise<Observed> {
  const { id, name } = await platform.create(`db${count++}`)
  const observed: Observed = { ...(await engine.observe({ id, name, project: 'default' }))!, connections: 3 }
  engine.say({ kind: 'observed', observed })
  // What was heard while it was made has been taken by then, and comes after nothing of a test's own.
  await until(async () => (await platform.get(name)).connections === 3, { deadlineMs: 5000 })
  return observed
}
const eventsOf = async (name: string) => (await platform.ask('GET', `/api/databases/${name}/service-logs?limit=200`)).body.items as { type: string, message: string }[]

it('an observation that is older than what is known when its turn comes is not written', async () => {
  const ready = await made()
  const old: Observed = { ...ready, phase: 'provisioning', generation: 0 }
  await take(platform.domain, { kind: 'observed', observed: old }, () => ready)
  expect(await platform.get(ready.ref.name)).toMatchObject({ phase: 'ready' })
  expect((await eventsOf(ready.ref.name)).map(event => event.type)).toEqual(['phase.changed'])
})

it('of many observations the last one stands, whatever the order of their transactions', async () => {
  const ready = await made()
  for (let i = 0; i < 50; i++)
    engine.say({ kind: 'observed', observed: { ...ready, phase: i % 2 ? 'ready' : 'restarting', connections: i } })
  await until(async () => (await platform.get(ready.ref.name)).connections === 49, { deadlineMs: 5000 })
  expect(await platform.get(ready.ref.name)).toMatchObject({ phase: 'ready' })
})

it('news of many databases at once leaves connections to the store for requests', async () => {
  const ready = await Promise.all(Array.from({ length: 15 }, made))
  const holder = new Client(platform.domain.store.connection)
  await holder.connect()
  try {
    await holder.query('begin')
    await holder.query('select from databases where id = any($1) for update', [ready.map(({ ref }) => ref.id)])
    for (const observed of ready)
      engine.say({ kind: 'observed', observed: { ...observed, connections: 8 } })
    await until(async () => (await holder.query('select from pg_stat_activity where datname = current_database() and wait_event_type = \'Lock\'')).rowCount === 4, { deadlineMs: 5000, what: 'as many as may are being written' })
    const answers = await Promise.all(ready.map(async ({ ref }) => await platform.ask('GET', `/api/databases/${ref.name}`)))
    expect(answers.map(({ status }) => status)).toEqual(ready.map(() => 200))
  }
  finally {
    await holder.end()
  }
  for (const { ref } of ready)
    await until(async () => (await platform.get(ref.name)).connections === 8, { deadlineMs: 5000 })
})

it('counts that move all the time are kept and call nobody', async () => {
  const ready = await made()
  const before = await platform.domain.store.db.selectFrom('stream_events').select('id').where('name', '=', ready.ref.name).execute()
  engine.say({ kind: 'observed', observed: { ...ready, connections: 7, storageUsedBytes: 123 } })
  await until(async () => (await platform.get(ready.ref.name)).connections === 7, { deadlineMs: 5000 })
  expect(await platform.get(ready.ref.name)).toMatchObject({ connections: 7, storageUsedBytes: 123 })
  expect(await platform.domain.store.db.selectFrom('stream_events').select('id').where('name', '=', ready.ref.name).execute()).toEqual(before)
})

it('a replica that has caught up is told to everybody, though nothing else has changed; a few bytes or moments more or less are not', async () => {
  const ready = await made()
  const lagging = (lagBytes: number, lagSeconds: number): Notification => ({ kind: 'observed', observed: { ...ready, members: [{ lagBytes, lagSeconds, phase: 'ready', role: 'replica', name: 'other' }] } })
  const callsFor = async (lagBytes: number, lagSeconds = 0) => {
    const count = async () => (await platform.domain.store.db.selectFrom('stream_events').select('id').where('name', '=', ready.ref.name).execute()).length
    const before = await count()
    await take(platform.domain, lagging(lagBytes, lagSeconds))
    expect(await platform.get(ready.ref.name)).toMatchObject({ members: [{ lagBytes, lagSeconds }] })
    return await count() - before
  }
  await take(platform.domain, lagging(264, 0))
  expect(await callsFor(265)).toBe(0)
  expect(await callsFor(0)).toBe(1)
  expect(await callsFor(1)).toBe(1)
  expect(await callsFor(1_000_000)).toBe(1)
  expect(await callsFor(1_000_000, 0.9)).toBe(0)
  expect(await callsFor(1_000_000, 2)).toBe(1)
  expect(await callsFor(1_000_000, 3.9)).toBe(0)
  expect(await callsFor(1_000_000, 4)).toBe(1)
})

it('hearing the same again writes nothing, in whatever order its fields come back from the store', async () => {
  const ready = await made()
  const observed: Observed = { ...ready, members: [{ lagBytes: 5, lagSeconds: 1, phase: 'ready', role: 'replica', name: 'a-very-long-name' }], endpoint: { ...ready.endpoint!, readOnlyPort: 1 } }
  await take(platform.domain, { kind: 'observed', observed })
  const { rows: [before] } = await platform.domain.store.pool.query('select xmin::text from databases where id = $1', [ready.ref.id])
  await take(platform.domain, { kind: 'observed', observed: { ...observed, endpoint: { readOnlyPort: 1, caCertificate: ready.endpoint!.caCertificate, port: ready.endpoint!.port, host: ready.endpoint!.host } } })
  expect((await platform.domain.store.pool.query('select xmin::text from databases where id = $1', [ready.ref.id])).rows[0]).toEqual(before)
})

it('what two processes hear of a phase is one change', async () => {
  const ready = await made()
  const down: Notification = { kind: 'observed', observed: { ...ready, phase: 'restarting', reason: 'PostmasterExited' } }
  await Promise.all(Array.from({ length: 5 }, () => take(platform.domain, down)))
  expect((await eventsOf(ready.ref.name)).map(event => event.type)).toEqual(['phase.changed', 'phase.changed'])
})

it('events of one database are kept in their order, each once', async () => {
  const { ref } = await made()
  for (let i = 0; i < 30; i++)
    engine.say({ kind: 'event', event: { ref, at: new Date(), type: 'noise', severity: 'info', message: String(i), details: {} } })
  const noise = await until(async () => {
    const events = (await eventsOf(ref.name)).filter(event => event.type === 'noise')
    return events.length === 30 ? events : undefined
  }, { deadlineMs: 5000 })
  expect(noise.map(event => event.message)).toEqual(Array.from({ length: 30 }, (_, i) => String(29 - i)))
})

it('something that the location lost shows as failed; something that it has is never called lost', async () => {
  const here = await made()
  engine.say({ kind: 'gone', ref: here.ref })
  const lost = await made()
  await engine.destroy(lost.ref)
  expect(await platform.inPhase(lost.ref.name, 'failed')).toMatchObject({ reason: 'Missing', endpoint: null })
  expect(await platform.get(here.ref.name)).toMatchObject({ phase: 'ready' })
})

it('what was lost while nobody looked is found at the start', async () => {
  const lost = await made()
  await platform.stopWorking()
  await engine.destroy(lost.ref)
  observer = startObserver(platform.domain, location, engine, { onNews: () => {}, leads: async () => true })
  expect(await platform.inPhase(lost.ref.name, 'failed')).toMatchObject({ reason: 'Missing' })
  platform.startWorking()
})

it('a location that cannot say whether it lost something is asked again', async () => {
  const { ref } = await made()
  engine.setOutage('The location is being moved.')
  engine.say({ kind: 'gone', ref })
  engine.say({ kind: 'event', event: { ref, at: new Date(), type: 'after', severity: 'info', message: '', details: {} } })
  engine.setOutage(undefined)
  await until(async () => (await eventsOf(ref.name)).some(event => event.type === 'after'), { deadlineMs: 5000 })
  expect(await platform.get(ref.name)).toMatchObject({ phase: 'ready' })
})

it('an event that two processes hear is kept once, and goes on being kept when the one that kept it ends', async () => {
  const { ref } = await made()
  const other = await createPlatform({ engine, beside: platform })
  try {
    const tell = (message: string) => engine.say({ kind: 'event', event: { ref, at: new Date(), type: 'heard', severity: 'info', message, details: {} } })
    const heard = async () => (await eventsOf(ref.name)).filter(event => event.type === 'heard').map(event => event.message)
    for (let i = 0; i < 10; i++)
      tell(`both ${i}`)
    await until(async () => (await heard()).length >= 10, { deadlineMs: 5000 })
    await platform.stopWorking()
    // Its session ends, and with it what it led.
    await platform.listener.close()
    await until(async () => {
      tell('after')
      return (await heard()).includes('after')
    }, { deadlineMs: 5000 })
    expect((await heard()).filter(message => message.startsWith('both'))).toHaveLength(10)
  }
  finally {
    await other.close()
  }
})
