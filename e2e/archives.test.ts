/** What is left of an installation after its machine is lost, archives and the key, and what the command makes of it. */
import type { Ended } from './program.ts'
import { Buffer } from 'node:buffer'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { temporaryFolder, until } from '@howdah/testkit'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { program } from './program.ts'
import { startServer } from './server.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const main = join(import.meta.dirname, '../apps/cli/src/main.ts')
let kept: Awaited<ReturnType<typeof temporaryFolder>>
let place: string
let key: string
let id: string

async function howdah(...words: string[]): Promise<Ended> {
  return await program(process.execPath, [main, ...words], { env: { HOWDAH_DATA_DIR: join(kept.path, 'nowhere') } })
}

beforeAll(async () => {
  kept = await temporaryFolder();
  [place, key] = [join(kept.path, 'backups'), join(kept.path, 'secret.key')]
  const server = await startServer()
  try {
    const { body: created } = await server.api<{ id: string }>('POST', '/api/databases', { body: { name: 'orders' }, isAwaited: true })
    id = created.id
    const { body: { database, host, password, port, tls, user } } = await server.api<{ database: string, host: string, password: string, port: number, tls: { caCertificate: string }, user: string }>('GET', '/api/databases/orders/connection')
    const client = new Client({ host, port, user, password, database, ssl: { ca: tls.caCertificate } })
    await client.connect()
    await client.query('create table ledger as select generate_series(1, 1000) n')
    await server.api('POST', '/api/databases/orders/backups', { isAwaited: true })
    await client.query('insert into ledger select generate_series(1001, 1500)')
    await server.api('POST', '/api/databases/orders/restore-points', { body: { name: 'the-end' } })
    await client.query('insert into ledger select generate_series(1501, 1501)')
    await client.end()
    // A server that stops in order archives its last WAL.
    await server.api('POST', '/api/databases/orders/hibernate', { isAwaited: true })
    await cp(join(server.dataDir, 'backups'), place, { recursive: true, preserveTimestamps: true })
    await cp(join(server.dataDir, 'secret.key'), key)
  }
  finally {
    await server.stop()
  }
})
afterAll(async () => await kept.remove())

it('inspect tells whose archives they are, what can be restored, and that all of it is whole', async () => {
  const { code, stdout, stderr } = await howdah('backup', 'inspect', place, '--key', key, '--verify', '-o', 'json')
  expect(code, stderr).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject([{ id, name: 'orders', project: 'default', backups: [{ proof: null }], points: [{ name: 'the-end' }], problems: [] }])
  expect((await howdah('backup', 'inspect', place, '--key', key)).stdout).toContain('orders')
})

it('restore makes a data folder that PostgreSQL starts from, at the moment that was asked for', async () => {
  const folder = join(kept.path, 'orders')
  const { code, stdout, stderr } = await howdah('restore', 'orders', folder, '--from', place, '--key', key, '--point', 'the-end', '-o', 'json')
  expect(code, stderr).toBe(0)
  const { bin, data, passwordFile, user } = JSON.parse(stdout) as { bin: string, data: string, passwordFile: string, user: string }
  expect((await stat(passwordFile)).mode & 0o777).toBe(0o600)
  const { gid, uid } = await stat(data)
  const server = spawn(join(bin, 'postgres'), ['-D', data, '-k', data, '-c', 'listen_addresses='], { stdio: 'ignore', cwd: '/', env: { PATH: process.env.PATH }, ...process.getuid?.() === 0 ? { uid, gid } : {} })
  try {
    await until(async () => (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).includes('ready'), { deadlineMs: 60_000, everyMs: 50, what: 'PostgreSQL is ready' })
    const client = new Client({ host: data, port: 5432, user, password: (await readFile(passwordFile, 'utf8')).trim(), database: 'orders' })
    await client.connect()
    expect((await client.query('select count(*)::int as rows, max(n) as last from ledger')).rows).toEqual([{ rows: 1500, last: 1500 }])
    await client.end()
  }
  finally {
    server.kill('SIGINT')
    await once(server, 'exit')
  }
  expect((await howdah('restore', 'orders', folder, '--from', place, '--key', key)).stderr).toContain('is not empty')
})

it('what is damaged is named, and fails the command', async () => {
  const damaged = join(kept.path, 'damaged')
  await cp(place, damaged, { recursive: true })
  const [backup = ''] = await readdir(join(damaged, id, 'base'))
  const block = join(damaged, id, 'base', backup, '000000')
  const content = await readFile(block)
  content[content.length >> 1]! ^= 1
  await writeFile(block, content)
  await rm(join(damaged, id, 'base', backup, '000001'))
  const { code, stdout } = await howdah('backup', 'inspect', damaged, '--key', key, '--verify')
  expect(code).toBe(1)
  expect(stdout).toMatch(/base\/\S+\/000000 is damaged/)
  expect(stdout).toMatch(/base\/\S+\/000001 is missing/)
})

it('another key opens nothing, and says so', async () => {
  const other = join(kept.path, 'other.key')
  await writeFile(other, `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 })
  const { code, stdout } = await howdah('backup', 'inspect', place, '--key', other)
  expect(code).toBe(1)
  expect(stdout).toContain('which this installation does not have')
  const refused = await howdah('restore', 'orders', join(kept.path, 'none'), '--from', place, '--key', other)
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toContain('There is no archive of "orders"')
  for (const [words, reason] of [[['backup', 'inspect', place], '--key FILE'], [['backup', 'inspect', join(kept.path, 'not-there'), '--key', key], 'There is no folder']] as const) {
    const { code, stderr } = await howdah(...words)
    expect(code).toBe(2)
    expect(stderr).toContain(reason)
  }
})
