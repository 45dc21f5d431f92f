import type { Context } from '../conformance.ts'
import { describe, expect, it } from 'vitest'
import { hear } from '../conformance.ts'
import { EngineError } from '../errors.ts'

export function lifecycleSuite(context: Context): void {
  describe('lifecycle', () => {
    /** The database that tests look at without changing it, with what was said while it was made. */
    const first = context.shared(async () => {
      const spec = context.spec()
      const plan = await context.engine.plan(spec)
      const phases: string[] = []
      const stop = context.engine.watch((notification) => {
        if (notification.kind === 'observed' && notification.observed.ref.id === spec.id)
          phases.push(notification.observed.phase)
      })
      const seen = await context.settle(spec)
      stop()
      const session = context.harness.connect && await context.login(spec)
      const logins = await session?.query('select current_user as me, current_database() as here')
      await session?.close()
      return { spec, plan, seen, phases, logins }
    })

    it('a new database reports the planned steps in order, then done, and is ready', async () => {
      const { plan: { refusals, steps }, seen, spec } = await first()
      expect(refusals).toEqual([])
      const reported = seen.flatMap(progress => progress.outcome === 'continue'
        ? [progress.step]
        : [])
      expect(seen.at(-1)).toEqual({ outcome: 'done' })
      expect(steps.filter(step => reported.includes(step))).toEqual([
        ...new Set(reported),
      ])
      expect(await context.observe(spec)).toMatchObject({
        ref: { id: spec.id, project: spec.project, name: spec.name },
        phase: 'ready',
        reason: '',
        generation: 1,
        managedBy: 'howdah',
        members: [
          { role: 'primary', phase: 'ready' },
        ],
        endpoint: {
          host: expect.any(String),
          port: expect.any(Number),
          caCertificate: expect.stringContaining('BEGIN CERTIFICATE'),
        },
        serverVersion: expect.stringMatching(/^18\./),
      })
    })

    it('the place says who it is, the same to every engine object', async () => {
      const identity = await context.engine.identity()
      expect(identity).not.toBe('')
      await context.reopen()
      expect(await context.engine.identity()).toBe(identity)
    })

    it('a database is provisioning from its first step until its owner could log in', async () => {
      const { phases } = await first()
      const firstReady = phases.indexOf('ready')
      expect(firstReady).toBeGreaterThan(0)
      expect(new Set(phases.slice(0, firstReady))).toEqual(new Set(['provisioning']))
    })

    it('once a spec is in effect, ensuring it again is done at once and the plan is empty', async () => {
      const { spec } = await first()
      expect(await context.engine.ensure(spec)).toEqual({ outcome: 'done' })
      expect(await context.engine.plan(spec)).toEqual({
        steps: [],
        interruption: 'none',
        reasons: [],
        refusals: [],
      })
    })

    it('the owner logs in through the endpoint as soon as ensure is done', async ({ skip }) => {
      if (!context.harness.connect)
        return skip('no SQL here')
      const { logins, spec } = await first()
      expect(logins).toEqual([
        { me: spec.owner.user, here: spec.database },
      ])
    })

    it('another engine object between any two steps ends in the same state', async () => {
      const spec = context.spec()
      await context.ended('it settles', async () => {
        const progress = await context.engine.ensure(spec)
        await context.reopen()
        return progress
      })
      expect(await context.observe(spec)).toMatchObject({ phase: 'ready', generation: 1 })
    })

    it('several calls at the same time end in one database', async () => {
      const spec = context.spec()
      await Promise.all([
        context.settle(spec),
        context.settle(spec),
        context.settle(spec),
      ])
      expect((await context.engine.list()).filter(({ ref }) => ref.id === spec.id)).toHaveLength(1)
      expect(await context.observe(spec)).toMatchObject({ phase: 'ready' })
    })

    it('databases made at the same time have addresses of their own', async () => {
      const specs = await Promise.all([
        context.database(),
        context.database(),
        context.database(),
      ])
      const observed = await Promise.all(specs.map(context.observe))
      expect(new Set(observed.map(({ endpoint }) => `${endpoint?.host}:${endpoint?.port}`)).size).toBe(3)
    })

    it('what runs is adopted by the next engine object, not started again', async () => {
      const { spec } = await first()
      const before = await context.observe(spec)
      const start = async (): Promise<unknown> => {
        if (!context.harness.connect)
          return undefined
        const session = await context.login(spec)
        const [row] = await session.query('select pg_postmaster_start_time()::text as started')
        await session.close()
        return row
      }
      const started = await start()
      await context.reopen()
      const after = await context.until('it is ready again', async () => {
        const observed = await context.observe(spec)
        return observed.phase === 'ready'
          ? observed
          : undefined
      })
      expect(after).toMatchObject({ ref: before.ref, endpoint: before.endpoint, generation: before.generation })
      expect(await start()).toEqual(started)
      expect(await context.engine.ensure(spec)).toEqual({ outcome: 'done' })
    })

    it('deleting leaves nothing, may be repeated, and frees the name', async () => {
      const spec = await context.database()
      const heard = await hear(context, list => list.some(({ kind }) => kind === 'gone'), async () => {
        await context.ended('it is gone', async () => await context.engine.destroy(spec))
      })
      expect(heard.filter(({ kind }) => kind === 'gone')).toHaveLength(1)
      expect(await context.engine.observe(spec)).toBeUndefined()
      expect((await context.engine.list()).map(({ ref }) => ref.id)).not.toContain(spec.id)
      expect(await context.engine.destroy(spec)).toEqual({ outcome: 'done' })
      const again = await context.database({ name: spec.name })
      expect(again.id).not.toBe(spec.id)
      expect(await context.observe(again)).toMatchObject({ phase: 'ready' })
      expect(await context.engine.destroy(spec)).toEqual({ outcome: 'done' })
      expect(await context.observe(again)).toMatchObject({ phase: 'ready' })
    })

    it('deleting can leave the volumes, which no other database of the name begins with; or is refused, and nothing has happened', async () => {
      const spec = await context.database()
      const destroy = async () => await context.engine.destroy(spec, { keepVolumes: true })
      if (!(await context.engine.capabilities()).keepVolumes) {
        await expect(destroy()).rejects.toMatchObject({ code: 'unsupported' })
        expect(await context.observe(spec)).toMatchObject({ phase: 'ready' })
        return
      }
      await context.ended('it is gone', destroy)
      expect(await context.engine.observe(spec)).toBeUndefined()
      expect(await destroy()).toEqual({ outcome: 'done' })
      await expect(context.engine.ensure(context.spec({ name: spec.name }))).rejects.toMatchObject({ code: 'conflict' })
    })

    it('a database can be deleted while it is being made', async () => {
      const spec = context.spec()
      await context.engine.ensure(spec)
      await context.ended('it is gone', async () => await context.engine.destroy(spec))
      expect(await context.engine.observe(spec)).toBeUndefined()
    })

    it('of something unknown, destroy is done, observe is undefined and everything else is not-found', async () => {
      const unknown = {
        id: crypto.randomUUID(),
        project: 'conformance',
        name: 'unknown',
      }
      expect(await context.engine.destroy(unknown)).toEqual({ outcome: 'done' })
      expect(await context.engine.observe(unknown)).toBeUndefined()
      const { engine } = context
      for (const call of [
        () => engine.roles(unknown),
        () => engine.dropRole(unknown, 'someone'),
        () => engine.logicalDatabases(unknown),
        () => engine.extensions(unknown),
        () => engine.parameters(unknown),
        () => engine.logs(unknown, { limit: 10 }),
      ])
        await expect(call()).rejects.toSatisfy(error => error instanceof EngineError && error.code === 'not-found')
    })

    it('a watcher hears first how each database is, then what changes, until it stops', async () => {
      const { spec } = await first()
      const ids: string[] = []
      const stop = context.engine.watch((notification) => {
        if (notification.kind === 'observed')
          ids.push(notification.observed.ref.id)
      })
      await context.until('the present state is heard', () => ids.includes(spec.id))
      const next = context.spec()
      await context.engine.ensure(next)
      await context.until('what changes is heard', () => ids.includes(next.id))
      stop()
      const heardUntilStop = ids.length
      const last = context.spec()
      await hear(context, list => list.some(heard => heard.kind === 'observed' && heard.observed.ref.id === last.id), async () => await context.engine.ensure(last))
      expect(ids).toHaveLength(heardUntilStop)
    })

    it('a closed engine is unavailable, an open one passes its check', async () => {
      await context.engine.check()
      const closed = context.harness.createEngine()
      await expect(closed.check()).rejects.toSatisfy(error => error instanceof EngineError && error.code === 'unavailable')
    })

    /** The one that tests change. */
    const changing = context.shared(async () => ({ spec: await context.database() }))

    it('a restart happens once for each new token', async ({ skip }) => {
      const place = await changing()
      const { spec } = place
      const asked = { ...spec, generation: spec.generation + 1, restartToken: 'first' }
      expect(await context.engine.plan(asked)).toMatchObject({
        interruption: 'restart',
        reasons: [
          expect.any(String),
        ],
      })
      await context.settle(asked)
      expect(await context.engine.plan(asked)).toMatchObject({ steps: [] })
      place.spec = asked
      if (!context.harness.connect)
        return skip('no SQL here: start times cannot be compared')
      const started = async (): Promise<unknown> => {
        const session = await context.login(spec)
        const rows = await session.query('select pg_postmaster_start_time()::text as started')
        await session.close()
        return rows
      }
      const once = await started()
      await context.settle({ ...asked, generation: asked.generation + 1 })
      expect(await started()).toEqual(once)
      place.spec = { ...asked, generation: asked.generation + 2, restartToken: 'second' }
      await context.settle(place.spec)
      expect(await started()).not.toEqual(once)
    })

    it('a restart without a new token is for what somebody else delivers', async () => {
      const { spec } = await first()
      for (const ask of [async () => await context.engine.planRestart(spec), async () => await context.engine.restart(spec, { id: 'first' })])
        await expect(ask()).rejects.toSatisfy(error => error instanceof EngineError && error.code === 'conflict')
    })

    it('hibernating stops the server and keeps the data, resuming brings both back at the same address', async ({ skip }) => {
      if (!(await context.engine.capabilities()).hibernate)
        return skip('no hibernation here')
      const place = await changing()
      const { spec } = place
      const { endpoint } = await context.observe(spec)
      if (context.harness.connect) {
        const session = await context.login(spec)
        await session.query('create table kept as select 42 as answer')
        await session.close()
      }
      const asleep = { ...spec, generation: spec.generation + 1, hibernated: true }
      const awake = { ...spec, generation: spec.generation + 2 }
      expect((await context.settle(asleep)).at(-1)).toEqual({ outcome: 'done' })
      expect(await context.observe(spec)).toMatchObject({
        phase: 'hibernated',
        generation: asleep.generation,
        members: [
          { phase: 'stopped' },
        ],
      })
      if (context.harness.connect)
        await expect(context.login(spec)).rejects.toThrow()
      await context.reopen()
      expect(await context.observe(spec)).toMatchObject({ phase: 'hibernated' })
      expect((await context.settle(awake)).at(-1)).toEqual({ outcome: 'done' })
      place.spec = awake
      expect(await context.observe(spec)).toMatchObject({ phase: 'ready', generation: awake.generation, endpoint })
      if (context.harness.connect) {
        const session = await context.login(spec)
        expect(await session.query('select answer from kept')).toEqual([
          { answer: 42 },
        ])
        await session.close()
      }
    })
  })
}
