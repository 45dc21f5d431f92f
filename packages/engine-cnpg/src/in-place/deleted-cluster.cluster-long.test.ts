/** Somebody deletes a Cluster by hand while its database becomes other than it is, and after nobody went on with that. */
import type { DatabaseSpec } from '@howdah/engine'
import type { ClusterObject } from '../cluster-object.ts'
import type { ClusterEngine } from '../testing/cluster-engine.ts'
import type { InPlaceWork } from '../testing/in-place-work.ts'
import type { Work } from '../testing/work.ts'
import type { InPlaceRecord } from './record.ts'
import { randomUUID } from 'node:crypto'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { resources } from '../kubernetes/objects.ts'
import { archiveOf, inPlaceAnnotation } from '../names.ts'
import { clusterEngine } from '../testing/cluster-engine.ts'
import { upgradable } from '../testing/conformance-harness.ts'
import { asked } from '../testing/ended.ts'
import { inPlaceWork, orderOf } from '../testing/in-place-work.ts'
import { runAndKill } from '../testing/killed.ts'
import { parseInPlace } from './record.ts'

const { next, old } = upgradable

describe.runIf(inject('cluster').isOurs && inject('cluster').s3)('a Cluster that somebody deletes', () => {
  let test: ClusterEngine
  let work: InPlaceWork
  let spec: DatabaseSpec
  beforeAll(async () => {
    test = await clusterEngine()
    work = inPlaceWork(test)
    spec = await test.database({ version: old })
    await work.write(spec, 'create table rows (n int); insert into rows values (1)')
  }, 300_000)
  afterAll(async () => await test.cleanup(), 600_000)

  it('when that was the next step of a restore in place, and again while it is made again, becomes what is restored; undone it is what it was last', async () => {
    const backup = await test.backUp(spec)
    await work.write(spec, 'insert into rows values (2)')
    const { endpoint } = await test.observe(spec)
    const order = orderOf(spec, { kind: 'backup', backup })
    await untilRecorded({ spec, becomes: { restore: order } })
    const before = await clusterOf()
    await remove(before)
    const again = await until(async () => {
      await asked(async () => await test.engine.restore(spec, order))
      const now = await clusterOf()
      return now && now.metadata.uid !== before?.metadata.uid ? now : undefined
    }, { deadlineMs: 300_000, everyMs: 250, what: 'it is made again' })
    await remove(again)
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    expect(await work.rowsOf(spec)).toEqual([1])
    expect(await test.becomes(spec, { phase: 'ready' })).toMatchObject({ endpoint, undo: { id: order.id } })
    expect(await work.ended(engine => engine.undoRestore(spec, order.id))).toEqual({ outcome: 'done' })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    expect(await work.rowsOf(spec)).toEqual([1, 2])
  }, 900_000)

  it('while it is upgraded becomes what it was before, with every row, and says why', async () => {
    const { endpoint, serverVersion } = await test.observe(spec)
    const rows = await work.rowsOf(spec)
    const order = { id: randomUUID(), version: next, undoUntil: new Date(Date.now() + 3_600_000) }
    await work.untilJobRuns(spec, order)
    await remove(await clusterOf())
    expect(await work.ended(engine => engine.upgrade(spec, order), 'anew')).toMatchObject({ outcome: 'failed', reason: 'UpgradeFailed', message: expect.stringMatching(/deleted while it was being upgraded/) })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    expect(await test.becomes(spec, { phase: 'ready' })).toMatchObject({ endpoint, serverVersion, undo: undefined })
    expect(await work.rowsOf(spec)).toEqual(rows)
  }, 900_000)

  it('after others were let in again is not what a restore would have made of it that nobody went on with; all that was written since is in its archive', async () => {
    const rows = await work.rowsOf(spec)
    const backup = await test.backUp(spec)
    await untilRecorded({ spec, becomes: { restore: orderOf(spec, { kind: 'backup', backup }) } })
    expect(await test.settle({ ...spec, generation: 2 })).toEqual({ outcome: 'done' })
    expect((await recorded()).swap).toBeUndefined()
    await work.write(spec, 'insert into rows values (3)')
    await test.backUp(spec)
    await remove(await clusterOf())
    expect(await work.rowsOf(await work.restored(spec, { kind: 'latest' }))).toEqual([...rows, 3])
    const made = await until(async () => {
      await asked(async () => await test.engine.ensure(spec))
      return await clusterOf()
    }, { deadlineMs: 300_000, everyMs: 250, what: 'it is made again, empty' })
    expect(Object.keys(made.spec?.bootstrap ?? {})).toEqual(['initdb'])
  }, 900_000)

  /** Restore until it is on record, and no further. */
  async function untilRecorded(what: Work): Promise<void> {
    await runAndKill(test, what, { when: 'before', isAt: effects => effects.at(-1) === 'DELETE clusters' })
    expect((await recorded()).swap).toMatchObject({ uid: (await clusterOf())?.metadata.uid })
  }

  async function recorded(): Promise<InPlaceRecord> {
    const store = await test.api.get(resources.objectStore, { namespace: test.namespace, name: archiveOf(spec.id) })
    return parseInPlace(store?.metadata.annotations?.[inPlaceAnnotation])
  }

  async function clusterOf(): Promise<ClusterObject | undefined> {
    return await test.api.get<ClusterObject>(resources.cluster, { namespace: test.namespace, name: spec.name })
  }

  /** As `kubectl delete` does. */
  async function remove(cluster: ClusterObject | undefined): Promise<void> {
    const uid = cluster?.metadata.uid ?? ''
    await test.api.delete(resources.cluster, { namespace: test.namespace, name: spec.name }, { uid })
    await until(async () => (await clusterOf())?.metadata.uid !== uid, { deadlineMs: 120_000, everyMs: 100, what: 'the Cluster is gone' })
  }
})
