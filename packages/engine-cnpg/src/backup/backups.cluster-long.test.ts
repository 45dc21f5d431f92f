/** What the suite of the port does not look at: which rows come back, and from which timeline. */
import type { DatabaseSpec, RestoreTarget } from '@howdah/engine'
import type { ClusterEngine } from '../testing/cluster-engine.ts'
import { randomUUID } from 'node:crypto'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { clusterEngine } from '../testing/cluster-engine.ts'

describe.runIf(inject('cluster').s3)('backups', () => {
  let test: ClusterEngine
  beforeAll(async () => {
    test = await clusterEngine()
  })
  afterAll(async () => await test.cleanup(), 600_000)

  it('bring back exactly the rows up to a moment, and no password but the owner\'s', async () => {
    const source = await test.database()
    await test.engine.ensureRole(source, { name: 'reader', access: 'read-only', password: 'opens-the-source', connectionLimit: -1 })
    await write(source, 'create table rows (n int); insert into rows values (1)')
    await write(source, 'create function answer() returns int language plpgsql as $$ begin return 42; end $$')
    await test.backUp(source)
    await write(source, 'insert into rows values (2)')
    const at = await momentOf(source)
    await write(source, 'insert into rows values (3)')
    const copy = await restored(source, { kind: 'time', at })
    expect(await rowsOf(copy)).toEqual([1, 2])
    expect(await rowsOf(source)).toEqual([1, 2, 3])
    await expect(test.connect({ ...copy, owner: { user: 'reader', password: 'opens-the-source' } })).rejects.toThrow(/password authentication failed/)
    await expect(test.connect({ ...copy, owner: source.owner })).rejects.toThrow(/password authentication failed/)
  })

  it('of a database with a replica go on over a switchover, and reach to its last moment when it was deleted', async () => {
    const source = await test.database({ instances: 2 })
    await write(source, 'create table rows (n int); insert into rows values (1)')
    await test.backUp(source)
    await test.becomes(source, { phase: 'ready' })
    const order = { id: randomUUID() }
    await until(async () => (await test.engine.switchOver(source, order)).outcome === 'done', { deadlineMs: 120_000, everyMs: 100, what: 'the role is handed over' })
    await write(source, 'insert into rows values (2)')
    await until(async () => (await test.engine.destroy(source)).outcome === 'done', { deadlineMs: 300_000, everyMs: 250, what: 'it is gone' })
    const [span] = await test.engine.restoreWindow(source)
    const copy = await restored(source, { kind: 'time', at: span?.to ?? new Date(0) })
    expect(await rowsOf(copy)).toContain(1)
    expect(await rowsOf(await restored(source, { kind: 'latest' }))).toEqual([1, 2])
    expect(await rowsOf(await restored(source, { kind: 'lsn', lsn: span?.toLsn ?? '' }))).toEqual([1, 2])
  })

  it('do not hold up the end of a database that has none', async () => {
    const spec = await test.database()
    // The server ends after those who are logged in.
    const session = await test.connect(spec)
    const segment = async (): Promise<unknown> => await session.query('select pg_walfile_name(pg_current_wal_lsn()) as name')
    const before = await segment()
    expect(await test.engine.destroy(spec)).toMatchObject({ outcome: 'wait', step: 'delete' })
    expect(await segment()).toEqual(before)
    await session.close()
    await until(async () => (await test.engine.destroy(spec)).outcome === 'done', { deadlineMs: 300_000, everyMs: 250, what: 'it is gone' })
  })

  it('of another project are nobody\'s to begin with', async () => {
    const source = await test.database()
    const backup = await test.backUp(source)
    for (const target of [{ kind: 'latest' }, { kind: 'backup', backup }] as const) {
      const theft = test.spec({ project: 'others', from: { id: source.id, target } })
      expect((await test.engine.plan(theft)).refusals).toMatchObject([{ pointer: '/from' }])
      await expect(test.engine.ensure(theft)).rejects.toMatchObject({ code: 'invalid' })
    }
  })

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
