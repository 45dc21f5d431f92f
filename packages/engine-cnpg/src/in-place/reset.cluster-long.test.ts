/** A branch that becomes what its parent is now: which rows are there, of which archive, and what its parent notices of it. */
import type { DatabaseSpec } from '@howdah/engine'
import type { ClusterEngine } from '../testing/cluster-engine.ts'
import type { InPlaceWork } from '../testing/in-place-work.ts'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { clusterEngine } from '../testing/cluster-engine.ts'
import { connectThroughService } from '../testing/connect.ts'
import { inPlaceWork, orderOf } from '../testing/in-place-work.ts'

describe.runIf(inject('cluster').s3)('the reset of a branch', () => {
  let test: ClusterEngine
  let work: InPlaceWork
  beforeAll(async () => {
    test = await clusterEngine()
    work = inPlaceWork(test)
  })
  afterAll(async () => await test.cleanup(), 600_000)

  it('goes on with another control plane after each step, and undone it is what it was last', async () => {
    const { branch, parent } = await branched()
    await test.engine.ensureRole(parent, { name: 'reader', access: 'read-only', password: 'of-the-parent', connectionLimit: -1 })
    await test.backUp(branch)
    await work.write(branch, 'insert into rows values (10)')
    await work.write(parent, 'insert into rows values (2)')
    const { endpoint } = await test.observe(branch)
    const order = orderOf(parent, { kind: 'latest' })
    expect(await test.engine.planRestore(branch, order.from)).toMatchObject({ interruption: 'restart', refusals: [] })
    expect(await work.ended(engine => engine.restore(branch, order), 'anew')).toEqual({ outcome: 'done' })
    // What opens the parent opens nothing here, neither before the branch's own passwords are set nor after.
    const withParents = { observed: { ...await test.observe(branch), endpoint }, user: 'reader', password: 'of-the-parent', database: branch.database }
    await expect(connectThroughService(test.api, withParents)).rejects.toThrow(/pg_hba.conf rejects/)
    expect(await test.settle(branch)).toEqual({ outcome: 'done' })
    await expect(connectThroughService(test.api, withParents)).rejects.toThrow(/password authentication failed/)
    await expect(test.connect({ ...branch, owner: parent.owner })).rejects.toThrow(/password authentication failed/)
    expect(await work.rowsOf(branch)).toEqual([1, 2])
    expect(await test.observe(branch)).toMatchObject({ phase: 'ready', endpoint, undo: { id: order.id, until: order.undoUntil } })
    expect(await work.ended(engine => engine.undoRestore(branch, order.id), 'anew')).toEqual({ outcome: 'done' })
    expect(await test.settle(branch)).toEqual({ outcome: 'done' })
    expect(await work.rowsOf(branch)).toEqual([1, 10])
    expect(await test.observe(branch)).toMatchObject({ phase: 'ready', endpoint, undo: undefined })
    // It would have the timeline that the branch began, had anything been written into its archive.
    expect(await timelinesOf(parent.id)).toEqual([1])
    expect(await work.rowsOf(parent)).toEqual([1, 2])
  })

  it('leaves each moment to be restored as it was then, and its backups are proved', async () => {
    const { branch, parent } = await branched()
    const first = await test.backUp(branch)
    await work.write(branch, 'insert into rows values (10)')
    const before = await work.momentOf(branch)
    await work.write(branch, 'insert into rows values (11)')
    const order = orderOf(parent, { kind: 'latest' })
    expect(await work.ended(engine => engine.restore(branch, order))).toEqual({ outcome: 'done' })
    expect(await test.settle(branch)).toEqual({ outcome: 'done' })
    const second = await test.backUp(branch)
    await work.write(branch, 'insert into rows values (20)')
    const between = await work.momentOf(branch)
    await work.write(branch, 'insert into rows values (21)')
    expect(await work.ended(engine => engine.drillBackup(branch, order.id))).toEqual({ outcome: 'done' })
    expect(await work.ended(engine => engine.undoRestore(branch, order.id))).toEqual({ outcome: 'done' })
    expect(await test.settle(branch)).toEqual({ outcome: 'done' })
    expect(await work.rowsOf(await work.restored(branch, { kind: 'time', at: before }))).toEqual([1, 10])
    expect(await work.rowsOf(await work.restored(branch, { kind: 'time', at: between }))).toEqual([1, 20])
    // When no moment of a server of the archive is promised any more, all of it goes.
    expect((await test.engine.backups(branch)).map(({ id }) => id)).toEqual([second, first])
    await test.engine.expireBackups(branch, new Date(Date.now() + 86_400_000))
    expect((await test.engine.backups(branch)).map(({ id }) => id)).toEqual([first])
    expect(await (await work.bucketOf()).list(`${branch.id}-2`)).toEqual([])
  })

  it('can be followed by a restore to a moment before it, and a deleted branch leaves nothing in any server of its archive', async () => {
    const { branch, parent } = await branched()
    await test.backUp(branch)
    await work.write(branch, 'insert into rows values (10)')
    const before = await work.momentOf(branch)
    await work.write(parent, 'insert into rows values (2)')
    const reset = orderOf(parent, { kind: 'latest' })
    expect(await work.ended(engine => engine.restore(branch, reset))).toEqual({ outcome: 'done' })
    expect(await test.settle(branch)).toEqual({ outcome: 'done' })
    // Nothing leads to what it is now, so it could not be brought back.
    expect((await test.engine.planRestore(branch, reset.from)).refusals).toMatchObject([{ pointer: '/from', detail: expect.stringMatching(/take one first/) }])
    await test.backUp(branch)
    const order = orderOf(branch, { kind: 'time', at: before })
    expect((await test.engine.planRestore(branch, order.from)).refusals).toEqual([])
    expect(await work.ended(engine => engine.restore(branch, order))).toEqual({ outcome: 'done' })
    expect(await test.settle(branch)).toEqual({ outcome: 'done' })
    expect(await work.rowsOf(branch)).toEqual([1, 10])
    // That can be undone, so nothing of the other server expires.
    await test.engine.expireBackups(branch, new Date(Date.now() + 86_400_000))
    await until(async () => (await test.engine.destroy(branch)).outcome === 'done', { deadlineMs: 300_000, everyMs: 250, what: 'it is gone' })
    expect(await work.rowsOf(await work.restored(branch, { kind: 'latest' }))).toEqual([1, 10])
    expect((await test.engine.backups(branch)).length).toBe(2)
    await test.engine.destroyArchive(branch)
    const bucket = await work.bucketOf()
    expect([...await bucket.list(branch.id), ...await bucket.list(`${branch.id}-2`)]).toEqual([])
  })

  it('that could not be undone, or whose parent has no backup or is gone, is refused before anything is touched', async () => {
    const { branch, parent } = await branched()
    const refusalsOf = async ({ id }: DatabaseSpec): Promise<unknown> => (await test.engine.planRestore(branch, { id, target: { kind: 'latest' } })).refusals
    expect(await refusalsOf(parent)).toMatchObject([{ pointer: '/from', detail: expect.stringMatching(/^Of "db-\d+" itself: No backup leads/) }])
    await test.backUp(branch)
    expect(await refusalsOf(await test.database())).toMatchObject([{ pointer: '/from', detail: expect.stringMatching(/no backup yet/) }])
    expect(await refusalsOf(parent)).toEqual([])
    await until(async () => (await test.engine.destroy(parent)).outcome === 'done', { deadlineMs: 300_000, everyMs: 250, what: 'it is gone' })
    await test.engine.destroyArchive(parent)
    const order = orderOf(parent, { kind: 'latest' })
    expect(await refusalsOf(parent)).toEqual([{ pointer: '/from', detail: 'It is gone, and nothing of it is kept that could be restored.' }])
    await expect(work.ended(engine => engine.restore(branch, order))).rejects.toMatchObject({ code: 'invalid' })
    expect(await test.becomes(branch, { phase: 'ready' })).toMatchObject({ undo: undefined })
    await work.write(branch, 'insert into rows values (10)')
    expect(await work.rowsOf(branch)).toEqual([1, 10])
  })

  /** A parent with a row and a backup, and its branch. */
  async function branched(): Promise<{ readonly parent: DatabaseSpec, readonly branch: DatabaseSpec }> {
    const parent = await test.database()
    await work.write(parent, 'create table rows (n int); insert into rows values (1)')
    await test.backUp(parent)
    return { parent, branch: await work.restored(parent, { kind: 'latest' }) }
  }

  async function timelinesOf(server: string): Promise<number[]> {
    const keys = (await (await work.bucketOf()).list(`${server}/wals`)).map(({ key }) => key)
    return [...new Set(keys.map(key => Number.parseInt(key.split('/').at(-1)?.slice(0, 8) ?? '', 16)))].sort()
  }
})
