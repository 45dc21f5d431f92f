import type { RunningServer } from './server.ts'
import { randomBytes } from 'node:crypto'
import { glob, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { openPrivatePostgres } from '@howdah/engine-local'
import { placeOf, until } from '@howdah/testkit'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer } from './server.ts'

/** Every secret of a run by what it is: none of them may stand anywhere but where it belongs. */
const secrets = new Map<string, string>()
function secret(what: string): string {
  const marker = `canary-${randomBytes(12).toString('hex')}`
  secrets.set(what, marker)
  return marker
}

let server: RunningServer
let events = ''
const problems: string[] = []
const stopReading = new AbortController()

async function api<T = Record<string, any>>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(new URL(path, server.url), {
    method,
    headers: { authorization: `Bearer ${server.token}`, prefer: 'wait=60', ...body === undefined ? {} : { 'content-type': 'application/json' }, ...headers },
    ...body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) },
  })
  const text = await response.text()
  if (response.status >= 400)
    problems.push(text)
  return (text.startsWith('{') ? JSON.parse(text) : text) as T
}

beforeAll(async () => {
  const adminPassword = secret('password of the first operator')
  server = await startServer({ HOWDAH_ADMIN_PASSWORD: adminPassword, HOWDAH_LOG_LEVEL: 'debug', HOWDAH_LOG_FORMAT: 'json' })
  secrets.set('token of this machine', server.token)
  const stream = await fetch(new URL('/api/events', server.url), { headers: { authorization: `Bearer ${server.token}` }, signal: stopReading.signal })
  void (async () => {
    for await (const chunk of stream.body!)
      events += new TextDecoder().decode(chunk)
  })().catch(() => undefined)

  // What people do, right and wrong, with a secret in every place that takes one.
  const session = await api('POST', '/api/auth/login', { email: 'admin@localhost', password: adminPassword })
  secrets.set('access token', session.token)
  secrets.set('refresh token', session.refreshToken)
  await api('POST', '/api/auth/login', { email: 'admin@localhost', password: secret('wrong password') })
  await api('POST', '/api/auth/login', `{"email":"admin@localhost","password":"${secret('password in broken JSON')}"`)
  await api('POST', '/api/auth/refresh', { refreshToken: secret('refresh token that is none') })
  await api('GET', '/api/auth/me', undefined, { authorization: `Bearer ${secret('token that is none')}` })
  secrets.set('API key', (await api('POST', '/api/api-keys', { name: 'ci' }, { 'idempotency-key': 'key' })).key)
  await api('POST', '/api/users', { email: 'ada@example.org', name: 'Ada', password: secret('password of a person') }, { 'idempotency-key': 'person' })
  secrets.set('generated password of a person', (await api('POST', '/api/users', { email: 'bob@example.org', name: 'Bob' }, { 'idempotency-key': 'person2' })).password)
  await api('POST', '/api/databases', { name: 'orders', extensions: ['pgcrypto'] }, { 'idempotency-key': 'database' })
  await api('POST', '/api/databases/orders/users', { name: 'app', password: secret('password of a user') }, { 'idempotency-key': 'user' })
  await api('POST', '/api/databases/orders/users', { name: 'postgres', password: secret('password of a user that is refused') })
  await api('POST', '/api/databases/orders/users', { name: 'app', pasword: secret('password in a mistyped field') })
  secrets.set('owner before', (await api('GET', '/api/databases/orders/connection')).password)
  await api('POST', '/api/databases/orders/rotate-credentials')
  secrets.set('owner after', (await api('GET', '/api/databases/orders/connection')).password)
  await api('PATCH', '/api/databases/orders/users/app', { password: secret('new password of a user') })
  await api('POST', '/api/databases/orders/users/app/reset-password')
  secrets.set('generated password of a user', (await api('GET', '/api/databases/orders/connection?role=app')).password)
  await api('GET', '/api/databases/orders/connection?role=app&format=uri')

  const { id } = await api('GET', '/api/databases/orders')
  const identity = JSON.parse(await readFile(join(await placeOf(server.dataDir, id), 'identity.json'), 'utf8')) as Record<string, string>
  secrets.set('superuser of a database', identity.superuserPassword!)
  secrets.set('monitor of a database', identity.monitorPassword!)
  secrets.set('secret key', (await readFile(join(server.dataDir, 'secret.key'), 'utf8')).trim())
  secrets.set('password of the store', (await readFile(join(server.dataDir, 'store/password'), 'utf8')).trim())
  expect([...secrets].filter(([, value]) => typeof value !== 'string' || value.length < 16)).toEqual([])
}, 180_000)
afterAll(async () => {
  stopReading.abort()
  await server?.stop()
})

/** Names of the secrets that a text holds. */
function shownIn(text: string): string[] {
  return [...secrets].filter(([, value]) => text.includes(value)).map(([what]) => what)
}

it('the log says a lot and no secret, also at its most talkative', () => {
  expect(server.output().split('\n').length).toBeGreaterThan(20)
  expect(shownIn(server.output())).toEqual([])
})

it('no problem repeats what it refused', () => {
  expect(problems.length).toBeGreaterThanOrEqual(6)
  expect(shownIn(problems.join('\n'))).toEqual([])
})

it('neither metrics nor events tell one', async () => {
  await until(() => events.includes('user.update'), { deadlineMs: 10_000 })
  expect(shownIn(events)).toEqual([])
  expect(shownIn(await (await fetch(new URL('/metrics', server.url))).text())).toEqual([])
})

it('no list and no history holds one', async () => {
  for (const path of ['/api/audit/logs?limit=200', '/api/databases', '/api/databases/orders', '/api/databases/orders/users', '/api/databases/orders/logs?limit=200', '/api/databases/orders/service-logs', '/api/databases/orders/server-logs?limit=1000', '/api/operations', '/api/api-keys', '/api/users', '/api/auth/me', '/api/capabilities'])
    expect(shownIn(JSON.stringify(await api('GET', path))), path).toEqual([])
})

it('the store holds none in plain text, in any table', async () => {
  const store = await openPrivatePostgres({ dataDir: server.dataDir })
  const client = new pg.Client({ ...store.connection })
  await client.connect()
  try {
    const { rows: tables } = await client.query<{ name: string }>('select quote_ident(table_name) as name from information_schema.tables where table_schema = \'public\'')
    expect(tables.length).toBeGreaterThan(10)
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`)
      // bytea is shown in hexadecimal digits, so a secret would stand there in those.
      const text = rows.map(({ row }) => row).join('\n')
      const bytes = [...secrets].filter(([, value]) => text.includes(new TextEncoder().encode(value).toHex())).map(([what]) => what)
      expect([...shownIn(text), ...bytes], name).toEqual([])
    }
  }
  finally {
    await client.end()
  }
})

it('no process has one in its arguments, and no PostgreSQL one in its environment', async ({ skip }) => {
  if (process.platform !== 'linux')
    skip('only Linux shows them in /proc')
  let postgres = 0
  for (const pid of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    const read = async (file: string) => await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
    expect(shownIn(await read('cmdline')), `arguments of ${await read('comm')}`).toEqual([])
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '')
    if (!cwd.startsWith(server.dataDir))
      continue
    postgres++
    expect(shownIn(await read('environ'))).toEqual([])
    expect(await read('environ')).not.toContain('HOWDAH_')
  }
  expect(postgres).toBeGreaterThan(2)
})

it('PostgreSQL\'s own logs hold none', async () => {
  let files = 0
  for await (const file of glob(join(server.dataDir, '**/*.{json,log}'))) {
    if (!/\/log\/|server\.log$/.test(file))
      continue
    files++
    expect(shownIn(await readFile(file, 'utf8')), file).toEqual([])
  }
  expect(files).toBeGreaterThan(0)
})
