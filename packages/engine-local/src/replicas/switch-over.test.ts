import type { DatabaseSpec } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import type { Topology } from './topology.ts'
import { randomUUID } from 'node:crypto'
import { until } from '@howdah/testkit'
import { untilDone } from '@howdah/testkit/until-done'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testEngine } from '../testing/local-engine.ts'
import { primaryOf, replicasOf, whole } from '../testing/replicated.ts'
import { atInstance } from '../testing/superuser.ts'
import { heirOf } from './heir.ts'

const mebibyte = 2 ** 20

describe('who is to become the primary', () => {
  const of = (lags: Readonly<Record<number, number>>, to?: string): unknown => {
    const members = [1, 2, 3].map(ordinal => ({ ordinal, port: 0, state: 'replica' }))
    const topology = { primary: 1, members } as unknown as Topology // nothing else of it is read
    return heirOf({ topology, memberName: ordinal => `orders-${ordinal}` }, { lagOf: ordinal => lags[ordinal] }, to)
  }

  it('is the most advanced of the replicas that are hardly behind, of equals the first', () => {
    expect(of({ 2: 9 * mebibyte, 3: mebibyte })).toBe(3)
    expect(of({ 2: 0, 3: 0 })).toBe(2)
    expect(of({ 3: 0 })).toBe(3)
    expect(of({ 2: 9 * mebibyte, 3: 0 }, 'orders-2')).toBe(2)
  })

  it('is nobody while all are behind, or away: it is said of each how far', () => {
    expect(of({ 2: 47.5 * mebibyte })).toEqual({
      message: 'No replica follows closely enough to take over now: orders-2 is 48 MiB behind, orders-3 does not follow; it may be 16 MiB.',
      nextStep: expect.stringContaining('try again'),
      mayPass: true,
    })
    expect(of({ 2: 47.5 * mebibyte, 3: 0 }, 'orders-2')).toMatchObject({ message: '"orders-2" does not follow closely enough to take over now: orders-2 is 48 MiB behind; it may be 16 MiB.', mayPass: true })
  })

  it('is nobody who is no replica, however long one waits', () => {
    expect(of({ 2: 0, 3: 0 }, 'orders-1')).toMatchObject({ message: '"orders-1" is no replica of this database.', mayPass: false })
  })
})

describe('a switchover while the replica is behind', () => {
  let test: TestEngine
  let spec: DatabaseSpec
  beforeAll(async () => {
    test = await testEngine({ timings: { checkReplicatedEvery: 100, answerWithin: 1_000, backOff: [20, 50, 100] } })
  }, 120_000)

  /** The replica receives, and replays nothing, while much is written. */
  beforeEach(async () => {
    spec = await test.database({ instances: 2 })
    await whole(test, spec)
    await onReplica('select pg_wal_replay_pause()')
    const client = await test.connect(spec)
    await client.query('create table kept as select n, repeat(md5(n::text), 20) from generate_series(1, 60000) n')
    await client.end()
    await until(async () => (await test.observe(spec)).members.some(({ lagBytes }) => (lagBytes ?? 0) > 16 * mebibyte), { deadlineMs: 20_000, what: 'it is seen to be behind' })
  })
  afterAll(async () => await test.remove(), 60_000)

  async function onReplica(text: string): Promise<void> {
    const [ordinal = 0] = replicasOf(await test.observe(spec))
    await atInstance(test, spec, ordinal, text)
  }

  it('waits for it, and is served when it has caught up', async () => {
    const order = { id: randomUUID() }
    const before = primaryOf(await test.observe(spec))
    expect(await test.engine.switchOver(spec, order)).toEqual({ outcome: 'wait', step: 'hand-over', afterMs: expect.any(Number), reason: expect.stringMatching(/is \d+ MiB behind/) })
    await onReplica('select pg_wal_replay_resume()')
    await untilDone('it is handed over', async () => await test.engine.switchOver(spec, order), { deadlineMs: 30_000 })
    expect(primaryOf(await whole(test, spec))).not.toBe(before)
    const client = await test.connect(spec)
    expect((await client.query('select count(*)::int as count from kept')).rows).toEqual([{ count: 60_000 }])
    await client.end()
  }, 120_000)

  it('is not refused beforehand when it catches up within moments', async () => {
    const plan = test.engine.planSwitchover(spec)
    await onReplica('select pg_wal_replay_resume()')
    expect(await plan).toMatchObject({ interruption: 'restart', refusals: [] })
  }, 120_000)

  it('is refused when it stays behind: how far, and what to do; the primary serves on', async () => {
    const order = { id: randomUUID() }
    const before = await test.observe(spec)
    const refused = await until(async () => {
      const progress = await test.engine.switchOver(spec, order)
      return progress.outcome === 'wait' ? undefined : progress
    }, { deadlineMs: 30_000, what: 'it is refused' })
    expect(refused).toMatchObject({ outcome: 'failed', reason: 'NoReplica', message: expect.stringMatching(/is \d+ MiB behind/), nextStep: expect.stringContaining('try again') })
    expect((await test.engine.planSwitchover(spec)).refusals).toEqual([{ pointer: '/to', detail: expect.stringMatching(/is \d+ MiB behind.*try again/) }])
    expect(primaryOf(await test.observe(spec))).toBe(primaryOf(before))
    const client = await test.connect(spec)
    await client.query('insert into kept values (0)')
    await client.end()
    await onReplica('select pg_wal_replay_resume()')
  }, 120_000)
})
