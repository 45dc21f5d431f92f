import type { TemporaryDatabase, TemporaryPostgres } from '@howdah/testkit'
import { rm, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { temporaryFolder, temporaryPostgres, until } from '@howdah/testkit'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { openStore } from './db.ts'
import { migrate } from './migrate.ts'

let postgres: TemporaryPostgres
let database: TemporaryDatabase
let folder: Awaited<ReturnType<typeof temporaryFolder>>
const stores: ReturnType<typeof openStore>[] = []
beforeAll(async () => {
  postgres = await temporaryPostgres()
})
beforeEach(async () => {
  [database, folder] = await Promise.all([postgres.createDatabase(), temporaryFolder()])
})
afterEach(async () => {
  await Promise.all(stores.splice(0).map(store => store.close()))
  await Promise.all([database.drop(), folder.remove()])
})
afterAll(async () => await postgres.close())

function store() {
  const opened = openStore(database.connection, 2, () => undefined)
  stores.push(opened)
  return opened
}
const url = () => pathToFileURL(`${folder.path}/`)
async function write(files: Record<string, string>): Promise<void> {
  for (const [name, sql] of Object.entries(files))
    await writeFile(new URL(name, url()), sql)
}
async function ask(sql: string): Promise<unknown[]> {
  return (await store().pool.query(sql)).rows
}

it('the real ones run on an empty store, and once only', async () => {
  expect(await migrate(store().pool)).toContain('0001_init.sql')
  expect(await migrate(store().pool)).toEqual([])
})

it('processes that start at the same time run each migration once', async () => {
  await write({ '0001.sql': 'create table t (n int)', '0002.sql': 'insert into t values (1)' })
  const applied = await Promise.all(Array.from({ length: 5 }, () => migrate(store().pool, url())))
  expect(applied.flat()).toEqual(['0001.sql', '0002.sql'])
  expect(await ask('select n from t')).toEqual([{ n: 1 }])
})

it('one that waits for another goes on when that one is gone, however it went', async () => {
  await write({ '0001.sql': 'create table t (n int)' })
  const other = new pg.Client(database.connection)
  other.on('error', () => undefined)
  await other.connect()
  await other.query('select pg_advisory_lock(7246329401)')
  const migrating = migrate(store().pool, url())
  const waiting = await until(async () => (await ask('select 1 from pg_stat_activity where datname = current_database() and wait_event = \'advisory\'')).length === 1, { deadlineMs: 5000 })
  expect(waiting).toBe(true)
  await ask('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and query like \'select pg_advisory_lock(7%\' and wait_event is distinct from \'advisory\'')
  expect(await migrating).toEqual(['0001.sql'])
})

it('a migration that fails leaves nothing of itself, and what ran before it stays', async () => {
  await write({ '0001.sql': 'create table a (n int)', '0002.sql': 'create table b (n int); select 1/0' })
  await expect(migrate(store().pool, url())).rejects.toThrow(/division by zero/)
  expect(await ask('select name from migrations')).toEqual([{ name: '0001.sql' }])
  expect(await ask('select to_regclass(\'b\') as b')).toEqual([{ b: null }])
  await write({ '0002.sql': 'create table b (n int)' })
  expect(await migrate(store().pool, url())).toEqual(['0002.sql'])
})

it('one that was changed after it ran is refused before anything is done', async () => {
  await write({ '0001.sql': 'create table a (n int)' })
  await migrate(store().pool, url())
  await write({ '0001.sql': 'create table a (n bigint)', '0002.sql': 'create table b (n int)' })
  await expect(migrate(store().pool, url())).rejects.toThrow(/0001\.sql was changed after it ran/)
  expect(await ask('select to_regclass(\'b\') as b')).toEqual([{ b: null }])
})

it('a store of a newer release is refused before anything is done', async () => {
  await write({ '0001.sql': 'create table a (n int)', '0003.sql': 'create table c (n int)' })
  await migrate(store().pool, url())
  await rm(new URL('0003.sql', url()))
  await write({ '0002.sql': 'create table b (n int)' })
  await expect(migrate(store().pool, url())).rejects.toThrow(/newer release \(it has 0003\.sql\)/)
  expect(await ask('select to_regclass(\'b\') as b')).toEqual([{ b: null }])
})

it('takes longer than any request may, where it has to', async () => {
  await write({ '0001.sql': 'create table timeouts as select current_setting(\'statement_timeout\') as statement' })
  const opened = store()
  await migrate(opened.pool, url())
  expect(await ask('select statement from timeouts')).toEqual([{ statement: '0' }])
  expect((await opened.pool.query('select current_setting(\'statement_timeout\') as statement')).rows).toEqual([{ statement: '30s' }])
})
