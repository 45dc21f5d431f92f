/** What the suite of the port does not look at: what a rehearsal finds and leaves, what is there after an upgrade, and what a kill or a refusal of pg_upgrade does. */
import type { DatabaseSpec, UpgradeOrder } from '@howdah/engine'
import type { ClusterObject } from '../cluster-object.ts'
import type { ClusterEngine } from '../testing/cluster-engine.ts'
import type { InPlaceWork } from '../testing/in-place-work.ts'
import { randomUUID } from 'node:crypto'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { parseInPlace } from '../in-place/record.ts'
import { resources } from '../kubernetes/objects.ts'
import { archiveOf, inPlaceAnnotation, rehearsalLabel } from '../names.ts'
import { clusterEngine } from '../testing/cluster-engine.ts'
import { upgradable } from '../testing/conformance-harness.ts'
import { inPlaceWork } from '../testing/in-place-work.ts'

const { next, old } = upgradable

describe.runIf(inject('cluster').isOurs)('a major upgrade', () => {
  let test: ClusterEngine
  let work: InPlaceWork
  beforeAll(async () => {
    test = await clusterEngine()
    work = inPlaceWork(test)
  })
  afterAll(async () => await test.cleanup(), 600_000)

  it('is rehearsed on a copy by one control plane after the other, and nothing of the copy is left', async () => {
    const spec = await test.database({ version: old, extensions: ['ltree'], parameters: { work_mem: '5MB' } })
    await work.write(spec, 'create table rows (n int primary key, t text); insert into rows select n, n from generate_series(1, 1000) n; create index on rows (t); create table none ()')
    const id = randomUUID()
    const { endpoint } = await test.observe(spec)
    expect(await work.ended(engine => engine.rehearseUpgrade(spec, { id, version: next }), 'anew')).toEqual({ outcome: 'done' })
    const report = await test.engine.upgradeReport(spec)
    expect(report).toMatchObject({ id, isGood: true, message: '', databases: 1, tables: 2, rows: 1000, extensions: [{ name: 'ltree', from: '1.2', to: '1.3' }] })
    expect(report?.checks.map(({ name }) => name)).toEqual(['transfer', 'rows', 'extensions', 'start'])
    expect(report?.interruptionMs).toBeGreaterThan(0)
    expect(report?.planner).toContainEqual({ name: 'enable_presorted_aggregate', from: null, to: 'on' })
    await untilNothingIsLeft(spec)
    expect(await test.observe(spec)).toMatchObject({ phase: 'ready', endpoint, undo: undefined, serverVersion: report?.from })
    expect(await countOf(spec)).toBe(1000)
  })

  it('keeps what there was at its address, with replicas, and undone it is what it was last; one control plane goes on after the other', async () => {
    const spec = await test.database({ version: old, instances: 2, durability: 'sync', extensions: ['ltree'] })
    await test.engine.ensureRole(spec, { name: 'reader', access: 'read-only', password: 'of-then', connectionLimit: -1 })
    await work.write(spec, 'create table rows (n int primary key); insert into rows select generate_series(1, 1000)')
    const { endpoint, serverVersion } = await test.observe(spec)
    const wanted = { ...spec, version: next }
    expect(await test.engine.planUpgrade(wanted)).toMatchObject({ interruption: 'restart', refusals: [] })
    const order = orderFor(next)
    expect(await work.ended(engine => engine.upgrade(spec, order), 'anew')).toEqual({ outcome: 'done' })
    expect(await test.settle(wanted)).toEqual({ outcome: 'done' })
    expect((await test.becomes(spec, { phase: 'ready' })).members).toMatchObject([{ phase: 'ready' }, { phase: 'ready' }])
    expect(await test.observe(spec)).toMatchObject({ endpoint, serverVersion: expect.stringMatching(new RegExp(`^${next}\\.`)), undo: { id: order.id, until: order.undoUntil, version: old } })
    expect(await countOf(spec)).toBe(1000)
    expect((await test.engine.extensions(spec)).find(({ name }) => name === 'ltree')).toMatchObject({ installedVersion: '1.3' })
    const reader = await test.connect({ ...spec, owner: { user: 'reader', password: 'of-then' } })
    await reader.close()
    await work.write(spec, 'insert into rows values (0)')
    // It goes on in an archive of its own, in which a backup is enough to begin again.
    const backup = await test.backUp(spec)
    expect(await countOf(await test.database({ version: next, from: { id: spec.id, target: { kind: 'backup', backup } } }))).toBe(1001)
    expect(await work.ended(engine => engine.undoRestore(spec, order.id), 'anew')).toEqual({ outcome: 'done' })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    expect(await test.observe(spec)).toMatchObject({ endpoint, serverVersion, undo: undefined })
    expect(await countOf(spec)).toBe(1000)
  })

  it('that pg_upgrade refuses says why, in its rehearsal too, and leaves everything as it was', async () => {
    const spec = await test.database({ version: old })
    await work.write(spec, 'create table rows (n int primary key); insert into rows select generate_series(1, 1000); create table unfit (f regproc)')
    const message = expect.stringMatching(/reg\* data types in user tables/)
    const rehearsal = randomUUID()
    expect(await work.ended(engine => engine.rehearseUpgrade(spec, { id: rehearsal, version: next }))).toMatchObject({ outcome: 'failed', reason: 'UpgradeImpossible', message })
    expect(await test.engine.upgradeReport(spec)).toMatchObject({ id: rehearsal, isGood: false, message, interruptionMs: null, rows: 1000, checks: [{ name: 'transfer', isGood: false }] })
    await untilNothingIsLeft(spec)
    const order = orderFor(next)
    const { endpoint, serverVersion } = await test.observe(spec)
    expect(await work.ended(engine => engine.upgrade(spec, order), 'anew')).toMatchObject({ outcome: 'failed', reason: 'UpgradeFailed', message })
    expect(await test.becomes(spec, { phase: 'ready' })).toMatchObject({ endpoint, serverVersion, undo: undefined })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    await work.write(spec, 'insert into rows values (0); drop table unfit')
    expect(await test.engine.upgrade(spec, order)).toMatchObject({ outcome: 'failed', message })
    const again = orderFor(next)
    expect(await work.ended(engine => engine.upgrade(spec, again))).toEqual({ outcome: 'done' })
    expect(await test.settle({ ...spec, version: next })).toEqual({ outcome: 'done' })
    expect(await countOf(spec)).toBe(1001)
  })

  it('goes on whoever asks for what', async () => {
    const spec = await test.database({ version: old })
    await work.write(spec, 'create table rows (n int primary key); insert into rows select generate_series(1, 1000)')
    const order = orderFor(next)
    await work.untilJobRuns(spec, order)
    // Whoever upgraded is not heard of again.
    expect(await test.settle({ ...spec, version: next })).toEqual({ outcome: 'done' })
    expect(await test.engine.upgrade(spec, order)).toEqual({ outcome: 'done' })
    expect(await countOf(spec)).toBe(1000)
    expect(await test.observe(spec)).toMatchObject({ undo: { id: order.id, version: old } })
  })

  it('whose new server is given up becomes what it was, out of the archive', async () => {
    const spec = await test.database({ version: old })
    await work.write(spec, 'create table rows (n int primary key); insert into rows select generate_series(1, 1000)')
    const { endpoint, serverVersion } = await test.observe(spec)
    const order = orderFor(next)
    await work.untilJobRuns(spec, order)
    await until(async () => (await test.api.get<ClusterObject>(resources.cluster, { namespace: test.namespace, name: spec.name }))?.status?.pgDataImageInfo?.majorVersion === next, { deadlineMs: 300_000, everyMs: 250, what: 'its files are of the new major' })
    const place = { namespace: test.namespace, name: archiveOf(spec.id) }
    const record = parseInPlace((await test.api.get(resources.objectStore, place))?.metadata.annotations?.[inPlaceAnnotation])
    const back = { reason: 'UpgradeFailed', message: 'The upgraded server does not come up.' }
    await test.api.merge(resources.objectStore, place, { metadata: { annotations: { [inPlaceAnnotation]: JSON.stringify({ ...record, upgrade: { ...record.upgrade, back } }) } } })
    expect(await work.ended(engine => engine.upgrade(spec, order), 'anew')).toMatchObject({ outcome: 'failed', ...back, message: expect.stringMatching(back.message) })
    expect(await test.becomes(spec, { phase: 'ready' })).toMatchObject({ endpoint, serverVersion, undo: undefined })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    expect(await countOf(spec)).toBe(1000)
  })

  function orderFor(version: number): UpgradeOrder {
    return { id: randomUUID(), version, undoUntil: new Date(Date.now() + 3_600_000) }
  }

  async function untilNothingIsLeft(spec: DatabaseSpec): Promise<void> {
    const labels = `${rehearsalLabel}=${spec.id}`
    await until(async () => (await Promise.all([resources.cluster, resources.pod, resources.volumeClaim].map(async resource => await test.api.list(resource, { namespace: test.namespace, labels })))).flat().length === 0, { deadlineMs: 120_000, everyMs: 250, what: 'nothing is left of the copy' })
  }

  async function countOf(spec: DatabaseSpec): Promise<number> {
    const session = await test.connect(spec)
    const [row] = await session.query('select count(*)::int as count from rows')
    await session.close()
    return Number(row?.count)
  }
})
