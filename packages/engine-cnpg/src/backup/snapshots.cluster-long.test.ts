/** Snapshots of volumes, by a real driver: which rows come back from them, and that nothing stays of one that nobody needs. */
import type { DatabaseRef } from '@howdah/engine'
import type { ClusterEngine } from '../testing/cluster-engine.ts'
import type { InPlaceWork } from '../testing/in-place-work.ts'
import type { SnapshotWork } from '../testing/snapshot-work.ts'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { resources } from '../kubernetes/objects.ts'
import { clusterEngine } from '../testing/cluster-engine.ts'
import { inPlaceWork } from '../testing/in-place-work.ts'
import { snapshotClasses, snapshotWork } from '../testing/snapshot-work.ts'

describe.runIf(inject('cluster').s3)('snapshots of volumes', () => {
  let test: ClusterEngine
  let work: InPlaceWork
  let { startOf, untilNoSnapshots, volumeSourceOf, withRow } = {} as SnapshotWork
  beforeAll(async () => {
    test = await clusterEngine(snapshotClasses)
    work = inPlaceWork(test)
    ;({ startOf, untilNoSnapshots, volumeSourceOf, withRow } = snapshotWork(test))
  })
  afterAll(async () => await test.cleanup(), 600_000)

  it('lead no branch into the archive of its parent', async () => {
    const parent = await withRow()
    const branch = await work.restored(parent, { kind: 'latest' })
    expect(await volumeSourceOf(branch)).toBe(`branch-${branch.id}`)
    const bucket = await work.bucketOf()
    const timelines = async ({ id }: DatabaseRef): Promise<unknown> => new Set((await bucket.list(`${id}/wals`)).map(({ key }) => key.split('/').at(-1)?.slice(0, 8)))
    await test.backUp(branch)
    await work.write(parent, 'insert into rows values (2)')
    await test.backUp(parent)
    // A branch begins a timeline, of which its parent's archive has nothing: neither WAL nor its history.
    expect(await timelines(branch)).toContain('00000002')
    expect(await timelines(parent)).toEqual(new Set(['00000001']))
    expect(await work.rowsOf(await work.restored(branch, { kind: 'time', at: await work.momentOf(branch) }))).toEqual([1])
  })

  it('are backups, from which any moment after them comes back, and which go when they are over', async () => {
    // As long as names are.
    const source = await withRow({ name: `db-${'x'.repeat(37)}` })
    const started = await startOf(source)
    const inArchive = await test.backUp(source)
    await work.write(source, 'insert into rows values (2)')
    const snapshot = await test.backUp(source, 'snapshot')
    expect(await startOf(source)).toEqual(started)
    await work.write(source, 'insert into rows values (3)')
    const at = await work.momentOf(source)
    await work.write(source, 'insert into rows values (4)')
    expect(await test.engine.backups(source)).toMatchObject([{ id: snapshot, method: 'snapshot', timeline: 1, storedBytes: null }, { id: inArchive, method: 'archive' }])
    const later = await work.restored(source, { kind: 'time', at })
    expect(await work.rowsOf(later)).toEqual([1, 2, 3])
    expect(await volumeSourceOf(later)).toBe(`snapshot-${snapshot}`)
    expect(await work.rowsOf(await work.restored(source, { kind: 'backup', backup: snapshot }))).toEqual([1, 2])
    // What is asked for is what it begins with.
    const exact = await work.restored(source, { kind: 'backup', backup: inArchive })
    expect(await work.rowsOf(exact)).toEqual([1])
    expect(await volumeSourceOf(exact)).toBeUndefined()
    await test.engine.deleteBackup(source, snapshot)
    await untilNoSnapshots(60_000)
    expect(await work.rowsOf(await work.restored(source, { kind: 'time', at }))).toEqual([1, 2, 3])
  })

  it('that the storage lost are no backups any more, which is said', async () => {
    const source = await withRow()
    const snapshot = await test.backUp(source, 'snapshot')
    const from = { id: source.id, target: { kind: 'backup', backup: snapshot } } as const
    expect((await test.engine.plan(test.spec({ from }))).refusals).toEqual([])
    await test.api.delete(resources.volumeSnapshot, { namespace: test.namespace, name: `snapshot-${snapshot}` })
    await until(async () => (await test.engine.backups(source)).length === 0, { deadlineMs: 60_000, everyMs: 250, what: 'it is not listed' })
    expect((await test.engine.plan(test.spec({ from }))).refusals).toMatchObject([{ pointer: '/from', detail: expect.stringMatching(/has no snapshot of the backup/) }])
    await expect(test.engine.ensure(test.spec({ from }))).rejects.toMatchObject({ code: 'invalid' })
  })

  it('outlive their database for as long as its archive is kept, and no longer', async () => {
    const source = await withRow()
    await test.backUp(source, 'snapshot')
    await work.write(source, 'insert into rows values (2)')
    await until(async () => (await test.engine.destroy(source)).outcome === 'done', { deadlineMs: 300_000, everyMs: 250, what: 'it is gone' })
    const back = await work.restored(source, { kind: 'latest' })
    expect(await work.rowsOf(back)).toEqual([1, 2])
    expect(await volumeSourceOf(back)).toMatch(/^snapshot-/)
    await test.engine.destroyArchive(source)
    await untilNoSnapshots(60_000)
  })
})
