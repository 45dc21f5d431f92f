import type { Context } from '../conformance.ts'
import type { DatabaseSpec } from '../spec.ts'
import { describe, expect, it } from 'vitest'

export function upgradesSuite(context: Context): void {
  describe('upgrades', () => {
    /** Undefined where nothing is upgraded. */
    async function versions(): Promise<{ old: number, next: number } | undefined> {
      const { upgrade, versions: [newest, before] } = await context.engine.capabilities()
      return upgrade && newest && before ? context.harness.upgrade ?? { next: newest.major, old: before.major } : undefined
    }

    const orderFor = (version: number) => ({ id: crypto.randomUUID(), version, undoUntil: new Date(Date.now() + 60_000) })

    async function rows(spec: DatabaseSpec, text: string): Promise<Record<string, unknown>[] | undefined> {
      if (!context.harness.connect)
        return undefined
      const session = await context.login(spec)
      const found = await session.query(text)
      await session.close()
      return found
    }

    it('a database becomes one of another major version at its address, and what it was when that is undone', async ({ skip }) => {
      const { next, old } = await versions() ?? skip()
      const spec = await context.database({ version: old })
      await rows(spec, 'create table kept (n int); insert into kept values (1)')
      const { endpoint } = await context.observe(spec)
      const wanted = { ...spec, version: next }
      expect(await context.engine.planUpgrade(wanted)).toMatchObject({ interruption: 'restart', refusals: [] })
      const order = orderFor(next)
      expect(await context.ended('it is upgraded', async () => await context.engine.upgrade(spec, order))).toEqual({ outcome: 'done' })
      expect((await context.settle(wanted)).at(-1)).toEqual({ outcome: 'done' })
      expect(await context.observe(spec)).toMatchObject({ phase: 'ready', endpoint, serverVersion: expect.stringMatching(new RegExp(`^${next}\\.`)), undo: { id: order.id, version: old } })
      expect(await rows(wanted, 'insert into kept values (2) returning n') ?? [{ n: 2 }]).toEqual([{ n: 2 }])
      expect(await context.engine.upgrade(spec, order)).toEqual({ outcome: 'done' })
      expect(await context.ended('it is undone', async () => await context.engine.undoRestore(spec, order.id))).toEqual({ outcome: 'done' })
      expect((await context.settle(spec)).at(-1)).toEqual({ outcome: 'done' })
      expect(await context.observe(spec)).toMatchObject({ endpoint, serverVersion: expect.stringMatching(new RegExp(`^${old}\\.`)), undo: undefined })
      expect(await rows(spec, 'select n from kept') ?? [{ n: 1 }]).toEqual([{ n: 1 }])
    })

    it('a rehearsal reports, once, and changes nothing', async ({ skip }) => {
      const { next, old } = await versions() ?? skip()
      const spec = await context.database({ version: old })
      expect(await context.engine.upgradeReport(spec)).toBeUndefined()
      const { id } = orderFor(next)
      expect(await context.ended('it is rehearsed', async () => await context.engine.rehearseUpgrade(spec, { id, version: next }))).toEqual({ outcome: 'done' })
      const report = await context.engine.upgradeReport(spec)
      expect(report).toMatchObject({ id, isGood: true, message: '', from: expect.stringMatching(new RegExp(`^${old}\\.`)), to: expect.stringMatching(new RegExp(`^${next}\\.`)) })
      expect(await context.engine.rehearseUpgrade(spec, { id, version: next })).toEqual({ outcome: 'done' })
      expect(await context.engine.upgradeReport(spec)).toEqual(report)
      expect(await context.observe(spec)).toMatchObject({ phase: 'ready', undo: undefined, serverVersion: report?.from })
    })

    it('to an older version, to one that is not here, and to the one that it has already, is refused', async ({ skip }) => {
      const { next, old } = await versions() ?? skip()
      const spec = await context.database({ version: next })
      for (const version of [old, next, 99])
        expect((await context.engine.planUpgrade({ ...spec, version })).refusals, String(version)).toMatchObject([{ pointer: '/version', detail: expect.stringMatching(/./) }])
    })
  })
}
