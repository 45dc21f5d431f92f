import type { Context } from '../conformance.ts'
import type { DatabaseSpec } from '../spec.ts'
import { describe, expect, it } from 'vitest'

export function changesSuite(context: Context): void {
  async function parameter(spec: DatabaseSpec, name: string) {
    const found = (await context.engine.parameters(spec)).find(candidate => candidate.name === name)
    if (!found)
      throw new Error(`there is no parameter ${name}`)
    return found
  }

  async function extension(spec: DatabaseSpec, name: string) {
    const found = (await context.engine.extensions(spec)).find(candidate => candidate.name === name)
    if (!found)
      throw new Error(`there is no extension ${name}`)
    return found
  }

  describe('changes', () => {
    /** One that changes many times, as databases do. */
    const shared = context.shared(async () => ({ spec: await context.database() }))
    const begunClosed = context.shared(async () => ({ spec: await context.database({ extensions: ['pgcrypto'], allowedCidrs: ['203.0.113.0/24'] }) }))

    /** Its next spec. */
    function next({ spec }: { readonly spec: DatabaseSpec }, change: Partial<DatabaseSpec> = {}): DatabaseSpec {
      return { ...spec, generation: spec.generation + 1, ...change }
    }

    it('the password of the owner changes: the new one opens, the old one does not', async ({ skip }) => {
      const place = await shared()
      const { spec } = place
      const rotated = next(place, { owner: { ...spec.owner, password: `second-${crypto.randomUUID()}` } })
      expect(await context.engine.plan(rotated)).toMatchObject({ interruption: 'none', refusals: [] })
      expect((await context.settle(rotated)).at(-1)).toEqual({ outcome: 'done' })
      place.spec = rotated
      expect(await context.observe(spec)).toMatchObject({ phase: 'ready', generation: rotated.generation })
      if (!context.harness.connect)
        return skip('no SQL here')
      await (await context.login(rotated)).close()
      await expect(context.login(spec)).rejects.toThrow(/password|authentication/i)
    })

    it('a parameter takes effect without an interruption and returns to its default', async ({ skip }) => {
      const place = await shared()
      const { spec } = place
      const usual = await parameter(spec, 'work_mem')
      expect(usual).toMatchObject({
        isChanged: false,
        value: usual.default,
        type: 'integer',
        unit: 'kB',
        needsRestart: false,
      })
      place.spec = next(place, { parameters: { ...spec.parameters, work_mem: '8MB' } })
      expect(await context.engine.plan(place.spec)).toMatchObject({ interruption: 'reload', refusals: [] })
      await context.settle(place.spec)
      expect(await parameter(spec, 'work_mem')).toMatchObject({ isChanged: true, value: '8MB', default: usual.default })
      place.spec = next(place, { parameters: spec.parameters })
      await context.settle(place.spec)
      expect(await parameter(spec, 'work_mem')).toMatchObject({ isChanged: false, value: usual.default })
      if (!context.harness.connect)
        return skip('no SQL here')
      const session = await context.login(place.spec)
      expect(await session.query('show work_mem')).toEqual([
        { work_mem: usual.default },
      ])
      await session.close()
    })

    it('a parameter that needs a restart says so, and is in effect when ensure is done', async ({ skip }) => {
      const place = await shared()
      const changed = next(place, { parameters: { ...place.spec.parameters, max_connections: '42' } })
      const plan = await context.engine.plan(changed)
      expect(plan).toMatchObject({ interruption: 'restart', refusals: [] })
      expect(plan.reasons.length).toBeGreaterThan(0)
      await context.settle(changed)
      place.spec = changed
      expect(await parameter(changed, 'max_connections')).toMatchObject({
        isChanged: true,
        value: '42',
        needsRestart: true,
        pendingRestart: false,
      })
      expect(await context.observe(changed)).toMatchObject({ phase: 'ready', generation: changed.generation, pendingRestart: [] })
      if (!context.harness.connect)
        return skip('no SQL here')
      const session = await context.login(changed)
      expect(await session.query('show max_connections')).toEqual([
        { max_connections: '42' },
      ])
      await session.close()
    })

    it('a new size is in effect when ensure is done', async ({ skip }) => {
      const place = await shared()
      const { storage } = await context.engine.capabilities()
      const larger = next(place, {
        memoryMib: 512,
        ...storage.canGrow ? { storageGib: 12 } : {},
      })
      expect((await context.settle(larger)).at(-1)).toEqual({ outcome: 'done' })
      place.spec = larger
      expect(await context.observe(larger)).toMatchObject({ phase: 'ready', generation: larger.generation })
      if (!context.harness.connect)
        return skip('no SQL here')
      const session = await context.login(larger)
      expect(await session.query('show shared_buffers')).toEqual([
        { shared_buffers: '128MB' },
      ])
      await session.close()
    })

    it('extensions are switched on with what they require, and off again', async () => {
      const place = await shared()
      const { spec } = place
      expect(await extension(spec, 'earthdistance')).toMatchObject({
        installedVersion: null,
        requires: ['cube'],
      })
      place.spec = next(place, { extensions: ['earthdistance'] })
      await context.settle(place.spec)
      const on = await extension(spec, 'earthdistance')
      expect(on.installedVersion).toBe(on.defaultVersion)
      expect((await extension(spec, 'cube')).installedVersion).not.toBeNull()
      place.spec = next(place, { extensions: [] })
      await context.settle(place.spec)
      expect((await extension(spec, 'earthdistance')).installedVersion).toBeNull()
    })

    it('extensions that were asked for at create are there when it is ready', async () => {
      const { spec } = await begunClosed()
      expect((await extension(spec, 'pgcrypto')).installedVersion).not.toBeNull()
    })

    it('another engine object between any two steps of a change ends in the same state', async () => {
      const place = await shared()
      const changed = next(place, {
        parameters: { max_connections: '43', work_mem: '9MB' },
        extensions: ['cube'],
        owner: { ...place.spec.owner, password: `third-${crypto.randomUUID()}` },
        restartToken: 'again',
      })
      await context.ended('it settles', async () => {
        const progress = await context.engine.ensure(changed)
        await context.reopen()
        return progress
      })
      place.spec = changed
      expect(await parameter(changed, 'max_connections')).toMatchObject({ value: '43' })
      expect(await parameter(changed, 'work_mem')).toMatchObject({ value: '9MB' })
      expect((await extension(changed, 'cube')).installedVersion).not.toBeNull()
      expect(await context.engine.ensure(changed)).toEqual({ outcome: 'done' })
      if (context.harness.connect)
        await (await context.login(changed)).close()
    })

    it('a network that is not allowed stays out, and the database is ready all the same', async ({ skip }) => {
      if (!(await context.engine.capabilities()).allowedCidrs)
        return skip('networks are not honoured here')
      const place = await begunClosed()
      const { spec } = place
      expect(await context.observe(spec)).toMatchObject({ phase: 'ready' })
      if (!context.harness.connect)
        return skip('no SQL here')
      await expect(context.login(spec)).rejects.toThrow()
      place.spec = next(place, { allowedCidrs: ['0.0.0.0/0', '::/0'] })
      expect(await context.engine.plan(place.spec)).toMatchObject({ interruption: 'reload' })
      await context.settle(place.spec)
      await (await context.login(spec)).close()
      place.spec = next(place, { allowedCidrs: spec.allowedCidrs })
      await context.settle(place.spec)
      await expect(context.login(spec)).rejects.toThrow()
    })
  })
}
