/** The `howdah` command where something may be lost: replicas, backups, moments, branches, upgrades, each against real servers. */
import type { Ended } from './program.ts'
import type { RunningServer } from './server.ts'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { program } from './program.ts'
import { startServer } from './server.ts'

// One test is up to ten runs of the command.
vi.setConfig({ testTimeout: 240_000 })

const main = join(import.meta.dirname, '../apps/cli/src/main.ts')
let server: RunningServer
let env: Record<string, string>

beforeAll(async () => {
  server = await startServer()
  env = { HOWDAH_DATA_DIR: server.dataDir, HOWDAH_CONFIG: join(server.dataDir, 'config/config.json') }
})
afterAll(async () => await server?.stop())

async function howdah(...words: string[]): Promise<Ended> {
  return await program(process.execPath, [main, ...words], { env })
}

async function said(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await howdah(...words)
  expect(code, stderr).toBe(0)
  return stdout
}

const json = async <T = unknown>(...words: string[]): Promise<T> => JSON.parse(await said(...words, '-o', 'json')) as T // The caller says what the contract answers.
const sql = async (name: string, text: string): Promise<string> => (await said('db', 'psql', name, '--', '-v', 'ON_ERROR_STOP=1', '-Atc', text)).trim()

it('a first replica says beforehand that it interrupts, and then another one can be the primary', async () => {
  await said('db', 'create', 'orders')
  await sql('orders', 'create table ledger as select generate_series(1, 10) n')
  expect(await json('db', 'update', 'orders', '--instances', '2', '--dry-run')).toMatchObject({ interruption: 'restart' })
  await said('db', 'update', 'orders', '--instances', '2', '--durability', 'sync')
  expect(await said('db', 'get', 'orders')).toMatch(/orders-1 \(primary, ready\), orders-2 \(replica, ready[,)]/)
  await said('db', 'switchover', 'orders', '--to', 'orders-2')
  expect(await said('db', 'get', 'orders')).toMatch(/orders-2 \(primary, ready\)/)
  expect(await sql('orders', 'insert into ledger values (11); select count(*) from ledger')).toMatch(/11$/)
  const refused = await howdah('db', 'switchover', 'orders', '--to', 'orders-9')
  expect([refused.code, refused.stderr]).toEqual([expect.any(Number), expect.stringContaining('orders-9')])
  expect(refused.code).not.toBe(0)
})

it('a backup and a named moment: a new database has what was there then, and passwords of its own', async () => {
  const before = await json<{ id: string }[]>('backup', 'list', 'orders')
  await said('backup', 'create', 'orders')
  const backups = await json<{ id: string }[]>('backup', 'list', 'orders')
  expect(backups).toHaveLength(before.length + 1)
  await said('restore-point', 'create', 'orders', 'before-migration-42')
  await sql('orders', 'delete from ledger')
  expect(await said('restore-point', 'list', 'orders')).toContain('before-migration-42')
  await said('restore', 'orders', 'orders-before', '--point', 'before-migration-42')
  expect(await sql('orders-before', 'select count(*) from ledger')).toBe('11')
  const [old, copy] = [await said('db', 'connection', 'orders', '--format', 'uri'), await said('db', 'connection', 'orders-before', '--format', 'uri')].map(uri => new URL(uri.trim()))
  expect(copy?.password).not.toBe(old?.password)
  const tooEarly = await howdah('restore', 'orders', 'never', '--at', '2020-01-01T00:00:00Z')
  expect(tooEarly.code).not.toBe(0)
  expect((await howdah('db', 'get', 'never')).code).not.toBe(0)
})

it('in place, and undone', async () => {
  const unknown = await howdah('db', 'restore', 'orders', '--point', 'no-such-point')
  expect([unknown.code, unknown.stderr]).toEqual([6, expect.stringContaining('--point (/name)')])
  await said('db', 'restore', 'orders', '--point', 'before-migration-42')
  expect(await sql('orders', 'select count(*) from ledger')).toBe('11')
  await said('db', 'undo-restore', 'orders')
  expect(await sql('orders', 'select count(*) from ledger')).toBe('0')
})

it('a branch goes its own way, tells how its schema differs, and becomes its parent again', async () => {
  await said('branch', 'create', 'orders-before', 'experiment', '--expires-in', '2d')
  await sql('experiment', 'alter table ledger add column note text; insert into ledger values (12)')
  expect(await said('branch', 'list', 'orders-before')).toContain('experiment')
  expect(await said('branch', 'diff', 'experiment')).toMatch(/changed table public\.ledger\n[\s\S]*\+ note text/)
  await said('branch', 'reset', 'experiment')
  expect(await sql('experiment', 'select count(*) from ledger')).toBe('11')
  expect(await said('branch', 'diff', 'experiment')).not.toContain('note')
})

it('an upgrade is rehearsed on a copy, done, and undone', async () => {
  await said('db', 'create', 'legacy', '--version', '17')
  await sql('legacy', 'create table kept as select generate_series(1, 100) n')
  expect(await said('db', 'upgrade', 'legacy', '--to', '18', '--rehearse')).toMatch(/18/)
  expect(await sql('legacy', 'show server_version_num')).toMatch(/^17/)
  await said('db', 'upgrade', 'legacy', '--to', '18')
  expect(await sql('legacy', `select current_setting('server_version_num')::int / 10000 || ' ' || count(*) from kept`)).toBe('18 100')
  await said('db', 'undo-restore', 'legacy')
  expect(await sql('legacy', `select current_setting('server_version_num')::int / 10000 || ' ' || count(*) from kept`)).toBe('17 100')
})
