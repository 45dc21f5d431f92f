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
    it('the password of the owner changes: the new one opens, the old one does not', async ({ skip }) => {
      const spec = await context.database()
      const rotated = {
        ...spec,
        generation: 2,
        owner: { ...spec.owner, password: `second-${crypto.randomUUID()}` },
      }
      expect(await context.engine.plan(rotated)).toMatchObject({ interruption: 'none', refusals: [] })
      expect((await context.settle(rotated)).at(-1)).toEqual({ outcome: 'done' })
      expect(await context.observe(spec)).toMatchObject({ phase: 'ready', generation: 2 })
      if (!context.harness.connect)
        return skip('no SQL here')
      await (await context.login(rotated)).close()
      await expect(context.login(spec)).rejects.toThrow(/password|authentication/i)
    })

    it('a parameter takes effect without an interruption and returns to its default', async ({ skip }) => {
      const spec = await context.database()
      const usual = await parameter(spec, 'work_mem')
      expect(usual).toMatchObject({
        isChanged: false,
        value: usual.default,
        type: 'integer',
        unit: 'kB',
        needsRestart: false,
      })
      const changed = {
        ...spec,
        generation: 2,
        parameters: { work_mem: '8MB' },
      }
      expect(await context.engine.plan(changed)).toMatchObject({ interruption: 'reload', refusals: [] })
      await context.settle(changed)
      expect(await parameter(spec, 'work_mem')).toMatchObject({ isChanged: true, value: '8MB', default: usual.default })
      const back = { ...spec, generation: 3 }
      await context.settle(back)
      expect(await parameter(spec, 'work_mem')).toMatchObject({ isChanged: false, value: usual.default })
      if (!context.harness.connect)
        return skip('no SQL here')
      const session = await context.login(spec)
      expect(await session.query('show work_mem')).toEqual([
        { work_mem: usual.default },
      ])
      await session.close()
    })

    it('a parameter that needs a restart says so, and is in effect when ensure is done', async ({ skip }) => {
      const spec = await context.database()
      const changed = {
        ...spec,
        generation: 2,
        parameters: { max_connections: '42' },
      }
      const plan = await context.engine.plan(changed)
      expect(plan).toMatchObject({ interruption: 'restart', refusals: [] })
      expect(plan.reasons.length).toBeGreaterThan(0)
      await context.settle(changed)
      expect(await parameter(spec, 'max_connections')).toMatchObject({
        isChanged: true,
        value: '42',
        needsRestart: true,
        pendingRestart: false,
      })
      expect(await context.observe(spec)).toMatchObject({ phase: 'ready', generation: 2, pendingRestart: [] })
      if (!context.harness.connect)
        return skip('no SQL here')
      const session = await context.login(spec)
      expect(await session.query('show max_connections')).toEqual([
        { max_connections: '42' },
      ])
      await session.close()
    })

    it('a new size is in effect when ensure is done', async ({ skip }) => {
      const spec = await context.database()
      const { storage } = await context.engine.capabilities()
      const larger = {
        ...spec,
        generation: 2,
        memoryMib: 512,
        ...storage.canGrow ? { storageGib: 12 } : {},
      }
      expect((await context.settle(larger)).at(-1)).toEqual({ outcome: 'done' })
      expect(await context.observe(spec)).toMatchObject({ phase: 'ready', generation: 2 })
      if (!context.harness.connect)
        return skip('no SQL here')
      const session = await context.login(spec)
      expect(await session.query('show shared_buffers')).toEqual([
        { shared_buffers: '128MB' },
      ])
      await session.close()
    })

    it('extensions are switched on with what they require, and off again', async () => {
      const spec = await context.database()
      expect(await extension(spec, 'earthdistance')).toMatchObject({
        installedVersion: null,
        requires: ['cube'],
      })
      await context.settle({
        ...spec,
        generation: 2,
        extensions: ['earthdistance'],
      })
      const on = await extension(spec, 'earthdistance')
      expect(on.installedVersion).toBe(on.defaultVersion)
      expect((await extension(spec, 'cube')).installedVersion).not.toBeNull()
      await context.settle({ ...spec, generation: 3 })
      expect((await extension(spec, 'earthdistance')).installedVersion).toBeNull()
    })

    it('extensions that were asked for at create are there when it is ready', async () => {
      const spec = await context.database({
        extensions: ['pgcrypto'],
      })
      expect((await extension(spec, 'pgcrypto')).installedVersion).not.toBeNull()
    })

    it('another engine object between any two steps of a change ends in the same state', async () => {
      const spec = await context.database()
      const changed: DatabaseSpec = {
        ...spec,
        generation: 2,
        parameters: { max_connections: '43', work_mem: '9MB' },
        extensions: ['cube'],
        owner: { ...spec.owner, password: `third-${crypto.randomUUID()}` },
        restartToken: 'again',
      }
      await context.until('it settles', async () => {
        const { outcome } = await context.engine.ensure(changed)
        await context.reopen()
        return outcome === 'done'
      })
      expect(await parameter(spec, 'max_connections')).toMatchObject({ value: '43' })
      expect(await parameter(spec, 'work_mem')).toMatchObject({ value: '9MB' })
      expect((await extension(spec, 'cube')).installedVersion).not.toBeNull()
      expect(await context.engine.ensure(changed)).toEqual({ outcome: 'done' })
      if (context.harness.connect)
        await (await context.login(changed)).close()
    })

    it('a network that is not allowed stays out, and the database is ready all the same', async ({ skip }) => {
      if (!(await context.engine.capabilities()).allowedCidrs)
        return skip('networks are not honoured here')
      const spec = await context.database({
        allowedCidrs: ['203.0.113.0/24'],
      })
      expect(await context.observe(spec)).toMatchObject({ phase: 'ready' })
      if (!context.harness.connect)
        return skip('no SQL here')
      await expect(context.login(spec)).rejects.toThrow()
      const opened = {
        ...spec,
        generation: 2,
        allowedCidrs: ['0.0.0.0/0', '::/0'],
      }
      expect(await context.engine.plan(opened)).toMatchObject({ interruption: 'reload' })
      await context.settle(opened)
      await (await context.login(spec)).close()
      await context.settle({ ...spec, generation: 3 })
      await expect(context.login(spec)).rejects.toThrow()
    })
  })
}
