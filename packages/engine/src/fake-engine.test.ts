import type { Notification } from './observed.ts'
import type { DatabaseSpec } from './spec.ts'
import { describe, expect, it } from 'vitest'
import { describeEngine } from './conformance.ts'
import { FakeEngine, FakeWorld, sentinels } from './fake-engine.ts'

describeEngine('FakeEngine', async () => {
  const world = new FakeWorld()
  return { createEngine: () => new FakeEngine({ world }), cleanup: async () => {} }
})

describe('what tests do with FakeEngine', () => {
  function spec(name: string): DatabaseSpec {
    return {
      id: name,
      project: 'p',
      name,
      generation: 1,
      version: 18,
      instances: 1,
      storageGib: 10,
      cpu: 1,
      memoryMib: 512,
      durability: 'async',
      parameters: {},
      extensions: [],
      allowedCidrs: [],
      labels: {},
      hibernated: false,
      restartToken: '',
      database: 'app',
      owner: { user: 'app', password: 'secret' },
    }
  }

  async function opened(): Promise<FakeEngine> {
    const engine = new FakeEngine({ now: () => new Date(0) })
    await engine.open()
    return engine
  }

  async function settle(engine: FakeEngine, of: DatabaseSpec) {
    for (;;) {
      const progress = await engine.ensure(of)
      if (progress.outcome !== 'continue')
        return progress
    }
  }

  it('a database named fail-provision fails, again and again, and can be deleted', async () => {
    const engine = await opened()
    const failing = spec(sentinels.failProvision)
    expect(await settle(engine, failing)).toMatchObject({ outcome: 'failed', reason: 'StartFailed' })
    expect(await settle(engine, failing)).toMatchObject({ outcome: 'failed' })
    expect(await engine.observe(failing)).toMatchObject({ phase: 'failed', members: [{ phase: 'failed' }] })
    await engine.destroy(failing)
    expect(await engine.list()).toEqual([])
  })

  it('a database named slow-ready stays provisioning until it is released', async () => {
    const engine = await opened()
    const slow = spec(sentinels.slowReady)
    expect(await settle(engine, slow)).toMatchObject({ outcome: 'wait', step: 'login' })
    expect(await engine.observe(slow)).toMatchObject({ phase: 'provisioning' })
    engine.release(slow.id)
    expect(await settle(engine, slow)).toEqual({ outcome: 'done' })
    expect(await engine.observe(slow)).toMatchObject({ phase: 'ready' })
  })

  it('a crash is told with its event, and lasts until it recovers', async () => {
    const engine = await opened()
    const heard: Notification[] = []
    const db = spec('db')
    await settle(engine, db)
    engine.watch(notification => heard.push(notification))
    engine.crash(db.id)
    expect(await engine.observe(db)).toMatchObject({ phase: 'restarting', reason: 'PostmasterExited', connections: undefined })
    expect(await settle(engine, db)).toMatchObject({ outcome: 'wait' })
    await expect(engine.roles(db)).rejects.toMatchObject({ code: 'unavailable' })
    engine.recover(db.id)
    expect(await settle(engine, db)).toEqual({ outcome: 'done' })
    const events = heard.flatMap(notification => notification.kind === 'event' ? [notification.event.type] : [])
    expect(events).toEqual(['instance.exited', 'instance.restarted'])
  })

  it('an outage makes everything unavailable, and loses nothing', async () => {
    const engine = await opened()
    const db = spec('db')
    await settle(engine, db)
    engine.setOutage('away')
    for (const call of [() => engine.check(), () => engine.ensure(db), () => engine.observe(db), () => engine.list(), () => engine.roles(db), () => engine.destroy(db)])
      await expect(call()).rejects.toMatchObject({ code: 'unavailable', message: 'away' })
    engine.setOutage(undefined)
    expect(await engine.observe(db)).toMatchObject({ phase: 'ready' })
  })

  it('every run of it is the same', async () => {
    const story = async (): Promise<unknown> => {
      const engine = await opened()
      const heard: Notification[] = []
      engine.watch(notification => heard.push(notification))
      const db = spec('db')
      await settle(engine, db)
      await settle(engine, { ...db, generation: 2, parameters: { work_mem: '8MB' }, extensions: ['cube'] })
      return [heard, await engine.list(), await engine.logs(db, { limit: 100 })]
    }
    expect(await story()).toEqual(await story())
  })
})
