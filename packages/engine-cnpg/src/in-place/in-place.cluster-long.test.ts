/** What the suite of the port does not look at: which rows are there afterwards, of which past, and what a kill or a damaged backup leaves. */
import type { DatabaseSpec, Engine, Progress, RestoreOrder, RestoreTarget } from '@howdah/engine'
import type { ClusterEngine } from '../testing/cluster-engine.ts'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from '@howdah/engine'
import { openBucket } from '@howdah/engine-local'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { resources } from '../kubernetes/objects.ts'
import { clusterEngine } from '../testing/cluster-engine.ts'
import { connectThroughService } from '../testing/connect.ts'

describe.runIf(inject('cluster').s3)('a restore in place', () => {
  let test: ClusterEngine
  beforeAll(async () => {
    test = await clusterEngine()
  })
  afterAll(async () => await test.cleanup(), 600_000)

  it('goes on with another control plane after each step, and undone it is what it was last', async () => {
    const spec = await test.database()
    await test.engine.ensureRole(spec, { name: 'reader', access: 'read-only', password: 'of-then', connectionLimit: -1 })
    await write(spec, 'create table rows (n int); insert into rows values (1)')
    await backUp(spec)
    await write(spec, 'insert into rows values (2)')
    const at = await momentOf(spec)
    await write(spec, 'insert into rows values (3)')
    const { endpoint } = await test.observe(spec)
    const order = orderOf(spec, { kind: 'time', at })
    expect((await test.engine.planRestore(spec, order.from)).refusals).toEqual([])
    expect(await ended(engine => engine.restore(spec, order), 'anew')).toEqual({ outcome: 'done' })
    // Before anything is set anew, nobody is let in.
    await expect(connectThroughService(test.api, { observed: { ...await test.observe(spec), endpoint }, user: 'reader', password: 'of-then', database: spec.database })).rejects.toThrow(/pg_hba.conf rejects/)
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    await expect(test.connect({ ...spec, owner: { user: 'reader', password: 'of-then' } })).rejects.toThrow(/password authentication failed/)
    expect(await rowsOf(spec)).toEqual([1, 2])
    expect(await test.observe(spec)).toMatchObject({ phase: 'ready', endpoint, undo: { id: order.id, until: order.undoUntil } })
    expect(await ended(engine => engine.undoRestore(spec, order.id), 'anew')).toEqual({ outcome: 'done' })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    expect(await rowsOf(spec)).toEqual([1, 2, 3])
    expect(await test.observe(spec)).toMatchObject({ phase: 'ready', endpoint, undo: undefined })
  })

  it('leaves each moment to be restored as it was then, and its backups are proved', async () => {
    const spec = await test.database()
    await write(spec, 'create table rows (n int); insert into rows values (1)')
    const first = await backUp(spec)
    await write(spec, 'insert into rows values (2)')
    const before = await momentOf(spec)
    const order = orderOf(spec, { kind: 'backup', backup: first })
    expect(await ended(engine => engine.restore(spec, order))).toEqual({ outcome: 'done' })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    await write(spec, 'insert into rows values (3)')
    const between = await momentOf(spec)
    await write(spec, 'insert into rows values (4)')
    expect(await ended(engine => engine.drillBackup(spec, order.id))).toEqual({ outcome: 'done' })
    await expect(test.engine.deleteBackup(spec, first)).rejects.toMatchObject({ code: 'conflict' })
    expect(await ended(engine => engine.undoRestore(spec, order.id))).toEqual({ outcome: 'done' })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    expect(await rowsOf(await restored(spec, { kind: 'time', at: before }))).toEqual([1, 2])
    expect(await rowsOf(await restored(spec, { kind: 'time', at: between }))).toEqual([1, 3])
    await test.engine.deleteBackup(spec, first)
    expect(await test.engine.backups(spec)).toEqual([])
  })

  it('that cannot be done says why, and leaves everything as it was', async () => {
    const spec = await test.database()
    await test.engine.ensureRole(spec, { name: 'reader', access: 'read-only', password: 'of-now', connectionLimit: -1 })
    await write(spec, 'create table rows (n int); insert into rows values (1)')
    const damaged = await backUp(spec)
    const bucket = bucketOf()
    for (const { key } of await (await bucket).list(`${spec.id}/base`)) {
      if (/data\.tar/.test(key))
        await (await bucket).remove(key)
    }
    await backUp(spec)
    await write(spec, 'insert into rows values (2)')
    const { endpoint } = await test.observe(spec)
    const order = orderOf(spec, { kind: 'backup', backup: damaged })
    const failed = { outcome: 'failed', reason: 'RestoreFailed', message: expect.stringMatching(/Missing file base.*It is what it was before/) }
    expect(await ended(engine => engine.restore(spec, order))).toMatchObject(failed)
    // Nobody calls anything else: it is ready by itself.
    expect(await test.becomes(spec, { phase: 'ready' })).toMatchObject({ endpoint, undo: undefined, generation: spec.generation })
    expect(await rowsOf(spec)).toEqual([1, 2])
    const reader = await test.connect({ ...spec, owner: { user: 'reader', password: 'of-now' } })
    await reader.close()
    expect(await test.engine.restore(spec, order)).toMatchObject(failed)
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
  })

  it('of a database with a synchronous replica has one again; whatever is asked next goes on with it', async () => {
    const spec = await test.database({ instances: 2, durability: 'sync' })
    await write(spec, 'create table rows (n int); insert into rows values (1)')
    const backup = await backUp(spec)
    await write(spec, 'insert into rows values (2)')
    await test.becomes(spec, { phase: 'ready' })
    const order = orderOf(spec, { kind: 'backup', backup })
    await untilGone(spec, order)
    // Whoever restored is not heard of again.
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    expect(await rowsOf(spec)).toEqual([1])
    expect((await test.becomes(spec, { phase: 'ready' })).members).toMatchObject([{ phase: 'ready' }, { phase: 'ready' }])
    expect(await test.engine.restore(spec, order)).toEqual({ outcome: 'done' })
    await test.engine.endUndo(spec)
    expect(await test.engine.undoRestore(spec, order.id)).toEqual({ outcome: 'done' })
    expect(await test.observe(spec)).toMatchObject({ undo: undefined })
    expect(await rowsOf(spec)).toEqual([1])
  })

  it('that was begun when the database was deleted leaves what it was last to be restored', async () => {
    const spec = await test.database()
    const backup = await backUp(spec)
    await write(spec, 'create table rows (n int); insert into rows values (1)')
    await untilGone(spec, orderOf(spec, { kind: 'backup', backup }))
    await until(async () => (await test.engine.destroy(spec)).outcome === 'done', { deadlineMs: 300_000, everyMs: 250, what: 'it is gone' })
    expect(await rowsOf(await restored(spec, { kind: 'latest' }))).toEqual([1])
  })

  function orderOf({ id }: DatabaseSpec, target: RestoreTarget): RestoreOrder {
    return { id: randomUUID(), from: { id, target }, undoUntil: new Date(Date.now() + 3_600_000) }
  }

  /** `anew`: each step is made by a control plane that has just started and knows nothing of the one before. */
  async function ended(step: (engine: Engine) => Promise<Progress>, who: 'test' | 'anew' = 'test'): Promise<Progress> {
    return await until(async () => {
      const progress = await (who === 'anew' ? anew(step) : step(test.engine)).catch((error: unknown): Progress => {
        if (error instanceof EngineError && error.code === 'unavailable')
          return { outcome: 'wait', step: 'again', afterMs: 500, reason: error.message }
        throw error
      })
      if (progress.outcome === 'wait')
        await delay(progress.afterMs)
      return progress.outcome === 'done' || progress.outcome === 'failed' ? progress : undefined
    }, { deadlineMs: 400_000, what: 'it has ended' })
  }

  async function anew(step: (engine: Engine) => Promise<Progress>): Promise<Progress> {
    const engine = test.createEngine()
    await engine.open()
    try {
      return await step(engine)
    }
    finally {
      await engine.close()
    }
  }

  async function untilGone(spec: DatabaseSpec, order: RestoreOrder): Promise<void> {
    await until(async () => {
      await test.engine.restore(spec, order)
      return await test.api.get(resources.cluster, { namespace: test.namespace, name: spec.name }) === undefined
    }, { deadlineMs: 120_000, what: 'its Cluster is gone' })
  }

  async function bucketOf() {
    const { s3 } = inject('cluster')
    return await openBucket({ url: `s3://backups/${test.namespacePrefix}?endpoint=${s3?.endpoint}`, accessKeyId: s3?.accessKeyId ?? '', secretAccessKey: s3?.secretAccessKey ?? '' })
  }

  async function backUp(spec: DatabaseSpec): Promise<string> {
    const id = randomUUID()
    await until(async () => (await test.engine.takeBackup(spec, id)).outcome === 'done', { deadlineMs: 180_000, everyMs: 250, what: 'the backup is taken' })
    return id
  }

  async function restored(source: DatabaseSpec, target: RestoreTarget): Promise<DatabaseSpec> {
    return await test.database({ from: { id: source.id, target } })
  }

  async function write(spec: DatabaseSpec, statement: string): Promise<void> {
    const session = await test.connect(spec)
    await session.query(statement)
    await session.close()
  }

  /** A moment that is surely after everything before, and before everything after. */
  async function momentOf(spec: DatabaseSpec): Promise<Date> {
    const session = await test.connect(spec)
    const [row] = await session.query('select pg_sleep(0.01), clock_timestamp() as at, pg_sleep(0.01)')
    await session.close()
    return row?.at as Date
  }

  async function rowsOf(spec: DatabaseSpec): Promise<number[]> {
    const session = await test.connect(spec)
    const rows = await session.query('select n from rows order by n')
    await session.close()
    return rows.map(({ n }) => Number(n))
  }
})
