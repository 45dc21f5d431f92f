/** An archive that lost some of its WAL since it was looked at: PostgreSQL takes the hole for the end, and nobody else says anything. */
import type { DatabaseSpec } from '@howdah/engine'
import type { ClusterEngine } from '../testing/cluster-engine.ts'
import type { InPlaceWork } from '../testing/in-place-work.ts'
import { randomUUID } from 'node:crypto'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { resources } from '../kubernetes/objects.ts'
import { archiveOf, inPlaceAnnotation } from '../names.ts'
import { clusterEngine } from '../testing/cluster-engine.ts'
import { connectThroughService } from '../testing/connect.ts'
import { asked } from '../testing/ended.ts'
import { inPlaceWork, orderOf } from '../testing/in-place-work.ts'
import { putObject } from '../testing/put-object.ts'
import { parseInPlace } from './record.ts'

const short = /Its replay ended at 0\/[0-9A-F]+, and its archive goes on to 0\/[0-9A-F]+/

describe.runIf(inject('cluster').s3)('WAL that is cut off in the archive', () => {
  let test: ClusterEngine
  let work: InPlaceWork
  beforeAll(async () => {
    test = await clusterEngine()
    work = inPlaceWork(test)
  })
  afterAll(async () => await test.cleanup(), 600_000)

  it('disproves the backup, and makes no new database of what comes before it: that stays shut, and says why', async () => {
    const source = await test.database()
    await work.write(source, 'create table rows (n int); insert into rows values (1)')
    await test.backUp(source)
    await cutOff(source, async () => await work.write(source, 'insert into rows values (2)'), async () => {
      await until(async () => (await test.engine.destroy(source)).outcome === 'done', { deadlineMs: 300_000, everyMs: 250, what: 'it is gone' })
    })
    const drill = randomUUID()
    const drilled = work.ended(engine => engine.drillBackup(source, drill))
    const spec = test.spec({ from: { id: source.id, target: { kind: 'latest' } } })
    const failed = { outcome: 'failed', reason: 'RestoreFailed', message: expect.stringMatching(short), nextStep: expect.stringMatching(/moment before/) }
    expect(await test.settle(spec)).toMatchObject(failed)
    expect(await test.becomes(spec, { phase: 'provisioning', reason: 'RestoreFailed' })).toMatchObject({ message: expect.stringMatching(short) })
    await expect(connectThroughService(test.api, { observed: await test.observe(spec), user: spec.owner.user, password: spec.owner.password, database: spec.database })).rejects.toThrow(/pg_hba.conf rejects/)
    expect(await test.settle(spec)).toMatchObject(failed)
    expect(await drilled).toMatchObject({ outcome: 'failed', reason: 'DrillFailed', message: expect.stringMatching(short) })
  })

  it('lets nothing be brought back that lacks a commit: the database goes on as what it is', async () => {
    const spec = await test.database()
    await work.write(spec, 'create table rows (n int); insert into rows values (1)')
    const backup = await test.backUp(spec)
    const order = orderOf(spec, { kind: 'backup', backup })
    await cutOff(spec, async () => await work.write(spec, 'insert into rows values (2)'), async () => {
      expect(await work.ended(engine => engine.restore(spec, order))).toEqual({ outcome: 'done' })
    })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    await work.write(spec, 'insert into rows values (3)')
    expect(await work.ended(engine => engine.undoRestore(spec, order.id))).toMatchObject({ outcome: 'failed', reason: 'RestoreFailed', message: expect.stringMatching(short) })
    // Nobody calls anything else: it is ready by itself, for its users.
    expect(await test.becomes(spec, { phase: 'ready' })).toMatchObject({ undo: { id: order.id } })
    expect(await work.rowsOf(spec)).toEqual([1, 3])
  })

  it('keeps a database shut that cannot go back either, says so after three times, and brings it back when its archive is mended', async () => {
    const spec = await test.database()
    await work.write(spec, 'create table rows (n int); insert into rows values (1)')
    const order = orderOf(spec, { kind: 'backup', backup: await test.backUp(spec) })
    await cutOff(spec, async () => await work.write(spec, 'insert into rows values (2)'), async () => {
      expect(await work.ended(engine => engine.restore(spec, order))).toEqual({ outcome: 'done' })
    })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    await work.write(spec, 'insert into rows values (3)')
    // From then on all that it is stands in its archive.
    await until(async () => {
      await asked(async () => await test.engine.undoRestore(spec, order.id))
      return await test.api.get(resources.cluster, { namespace: test.namespace, name: spec.name }) === undefined
    }, { deadlineMs: 120_000, what: 'its Cluster is gone' })
    const bucket = await work.bucketOf()
    const whole = new Map<string, Uint8Array>()
    for (const { key } of await bucket.list(`${spec.id}/wals`)) {
      if (/\/00000002[0-9A-F]{16}\.gz$/.test(key))
        whole.set(key, await bucket.get(key) ?? new Uint8Array())
    }
    for (const [key, bytes] of whole)
      await putObject(bucket.settings, key, bytes.slice(0, bytes.length / 2))

    expect(await work.ended(engine => engine.undoRestore(spec, order.id))).toMatchObject({ outcome: 'failed', reason: 'RestoreFailed', message: expect.stringMatching(/cannot become what it was before: .*Nobody is let in/) })
    expect(await test.becomes(spec, { phase: 'provisioning', reason: 'RestoreFailed' })).toMatchObject({ message: expect.stringMatching(short) })
    await expect(connectThroughService(test.api, { observed: await test.observe(spec), user: spec.owner.user, password: spec.owner.password, database: spec.database })).rejects.toThrow(/pg_hba.conf rejects/)
    expect(await work.ended(engine => engine.undoRestore(spec, order.id))).toMatchObject({ outcome: 'failed', message: expect.stringContaining('cannot become') })

    for (const [key, bytes] of whole)
      await putObject(bucket.settings, key, bytes)
    await changeTime(spec, new Date(0))
    expect(await work.ended(engine => engine.undoRestore(spec, order.id))).toMatchObject({ outcome: 'failed', reason: 'RestoreFailed', message: expect.stringMatching(short) })
    expect(await test.becomes(spec, { phase: 'ready' })).toMatchObject({ undo: { id: order.id } })
    expect(await work.rowsOf(spec)).toEqual([1, 3])
  }, 900_000)

  /** When it was tried last. */
  async function changeTime({ id }: DatabaseSpec, at: Date): Promise<void> {
    const place = { namespace: test.namespace, name: archiveOf(id) }
    const store = await test.api.get(resources.objectStore, place)
    const record = parseInPlace(store?.metadata.annotations?.[inPlaceAnnotation])
    const { again } = record.swap!
    await test.api.merge(resources.objectStore, place, { metadata: { annotations: { [inPlaceAnnotation]: JSON.stringify({ ...record, swap: { ...record.swap, again: { ...again, at } } }) } } })
  }

  /** Of the segment that has what is written, the archive has a half once all of it was there. */
  async function cutOff({ id }: DatabaseSpec, write: () => Promise<void>, archive: () => Promise<void>): Promise<void> {
    const bucket = await work.bucketOf()
    const segments = async (): Promise<string[]> => (await bucket.list(`${id}/wals`)).map(({ key }) => key).filter(key => /\/[0-9A-F]{24}\.gz$/.test(key)).sort()
    const before = (await segments()).length
    await write()
    await archive()
    const key = (await segments())[before]!
    const whole = await bucket.get(key) ?? new Uint8Array()
    await putObject(bucket.settings, key, whole.slice(0, whole.length / 2))
  }
})
