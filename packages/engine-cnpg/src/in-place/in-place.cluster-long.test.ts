/** What the suite of the port does not look at: which rows are there afterwards, of which past, and what a kill or a damaged backup leaves. */
import type { ClusterEngine } from '../testing/cluster-engine.ts'
import type { InPlaceWork } from '../testing/in-place-work.ts'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { clusterEngine } from '../testing/cluster-engine.ts'
import { connectThroughService } from '../testing/connect.ts'
import { inPlaceWork, orderOf } from '../testing/in-place-work.ts'

describe.runIf(inject('cluster').s3)('a restore in place', () => {
  let test: ClusterEngine
  let work: InPlaceWork
  beforeAll(async () => {
    test = await clusterEngine()
    work = inPlaceWork(test)
  })
  afterAll(async () => await test.cleanup(), 600_000)

  it('goes on with another control plane after each step, and undone it is what it was last', async () => {
    const spec = await test.database()
    await test.engine.ensureRole(spec, { name: 'reader', access: 'read-only', password: 'of-then', connectionLimit: -1 })
    await work.write(spec, 'create table rows (n int); insert into rows values (1)')
    await test.backUp(spec)
    await work.write(spec, 'insert into rows values (2)')
    const at = await work.momentOf(spec)
    await work.write(spec, 'insert into rows values (3)')
    const { endpoint } = await test.observe(spec)
    const order = orderOf(spec, { kind: 'time', at })
    expect((await test.engine.planRestore(spec, order.from)).refusals).toEqual([])
    expect(await work.ended(engine => engine.restore(spec, order), 'anew')).toEqual({ outcome: 'done' })
    // Before anything is set anew, nobody is let in.
    await expect(connectThroughService(test.api, { observed: { ...await test.observe(spec), endpoint }, user: 'reader', password: 'of-then', database: spec.database })).rejects.toThrow(/pg_hba.conf rejects/)
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    await expect(test.connect({ ...spec, owner: { user: 'reader', password: 'of-then' } })).rejects.toThrow(/password authentication failed/)
    expect(await work.rowsOf(spec)).toEqual([1, 2])
    expect(await test.observe(spec)).toMatchObject({ phase: 'ready', endpoint, undo: { id: order.id, until: order.undoUntil } })
    expect(await work.ended(engine => engine.undoRestore(spec, order.id), 'anew')).toEqual({ outcome: 'done' })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    expect(await work.rowsOf(spec)).toEqual([1, 2, 3])
    expect(await test.observe(spec)).toMatchObject({ phase: 'ready', endpoint, undo: undefined })
  })

  it('leaves each moment to be restored as it was then, and its backups are proved', async () => {
    const spec = await test.database()
    await work.write(spec, 'create table rows (n int); insert into rows values (1)')
    const first = await test.backUp(spec)
    await work.write(spec, 'insert into rows values (2)')
    const before = await work.momentOf(spec)
    const order = orderOf(spec, { kind: 'backup', backup: first })
    expect(await work.ended(engine => engine.restore(spec, order))).toEqual({ outcome: 'done' })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    await work.write(spec, 'insert into rows values (3)')
    const between = await work.momentOf(spec)
    await work.write(spec, 'insert into rows values (4)')
    expect(await work.ended(engine => engine.drillBackup(spec, order.id))).toEqual({ outcome: 'done' })
    await expect(test.engine.deleteBackup(spec, first)).rejects.toMatchObject({ code: 'conflict' })
    expect(await work.ended(engine => engine.undoRestore(spec, order.id))).toEqual({ outcome: 'done' })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    expect(await work.rowsOf(await work.restored(spec, { kind: 'time', at: before }))).toEqual([1, 2])
    expect(await work.rowsOf(await work.restored(spec, { kind: 'time', at: between }))).toEqual([1, 3])
    await test.engine.deleteBackup(spec, first)
    expect(await test.engine.backups(spec)).toEqual([])
  })

  it('that cannot be done says why, and leaves everything as it was', async () => {
    const spec = await test.database()
    await test.engine.ensureRole(spec, { name: 'reader', access: 'read-only', password: 'of-now', connectionLimit: -1 })
    await work.write(spec, 'create table rows (n int); insert into rows values (1)')
    const damaged = await test.backUp(spec)
    const bucket = work.bucketOf()
    for (const { key } of await (await bucket).list(`${spec.id}/base`)) {
      if (/data\.tar/.test(key))
        await (await bucket).remove(key)
    }
    await test.backUp(spec)
    await work.write(spec, 'insert into rows values (2)')
    const { endpoint } = await test.observe(spec)
    const order = orderOf(spec, { kind: 'backup', backup: damaged })
    const failed = { outcome: 'failed', reason: 'RestoreFailed', message: expect.stringMatching(/Missing file base.*It is what it was before/) }
    expect(await work.ended(engine => engine.restore(spec, order))).toMatchObject(failed)
    // Nobody calls anything else: it is ready by itself.
    expect(await test.becomes(spec, { phase: 'ready' })).toMatchObject({ endpoint, undo: undefined, generation: spec.generation })
    expect(await work.rowsOf(spec)).toEqual([1, 2])
    const reader = await test.connect({ ...spec, owner: { user: 'reader', password: 'of-now' } })
    await reader.close()
    expect(await test.engine.restore(spec, order)).toMatchObject(failed)
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
  })

  it('of a database with a synchronous replica has one again; whatever is asked next goes on with it', async () => {
    const spec = await test.database({ instances: 2, durability: 'sync' })
    await work.write(spec, 'create table rows (n int); insert into rows values (1)')
    const backup = await test.backUp(spec)
    await work.write(spec, 'insert into rows values (2)')
    await test.becomes(spec, { phase: 'ready' })
    const order = orderOf(spec, { kind: 'backup', backup })
    await work.untilGone(spec, order)
    // Whoever restored is not heard of again.
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    expect(await work.rowsOf(spec)).toEqual([1])
    expect((await test.becomes(spec, { phase: 'ready' })).members).toMatchObject([{ phase: 'ready' }, { phase: 'ready' }])
    expect(await test.engine.restore(spec, order)).toEqual({ outcome: 'done' })
    await test.engine.endUndo(spec)
    expect(await test.engine.undoRestore(spec, order.id)).toEqual({ outcome: 'done' })
    expect(await test.observe(spec)).toMatchObject({ undo: undefined })
    expect(await work.rowsOf(spec)).toEqual([1])
  })

  it('that was begun when the database was deleted leaves what it was last to be restored', async () => {
    const spec = await test.database()
    const backup = await test.backUp(spec)
    await work.write(spec, 'create table rows (n int); insert into rows values (1)')
    await work.untilGone(spec, orderOf(spec, { kind: 'backup', backup }))
    await until(async () => (await test.engine.destroy(spec)).outcome === 'done', { deadlineMs: 300_000, everyMs: 250, what: 'it is gone' })
    expect(await work.rowsOf(await work.restored(spec, { kind: 'latest' }))).toEqual([1])
  })
})
