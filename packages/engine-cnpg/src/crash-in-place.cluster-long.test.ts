/**
 * kill -9 of a control plane at everything that it changes in the cluster while a database becomes other than it is. One database is enough
 * for all points: whoever comes next goes on, until he is killed at the next one.
 */
import type { DatabaseSpec } from '@howdah/engine'
import type { InPlaceRecord } from './in-place/record.ts'
import type { ClusterEngine } from './testing/cluster-engine.ts'
import type { Point } from './testing/effect-proxy.ts'
import type { InPlaceWork } from './testing/in-place-work.ts'
import type { Work } from './testing/work.ts'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { parseInPlace } from './in-place/record.ts'
import { resources } from './kubernetes/objects.ts'
import { archiveOf, inPlaceAnnotation, upgradingAnnotation } from './names.ts'
import { clusterEngine } from './testing/cluster-engine.ts'
import { upgradable } from './testing/conformance-harness.ts'
import { inPlaceWork, orderOf } from './testing/in-place-work.ts'
import { isThereOnce } from './testing/is-there-once.ts'
import { killAtEachInTurn } from './testing/killed.ts'

const { next, old } = upgradable
const deadlineMs = 1_800_000

describe.runIf(inject('cluster').s3).each(['after', 'before'] as const)('kill -9 of the control plane %s each of its effects', (when: Point['when']) => {
  let test: ClusterEngine
  let work: InPlaceWork
  beforeAll(async () => {
    test = await clusterEngine()
    work = inPlaceWork(test)
  })
  afterAll(async () => await test.cleanup(), 600_000)

  it.runIf(inject('cluster').isOurs)('of a major upgrade and of undoing it: it is the new version with every row, then what it was last', async () => {
    const spec = await test.database({ version: old, extensions: ['ltree'] })
    await work.write(spec, 'create table rows (n int); insert into rows values (1)')
    const { endpoint } = await test.observe(spec)
    const order = { id: randomUUID(), version: next, undoUntil: new Date(Date.now() + 3_600_000) }
    const wanted = { ...spec, version: next }
    await killed({ spec: wanted, becomes: { upgrade: order } })
    await isAll(wanted, { rows: [1], endpoint, pasts: 1, undo: { id: order.id, until: order.undoUntil, version: old } })
    await work.write(spec, 'insert into rows values (2)')
    await killed({ spec, becomes: { undo: order.id } })
    await isAll(spec, { rows: [1], endpoint, pasts: 2, undo: undefined })
  }, deadlineMs)

  it('of a restore in place and of undoing it: it is as it was then, then what it was last', async () => {
    const spec = await test.database()
    await work.write(spec, 'create table rows (n int); insert into rows values (1)')
    await test.backUp(spec)
    await work.write(spec, 'insert into rows values (2)')
    const at = await work.momentOf(spec)
    await work.write(spec, 'insert into rows values (3)')
    const { endpoint } = await test.observe(spec)
    const order = orderOf(spec, { kind: 'time', at })
    await killed({ spec, becomes: { restore: order } })
    await isAll(spec, { rows: [1, 2], endpoint, pasts: 1, undo: { id: order.id, until: order.undoUntil } })
    await work.write(spec, 'insert into rows values (4)')
    await killed({ spec, becomes: { undo: order.id } })
    await isAll(spec, { rows: [1, 2, 3], endpoint, pasts: 2, undo: undefined })
  }, deadlineMs)

  it('of the reset of a branch and of undoing it: it is what its parent is, then what it was last; the parent stays as it is', async () => {
    const parent = await test.database()
    await work.write(parent, 'create table rows (n int); insert into rows values (1)')
    await test.backUp(parent)
    const branch = await work.restored(parent, { kind: 'latest' })
    await test.backUp(branch)
    await work.write(branch, 'insert into rows values (10)')
    await work.write(parent, 'insert into rows values (2)')
    const { endpoint } = await test.observe(branch)
    const order = orderOf(parent, { kind: 'latest' })
    await killed({ spec: branch, becomes: { restore: order } })
    await isAll(branch, { rows: [1, 2], endpoint, pasts: 1, undo: { id: order.id, until: order.undoUntil } })
    await killed({ spec: branch, becomes: { undo: order.id } })
    await isAll(branch, { rows: [1, 10], endpoint, pasts: 2, undo: undefined })
    await isAll(parent, { rows: [1, 2], pasts: 0, undo: undefined })
  }, deadlineMs)

  async function killed(what: Work): Promise<void> {
    const at = await killAtEachInTurn(test, what, when)
    console.log(`killed ${when} each of: ${at.join(', ')}`)
    // Quiet, decided, made again or upgraded, marked, recorded, opened: there are no fewer.
    expect(at.length).toBeGreaterThan(5)
  }

  /** Everything holds, and nothing of what was under way is left. */
  async function isAll(spec: DatabaseSpec, { endpoint, pasts, rows, undo }: { readonly rows: readonly number[], readonly endpoint?: unknown, readonly pasts: number, readonly undo: unknown }): Promise<void> {
    expect(await test.becomes(spec, { phase: 'ready' })).toMatchObject({ serverVersion: expect.stringMatching(new RegExp(`^${spec.version}\\.`)), ...endpoint ? { endpoint } : {} })
    expect((await test.observe(spec)).undo).toEqual(undo && { version: spec.version, ...undo })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    expect(await work.rowsOf(spec)).toEqual(rows)
    const record = await recordOf(spec)
    expect(record.pasts).toHaveLength(pasts)
    expect([record.swap, record.upgrade, record.failed]).toEqual([undefined, undefined, undefined])
    expect((await test.api.get(resources.cluster, { namespace: test.namespace, name: spec.name }))?.metadata.annotations?.[upgradingAnnotation]).toBeUndefined()
    await isThereOnce(test, spec)
  }

  async function recordOf({ id }: DatabaseSpec): Promise<InPlaceRecord> {
    const store = await test.api.get(resources.objectStore, { namespace: test.namespace, name: archiveOf(id) })
    return parseInPlace(store?.metadata.annotations?.[inPlaceAnnotation])
  }
})
