/** A branch by a snapshot, by a real driver: which rows it has, who gets in, and that nothing stays of the snapshot. */
import type { ClusterEngine } from '../testing/cluster-engine.ts'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { clusterEngine } from '../testing/cluster-engine.ts'
import { inPlaceWork } from '../testing/in-place-work.ts'
import { snapshotClasses, snapshotWork } from '../testing/snapshot-work.ts'

describe.runIf(inject('cluster').s3)('a branch of the present moment', () => {
  let test: ClusterEngine
  beforeAll(async () => {
    test = await clusterEngine(snapshotClasses)
  })
  afterAll(async () => await test.cleanup(), 600_000)

  it('begins from a snapshot, with the rows of then and none of its parent\'s passwords', async () => {
    const { restored, rowsOf, write } = inPlaceWork(test)
    const { startOf, untilNoSnapshots, volumeSourceOf, withRow } = snapshotWork(test)
    const parent = await withRow()
    await test.engine.ensureRole(parent, { name: 'reader', access: 'read-only', password: 'of-the-parent', connectionLimit: -1 })
    const started = await startOf(parent)
    const branch = await restored(parent, { kind: 'latest' })
    await write(parent, 'insert into rows values (2)')
    await write(branch, 'insert into rows values (10)')
    expect(await rowsOf(branch)).toEqual([1, 10])
    expect(await rowsOf(parent)).toEqual([1, 2])
    await expect(test.connect({ ...branch, owner: { user: 'reader', password: 'of-the-parent' } })).rejects.toThrow(/password authentication failed/)
    await expect(test.connect({ ...branch, owner: parent.owner })).rejects.toThrow(/password authentication failed/)
    expect(await volumeSourceOf(branch)).toBe(`branch-${branch.id}`)
    // Nothing that runs was touched for it, and it is none of its backups.
    expect(await startOf(parent)).toEqual(started)
    expect(await test.engine.backups(parent)).toEqual([])
    await untilNoSnapshots(180_000)
  })
})
