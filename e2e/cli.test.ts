/**
 * The whole journey of the `howdah` command against the real server and real PostgreSQL: what a person types in the
 * first hour, and what a script relies on.
 */
import type { Ended } from './program.ts'
import type { RunningServer } from './server.ts'
import { spawn } from 'node:child_process'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { program } from './program.ts'
import { startServer } from './server.ts'

// One test is up to twenty runs of the command.
vi.setConfig({ testTimeout: 120_000 })

const main = join(import.meta.dirname, '../apps/cli/src/main.ts')
const password = 'correct horse battery staple'
let server: RunningServer
let env: Record<string, string>

beforeAll(async () => {
  server = await startServer({ HOWDAH_ADMIN_PASSWORD: password })
  env = { HOWDAH_DATA_DIR: server.dataDir, HOWDAH_CONFIG: join(server.dataDir, 'config/config.json') }
})
afterAll(async () => await server?.stop())

async function howdah(...words: string[]): Promise<Ended> {
  return await program(process.execPath, [main, ...words], { env })
}

async function json<T = unknown>(...words: string[]): Promise<T> {
  const { code, stdout, stderr } = await howdah(...words, '-o', 'json')
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout) as T // The caller says what the contract answers.
}

it('without a login it knows the server of this machine', async () => {
  const { code, stdout } = await howdah('status')
  expect(code).toBe(0)
  expect(stdout).toContain(server.url)
})

it('create waits with its steps on standard error, and ends with the address', async () => {
  const { code, stdout, stderr } = await howdah('db', 'create', 'orders', '--label', 'team=sales', '--storage', '2GiB')
  expect(code, stderr).toBe(0)
  expect(stderr).toMatch(/✓ login {2}\d+ m?s\n✓ database\.create of orders: done in/)
  expect(stdout).toMatch(/^orders is ready at \S+:\d+ \(PostgreSQL 18/)
})

it('the printed URI works in psql, over verified TLS', async () => {
  const { stdout: uri } = await howdah('db', 'connection', 'orders', '--format', 'uri')
  const { code, stdout, stderr } = await program('psql', [uri.trim(), '-Atc', 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'])
  expect(code, stderr).toBe(0)
  expect(stdout).toBe('t\n')
})

it('db psql runs psql, with its arguments and its exit code, and the password in no argument', async () => {
  expect((await howdah('db', 'psql', 'orders', '--', '-Atc', 'select current_user')).stdout).toBe('orders\n')
  expect((await howdah('db', 'psql', 'orders', '--', '-v', 'ON_ERROR_STOP=1', '-c', 'select 1/0')).code).toBe(1)
  const uri = (await howdah('db', 'connection', 'orders', '--format', 'uri')).stdout
  const secret = decodeURIComponent(new URL(uri.trim()).password)
  const { stdout } = await howdah('db', 'psql', 'orders', '--', '-c', String.raw`\! ps -eo args`)
  expect(stdout).toContain('psql')
  expect(stdout).not.toContain(secret)
})

it('without psql it says how to get it, and the URI', async () => {
  const { code, stderr } = await program(process.execPath, [main, 'db', 'psql', 'orders'], { env: { ...env, PATH: '/nowhere' } })
  expect(code).toBe(2)
  expect(stderr).toMatch(/postgresql:\/\/orders:[\s\S]*Next: Get it with: /)
})

it('a dry run changes nothing and tells about the restart', async () => {
  const plan = await json<{ interruption: string }>('db', 'update', 'orders', '--param', 'max_connections=50', '--dry-run')
  expect(plan.interruption).toBe('restart')
  expect(await json('db', 'get', 'orders')).toMatchObject({ parameters: {}, generation: 1 })
})

it('labels and parameters are merged', async () => {
  await json('db', 'update', 'orders', '--label', 'tier=gold', '--param', 'work_mem=16MB')
  expect(await json('db', 'update', 'orders', '--unset-label', 'team', '--unset-param', 'work_mem')).toMatchObject({ labels: { tier: 'gold' }, parameters: {} })
  expect((await howdah('db', 'psql', 'orders', '--', '-Atc', 'show work_mem')).stdout).not.toBe('16MB\n')
})

it('users, logical databases, extensions and parameters', async () => {
  await json('user', 'create', 'orders', 'app', '--access', 'read-write')
  await json('dbs', 'create', 'orders', 'warehouse', '--owner', 'app')
  expect((await howdah('db', 'psql', 'orders', '--role', 'app', '--db', 'warehouse', '--', '-Atc', 'select current_user, current_database()')).stdout).toBe('app|warehouse\n')
  expect((await howdah('extension', 'enable', 'orders', 'pgcrypto')).stdout).toBe('On in orders: pgcrypto.\n')
  expect((await howdah('parameter', 'set', 'orders', 'random_page_cost=1.5')).stdout).toBe('Set in orders: random_page_cost=1.5.\n')
  expect(await json('parameter', 'list', 'orders', '--changed')).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'random_page_cost', value: '1.5' })]))
  expect((await howdah('dbs', 'delete', 'orders', 'warehouse', '--yes')).code).toBe(0)
  expect((await howdah('user', 'delete', 'orders', 'app', '--yes')).code).toBe(0)
})

it('hibernate and resume keep the data', async () => {
  await howdah('db', 'psql', 'orders', '--', '-c', 'create table kept as select 42 as answer')
  expect(await json('db', 'hibernate', 'orders')).toMatchObject({ phase: 'hibernated' })
  expect((await howdah('db', 'psql', 'orders', '--', '-c', 'select 1')).stderr).toContain('howdah db resume orders')
  expect((await howdah('db', 'hibernate', 'orders')).code).toBe(5)
  expect(await json('db', 'resume', 'orders')).toMatchObject({ phase: 'ready' })
  expect((await howdah('db', 'psql', 'orders', '--', '-Atc', 'select answer from kept')).stdout).toBe('42\n')
})

it('rotated credentials are new ones that work', async () => {
  const before = (await howdah('db', 'connection', 'orders', '--format', 'uri')).stdout.trim()
  expect((await howdah('db', 'rotate-credentials', 'orders')).code).toBe(0)
  expect((await program('psql', [before, '-c', 'select 1'])).code).toBe(2)
  expect((await howdah('db', 'psql', 'orders', '--', '-Atc', 'select 1')).stdout).toBe('1\n')
})

it('logs and events can be read and followed', async () => {
  await howdah('db', 'psql', 'orders', '--', '-c', 'select nonsense_before')
  await until(async () => (await howdah('logs', 'orders', '--severity', 'ERROR')).stdout.includes('nonsense_before'), { deadlineMs: 10_000, what: 'the error is in the log' })
  const following = [['logs', 'orders', '--follow', '--contains', 'nonsense'], ['events', 'orders', '--follow', '-o', 'json']].map(words => follow(words))
  await until(() => following[0]?.output().includes('nonsense_before'), { deadlineMs: 10_000, what: 'the log before' })
  await until(async () => {
    await howdah('db', 'psql', 'orders', '--', '-c', 'select nonsense_after')
    return following[0]?.output().includes('nonsense_after')
  }, { deadlineMs: 15_000, what: 'the log goes on' })
  await until(async () => {
    await howdah('db', 'restart', 'orders')
    return following[1]?.output().includes('"phase":"succeeded"')
  }, { deadlineMs: 15_000, what: 'the restart on the stream' })
  for (const { stop } of following)
    expect(await stop()).toBe(130)
})

it('the audit trail tells what was done, and is unbroken', async () => {
  const entries = await json<{ action: string }[]>('audit', 'list', '--database', 'orders', '--limit', '200')
  expect(entries.map(({ action }) => action)).toEqual(expect.arrayContaining(['databases.create', 'databases.connection', 'databases.hibernate']))
  expect((await howdah('audit', 'verify')).stdout).toMatch(/^Unbroken/)
})

it('login, another person\'s rights, and logout', async () => {
  env = { ...env, HOWDAH_DATA_DIR: '/nowhere', HOWDAH_URL: server.url }
  expect((await howdah('db', 'list')).code).toBe(3)
  expect((await withInput('wrong', 'login', '--email', 'admin@localhost', '--password-stdin')).code).toBe(3)
  expect((await withInput(password, 'login', '--email', 'admin@localhost', '--password-stdin')).stdout).toContain('admin of the project default')
  expect((await stat(env.HOWDAH_CONFIG ?? '')).mode & 0o777).toBe(0o600)
  const person = await json<{ password: string }>('person', 'create', 'ada@example.org', '--name', 'Ada')
  expect((await howdah('member', 'add', 'ada@example.org', '--role', 'viewer')).code).toBe(0)
  expect((await howdah('logout')).code).toBe(0)

  expect((await withInput(person.password, 'login', '--email', 'ada@example.org', '--password-stdin')).code).toBe(0)
  expect((await howdah('db', 'list')).stdout).toContain('orders')
  const refused = await howdah('db', 'restart', 'orders')
  expect(refused.code).toBe(3)
  expect(refused.stderr).toContain('Used: the sign-in of ada@example.org')
  expect((await howdah('logout')).code).toBe(0)
  expect((await howdah('whoami')).code).toBe(3)
  env = { HOWDAH_DATA_DIR: server.dataDir, HOWDAH_CONFIG: env.HOWDAH_CONFIG ?? '' }
})

it('an API key works until it is revoked', async () => {
  const { key } = await json<{ key: string }>('api-key', 'create', 'ci', '--role', 'viewer', '--expires', '1d')
  const asKey = { ...env, HOWDAH_TOKEN: key }
  expect((await program(process.execPath, [main, 'db', 'list'], { env: asKey })).code).toBe(0)
  expect((await howdah('api-key', 'delete', 'ci', '--yes')).code).toBe(0)
  expect((await program(process.execPath, [main, 'db', 'list'], { env: asKey })).code).toBe(3)
})

it('protection holds until it is taken away, and then delete takes all', async () => {
  expect((await howdah('db', 'update', 'orders', '--protect')).code).toBe(0)
  expect((await howdah('db', 'delete', 'orders', '--yes')).code).toBe(5)
  expect((await howdah('db', 'update', 'orders', '--no-protect')).code).toBe(0)
  expect((await howdah('db', 'delete', 'orders')).code).toBe(2)
  expect((await howdah('db', 'delete', 'orders', '--yes')).stdout).toBe('orders is deleted.\n')
  expect((await howdah('db', 'get', 'orders')).code).toBe(4)
  expect(await json('db', 'list')).toEqual([])
})

function follow(words: readonly string[]): { readonly output: () => string, readonly stop: () => Promise<number | null> } {
  const child = spawn(process.execPath, [main, ...words], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', text => output += text)
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  return {
    output: () => output,
    stop: async () => {
      child.kill('SIGINT')
      return await ended
    },
  }
}

/** Through a file, as in the README; a shell never sees the password. */
async function withInput(input: string, ...words: string[]): Promise<Ended> {
  const path = join(server.dataDir, 'input')
  await writeFile(path, `${input}\n`, { mode: 0o600 })
  return await program('sh', ['-c', 'file=$1; shift; exec "$@" < "$file"', 'sh', path, process.execPath, main, ...words], { env })
}
