import type { Engine } from '@howdah/engine'
import type { Platform, PlatformOptions } from '../../test/platform.ts'
import { setImmediate } from 'node:timers/promises'
import { EngineError } from '@howdah/engine'
import { FakeEngine } from '@howdah/engine/fake'
import { until } from '@howdah/testkit'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform, location } from '../../test/platform.ts'
import { aroundSteps } from '../../test/step-engine.ts'
import { nextOperationInMs } from '../store/operations.ts'

const open: Platform[] = []
afterEach(async () => {
  // The ones beside another go first: the store is its.
  for (const platform of open.splice(0).reverse())
    await platform.close()
})
async function platformOf(options: PlatformOptions): Promise<Platform> {
  const platform = await createPlatform(options)
  open.push(platform)
  return platform
}
async function rowOf(platform: Platform, id: string) {
  return await platform.domain.store.db.selectFrom('operations').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

/** An engine whose steps wait at a gate while it is shut. */
function gated() {
  const fake = new FakeEngine()
  let gate: PromiseWithResolvers<void> | undefined
  let waiting = 0
  let steps = 0
  const engine = aroundSteps(fake, async (_, run) => {
    steps++
    waiting++
    await gate?.promise
    waiting--
    return await run()
  })
  return {
    engine,
    fake,
    shut: () => void (gate = Promise.withResolvers()),
    open: () => void (gate?.resolve(), gate = undefined),
    waiting: () => waiting,
    steps: () => steps,
  }
}

/** An engine whose next steps fail with what it is given. */
function failing(errors: unknown[]): Engine {
  return aroundSteps(new FakeEngine(), async (_, run) => {
    if (errors.length > 0)
      throw errors.shift()
    return await run()
  })
}

it('a backup that takes long holds up nothing else of its database', async () => {
  const fake = new FakeEngine()
  const held = Promise.withResolvers<void>()
  const take = fake.takeBackup.bind(fake)
  fake.takeBackup = async (...args) => {
    await held.promise
    return await take(...args)
  }
  const platform = await platformOf({ engine: fake })
  await platform.create('orders')
  const { body: backup } = await platform.ask('POST', '/api/databases/orders/backups')
  const { body: restart } = await platform.ask('POST', '/api/databases/orders/restart', undefined, { prefer: 'wait=30' })
  expect(restart).toMatchObject({ type: 'database.restart', phase: 'succeeded' })
  expect((await rowOf(platform, backup.id)).phase).toBe('running')
  held.resolve()
  await platform.ended(backup.id)
  expect((await rowOf(platform, backup.id)).phase).toBe('succeeded')
})

describe('two workers on one store', () => {
  it('never run steps of one database at the same time, and end its operations in their order', async () => {
    const running = new Map<string, number>()
    const overlaps: string[] = []
    const engine = aroundSteps(new FakeEngine(), async (id, run) => {
      const now = (running.get(id) ?? 0) + 1
      running.set(id, now)
      if (now > 1)
        overlaps.push(id)
      // Long enough for the other worker to step in, if it would.
      for (let turn = 0; turn < 20; turn++)
        await setImmediate()
      try {
        return await run()
      }
      finally {
        running.set(id, running.get(id)! - 1)
      }
    })
    const first = await platformOf({ engine })
    const second = await platformOf({ engine, beside: first })
    const names = Array.from({ length: 10 }, (_, i) => `db${i}`)
    await Promise.all(names.map((name, i) => (i % 2 ? first : second).create(name)))
    await Promise.all(names.flatMap(name => [
      first.ask('POST', `/api/databases/${name}/users`, { name: 'a' }),
      second.ask('POST', `/api/databases/${name}/users`, { name: 'b' }),
      first.ask('PATCH', `/api/databases/${name}`, { cpu: 2 }),
    ]))
    await until(async () => (await first.domain.store.db.selectFrom('operations').select('id').where('phase', 'in', ['pending', 'running']).execute()).length === 0, { deadlineMs: 20_000 })
    expect(overlaps).toEqual([])
    const rows = await first.domain.store.db.selectFrom('operations').select(['database_id', 'phase', 'started_at', 'finished_at']).orderBy('seq').execute()
    expect(rows.every(row => row.phase === 'succeeded')).toBe(true)
    for (const id of new Set(rows.map(row => row.database_id))) {
      const mine = rows.filter(row => row.database_id === id)
      for (const [index, row] of mine.slice(1).entries())
        expect(row.started_at!.getTime()).toBeGreaterThanOrEqual(mine[index]!.finished_at!.getTime() - 5)
    }
  })

  it('a step that takes longer than a lease stays with the worker that runs it', async () => {
    const gate = gated()
    const first = await platformOf({ engine: gate.engine, worker: { leaseMs: 200 } })
    gate.shut()
    const { body } = await first.ask('POST', '/api/databases', { name: 'orders' })
    await until(() => gate.waiting() === 1, { deadlineMs: 5000 })
    await platformOf({ engine: gate.engine, beside: first, worker: { leaseMs: 200 } })
    const begun = await rowOf(first, body.operation)
    await until(async () => (await rowOf(first, body.operation)).lease_until!.getTime() > begun.lease_until!.getTime() + 600, { deadlineMs: 10_000, what: 'the lease was renewed again and again' })
    expect((await rowOf(first, body.operation)).lease_owner).toBe(begun.lease_owner)
    expect(gate.steps()).toBe(1)
    gate.open()
    expect((await first.ended(body.operation)).phase).toBe('succeeded')
  })

  it('whoever lost the lease begins no further step and writes nothing', async () => {
    const gate = gated()
    const platform = await platformOf({ engine: gate.engine, worker: { leaseMs: 60_000 } })
    gate.shut()
    const { body } = await platform.ask('POST', '/api/databases', { name: 'orders' })
    await until(() => gate.waiting() === 1, { deadlineMs: 5000 })
    const stranger = crypto.randomUUID()
    await platform.domain.store.db.updateTable('operations').set({ lease_owner: stranger }).where('id', '=', body.operation).execute()
    gate.open()
    await until(() => gate.waiting() === 0, { deadlineMs: 5000 })
    await platform.stopWorking()
    expect(await rowOf(platform, body.operation)).toMatchObject({ lease_owner: stranger, phase: 'running', step: null })
    expect(gate.steps()).toBe(1)
  })
})

it('a worker whose whole process was held up for longer than a lease goes on where it stood', async () => {
  const platform = await platformOf({ worker: { leaseMs: 300 } })
  const { body } = await platform.ask('POST', '/api/databases', { name: 'slow-ready' })
  for (let i = 0; i < 5; i++) {
    await until(async () => (await rowOf(platform, body.operation)).message !== '', { deadlineMs: 5000 })
    // Blocks the process, as a machine that is suspended does: this is the fault, not a wait.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700)
  }
  platform.engine.release(body.id)
  expect((await platform.ended(body.operation)).phase).toBe('succeeded')
})

describe('drain', () => {
  it('the present step ends, the lease is given back, and another worker goes on at once', async () => {
    const gate = gated()
    const first = await platformOf({ engine: gate.engine, worker: { leaseMs: 60_000 } })
    gate.shut()
    const { body } = await first.ask('POST', '/api/databases', { name: 'orders' })
    await until(() => gate.waiting() === 1, { deadlineMs: 5000 })
    const draining = first.stopWorking()
    gate.open()
    await draining
    expect(gate.steps()).toBe(1)
    expect(await rowOf(first, body.operation)).toMatchObject({ phase: 'running', lease_owner: null })
    const second = await platformOf({ engine: gate.engine, beside: first, worker: { leaseMs: 60_000 } })
    // Much sooner than the lease that the first one had.
    expect((await second.ended(body.operation)).phase).toBe('succeeded')
  })
  it('what is claimed while it begins is given back, not begun', async () => {
    const gate = gated()
    const platform = await platformOf({ engine: gate.engine, isWorking: false, worker: { leaseMs: 60_000 } })
    const { body } = await platform.ask('POST', '/api/databases', { name: 'orders' })
    const { db } = platform.domain.store
    let draining: Promise<void> | undefined
    await db.transaction().execute(async (holder) => {
      await sql`lock table operations in exclusive mode`.execute(holder)
      platform.startWorking()
      await until(async () => (await sql`select 1 from pg_locks where relation = 'operations'::regclass and not granted`.execute(db)).rows.length > 0, { deadlineMs: 5000, what: 'the claim waits for the lock' })
      draining = platform.stopWorking()
    })
    await draining
    expect(gate.steps()).toBe(0)
    expect(await rowOf(platform, body.operation)).toMatchObject({ lease_owner: null })
  })
  it('a wait is not waited for', async () => {
    const platform = await platformOf({})
    const { body } = await platform.ask('POST', '/api/databases', { name: 'slow-ready' })
    platform.engine.setOutage('The location is being moved.')
    await until(async () => (await platform.operation(body.operation)).message.includes('moved'), { deadlineMs: 5000 })
    await platform.stopWorking()
    expect(await rowOf(platform, body.operation)).toMatchObject({ phase: 'running', lease_owner: null })
  })
})

describe('deadlines', () => {
  it('what does not end in its time fails, says why and what to do', async () => {
    const platform = await platformOf({})
    const { body } = await platform.ask('POST', '/api/databases', { name: 'slow-ready' })
    await until(async () => (await platform.operation(body.operation)).message !== '', { deadlineMs: 5000 })
    await platform.stopWorking()
    await platform.domain.store.db.updateTable('operations').set({ deadline_at: new Date(0) }).where('id', '=', body.operation).execute()
    platform.startWorking()
    expect(await platform.ended(body.operation)).toMatchObject({ phase: 'failed', error: { reason: 'DeadlineExceeded', message: expect.stringContaining('takes its time'), nextStep: expect.any(String) } })
    expect(await platform.get('slow-ready')).toMatchObject({ phase: 'failed', reason: 'DeadlineExceeded' })
  })
  it('time in which nobody worked on it does not count', async () => {
    const platform = await platformOf({ isWorking: false })
    const { body } = await platform.ask('POST', '/api/databases', { name: 'orders' })
    const longAgo = new Date(Date.now() - 24 * 3600_000)
    await platform.domain.store.db.updateTable('operations').set({ created_at: longAgo, deadline_at: new Date(longAgo.getTime() + 900_000) }).where('id', '=', body.operation).execute()
    platform.startWorking()
    expect((await platform.ended(body.operation)).phase).toBe('succeeded')
  })
})

describe('errors', () => {
  const errors: unknown[] = []
  let platform: Platform
  beforeAll(async () => {
    platform = await createPlatform({ engine: failing(errors) })
  })
  afterAll(async () => await platform.close())

  it('"not now" is tried again until it works', async () => {
    errors.push(new EngineError('unavailable', 'Not now.'), new EngineError('unavailable', 'Not yet.'))
    expect((await platform.create('orders')).phase).toBe('ready')
  })
  it('a bug is counted, tried again, and its words are not shown', async () => {
    errors.push(new TypeError('secret internals'), new TypeError('secret internals'))
    const { body } = await platform.ask('POST', '/api/databases', { name: 'buggy' })
    const messages = new Set<string>()
    await until(async () => {
      const operation = await platform.operation(body.operation)
      messages.add(operation.message)
      return operation.phase === 'succeeded'
    }, { deadlineMs: 10_000 })
    expect([...messages].join()).toContain('unexpected')
    expect([...messages].join()).not.toContain('internals')
    expect((await platform.services.metrics.bugs.get()).values[0]!.value).toBe(2)
  })
  it.each([
    ['conflict', 'Conflict'],
    ['invalid', 'Invalid'],
    ['exhausted', 'OutOfCapacity'],
    ['unsupported', 'Unsupported'],
    ['not-found', 'NotFound'],
  ] as const)('%s can never work: it fails as %s, with the next step', async (code, reason) => {
    errors.push(new EngineError(code, 'The disk is full.'))
    const { body } = await platform.ask('POST', '/api/databases', { name: code })
    expect(await platform.ended(body.operation)).toMatchObject({ phase: 'failed', error: { reason, message: 'The disk is full.', nextStep: expect.stringMatching(/\.$/) } })
    expect(await platform.get(code)).toMatchObject({ phase: 'failed', reason })
    const { body: audit } = await platform.ask('GET', `/api/audit/logs?target=database/${code}&outcome=failure`)
    expect(audit.items).toMatchObject([{ action: 'databases.create', actorKind: 'system', changes: { reason: { to: reason } } }])
  })
})

it('while one operation waits for another of its database, there is nothing to look for before the lease ends', async () => {
  const gate = gated()
  const platform = await platformOf({ engine: gate.engine, worker: { leaseMs: 60_000 } })
  await platform.create('orders')
  gate.shut()
  await platform.ask('PATCH', '/api/databases/orders', { cpu: 2 })
  await until(() => gate.waiting() === 1, { deadlineMs: 5000 })
  await platform.ask('PATCH', '/api/databases/orders', { cpu: 4 })
  expect(await nextOperationInMs(platform.domain.store.db, [location])).toBeGreaterThan(10_000)
  gate.open()
  await platform.inPhase('orders', 'ready')
})
