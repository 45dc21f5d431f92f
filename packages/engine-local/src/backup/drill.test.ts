import type { DatabaseSpec, Progress } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { maintenanceDatabase } from '@howdah/postgres'
import { readPlaces, until } from '@howdah/testkit'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testEngine } from '../testing/local-engine.ts'
import { asSuperuser as workAsSuperuser } from '../testing/superuser.ts'

/** A backup counts for what it restores to: a drill finds that out, and whatever is wrong with it. */
describe('a restore drill', () => {
  let test: TestEngine
  beforeAll(async () => {
    test = await testEngine()
  })
  afterAll(async () => await test.remove())

  async function take(spec: DatabaseSpec): Promise<string> {
    const id = randomUUID()
    await until(async () => (await test.engine.takeBackup(spec, id)).outcome === 'done', { deadlineMs: 60_000 })
    return id
  }

  async function asSuperuser<T>(spec: DatabaseSpec, work: (client: Client) => Promise<T>, database = maintenanceDatabase): Promise<T> {
    return await workAsSuperuser(test, spec, database, work)
  }

  /** The server of a test has nothing more to write, and would archive what it has after a minute. */
  async function drill(spec: DatabaseSpec, id = randomUUID()): Promise<Progress> {
    return await until(async () => {
      const progress = await test.engine.drillBackup(spec, id)
      if (progress.outcome === 'wait' && progress.reason.includes('in the archive'))
        await asSuperuser(spec, async client => await client.query('select pg_switch_wal()'))
      return progress.outcome === 'done' || progress.outcome === 'failed' ? progress : undefined
    }, { deadlineMs: 110_000, what: 'the drill is over' })
  }

  async function leavesNothing(spec: DatabaseSpec): Promise<void> {
    // The pool may be making a member just then.
    await until(async () => (await readPlaces(test.dataDir)).unfinished.length === 0, { deadlineMs: 30_000, what: 'nothing half-made is left' })
    expect(await readdir(join(test.dataDir, 'trash'))).toEqual([])
    expect((await readdir(join(test.dataDir, 'backups'))).includes(spec.id)).toBe(true)
  }

  it('proves the newest backup: it starts, has the last commit, and every row and index can be read', async () => {
    const spec = await test.database()
    const backup = await take(spec)
    expect((await test.engine.backups(spec))[0]?.proof).toBeUndefined()
    const client = await test.connect(spec)
    await client.query('create table ledger (n int primary key, text text); insert into ledger select n, repeat(md5(n::text), 100) from generate_series(1, 5000) n')
    await client.end()
    const id = randomUUID()
    const before = Date.now()
    expect(await drill(spec, id)).toEqual({ outcome: 'done' })
    const [{ proof } = {}] = await test.engine.backups(spec)
    expect(proof).toMatchObject({ drill: id, isGood: true, message: '', recoveryTimeMs: expect.any(Number), dataLossMs: expect.any(Number) })
    expect(proof?.reachedAt?.getTime()).toBeGreaterThanOrEqual(before - 1)
    expect(proof?.checks.map(({ isGood, name }) => [name, isGood])).toEqual([['start', true], ['canary', true], ['rows', true], ['structure', true]])
    expect((await test.engine.backups(spec)).map(({ id }) => id)).toEqual([backup])
    // Again by the same id is nothing.
    expect(await test.engine.drillBackup(spec, id)).toEqual({ outcome: 'done' })
    await leavesNothing(spec)
  })

  it('is not confused by what is archived while it replays', async () => {
    const spec = await test.database()
    await take(spec)
    const id = randomUUID()
    let isOver = false
    await asSuperuser(spec, async (client) => {
      await client.query('create table busy (n int)')
      while (!isOver) {
        await client.query('insert into busy values (1)')
        await client.query('select pg_switch_wal()')
        const progress = await test.engine.drillBackup(spec, id)
        isOver = progress.outcome === 'done' || progress.outcome === 'failed'
      }
    })
    expect((await test.engine.backups(spec))[0]?.proof).toMatchObject({ message: '', isGood: true })
    await leavesNothing(spec)
  })

  it('finds a damaged block of the backup, and says which', async () => {
    const spec = await test.database()
    const backup = await take(spec)
    const block = join(test.dataDir, 'backups', spec.id, 'base', backup, '000000')
    const content = await readFile(block)
    content[Math.floor(content.length / 2)]! ^= 1
    await writeFile(block, content)
    expect(await drill(spec)).toMatchObject({ outcome: 'failed', reason: 'DrillFailed', message: expect.stringContaining('000000 is damaged') })
    expect((await test.engine.backups(spec))[0]?.proof).toMatchObject({ isGood: false, recoveryTimeMs: null, message: expect.stringContaining('is damaged') })
    await leavesNothing(spec)
  })

  it('finds an index that lacks a row, though the server starts and every page is sound', async () => {
    const spec = await test.database()
    const client = await test.connect(spec)
    await client.query('create table indexed (n int primary key); insert into indexed select generate_series(1, 1000)')
    await client.end()
    // A row that the index is not told of: what a broken disk or a bug leaves, with checksums that are right.
    await asSuperuser(spec, async (superuser) => {
      await superuser.query('update pg_index set indisready = false where indexrelid = \'indexed_pkey\'::regclass')
      await superuser.query('insert into indexed values (1001)')
      await superuser.query('update pg_index set indisready = true where indexrelid = \'indexed_pkey\'::regclass')
    }, spec.database)
    await take(spec)
    expect(await drill(spec)).toMatchObject({ outcome: 'failed', reason: 'DrillFailed', message: expect.stringMatching(/index "indexed_pkey"/) })
    await leavesNothing(spec)
  })

  it('without a backup is refused, and one with the database stopped needs no commit of its own', async () => {
    const spec = await test.database()
    await expect(drill(spec)).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('no backup') })
    await take(spec)
    const asleep = { ...spec, generation: 2, hibernated: true }
    expect(await test.settle(asleep)).toEqual({ outcome: 'done' })
    expect(await drill(asleep)).toEqual({ outcome: 'done' })
    expect((await test.engine.backups(spec))[0]?.proof).toMatchObject({ isGood: true, dataLossMs: null })
  })

  it('runs nothing of what the owner of a database prepared for a superuser', async () => {
    const spec = await test.database()
    const client = await test.connect(spec)
    await client.query(`
      create table trap (n int);
      create function spring() returns void language plpgsql as $$ begin insert into public.trap values (1); end $$;
      create function bt_index_check(regclass, boolean) returns void language sql as 'select public.spring()';
      create schema amcheck; create function amcheck.verify_heapam(regclass) returns void language sql as 'select public.spring()';
      alter database "${spec.database}" set search_path = public, pg_catalog`)
    await client.end()
    await take(spec)
    expect(await drill(spec)).toEqual({ outcome: 'done' })
    // The canary stands where the owner cannot look.
    const again = await test.connect(spec)
    await expect(again.query('select * from howdah.canary')).rejects.toThrow()
    await again.end()
    const stray = new Client({ host: '127.0.0.1', port: (await test.observe(spec)).endpoint?.port ?? 0, ssl: { ca: (await test.observe(spec)).endpoint?.caCertificate }, user: spec.owner.user, password: spec.owner.password, database: maintenanceDatabase })
    await expect(stray.connect()).rejects.toThrow()
  })
})
