/**
 * What people connect with works with what the API gave them: the address, the password and the CA certificate, over
 * TLS that checks both the chain and the host name.
 */
import type { SniGateway } from '@howdah/testkit'
import type { Ended } from './program.ts'
import type { RunningServer } from './server.ts'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sniGateway } from '@howdah/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { examineConnection } from '../apps/server/src/domain/connection-doctor.ts'
import { go } from '../tools/needs/go.ts'
import { pgbench, psql } from '../tools/needs/postgresql-clients.ts'
import { python } from '../tools/needs/python.ts'
import { program } from './program.ts'
import { startServer } from './server.ts'

const tlsOfThisSession = 'select ssl, version from pg_stat_ssl where pid = pg_backend_pid()'

interface Connection { readonly formats: { readonly uri: string }, readonly tls: { readonly caCertificate: string } }

let server: RunningServer
/** With `sslmode=verify-full` and the CA that the API gave. */
let uri: string
/** The same with a CA that this server's certificate does not come from. */
let uriOfStranger: string
/** As the API gives it, without a word added. */
let uriAsGiven: string
let pgx: string
let caCertificate: string

beforeAll(async () => {
  server = await startServer()
  const created = await server.api('POST', '/api/databases', {
    body: { name: 'clients' },
    isAwaited: true,
  })
  expect(created).toMatchObject({
    status: 201,
    body: { phase: 'ready' },
  })
  const connection = await connect('clients')
  uriAsGiven = connection.formats.uri
  caCertificate = connection.tls.caCertificate
  uri = withCa(uriAsGiven, await caFile('ca.pem', connection.tls.caCertificate))
  uriOfStranger = withCa(uriAsGiven, await caFile('stranger.pem', await strangerCa()))

  pgx = join(server.dataDir, '..', 'pgx')
  const built = await program(await go(), ['build', '-o', pgx, '.'], {
    cwd: fileURLToPath(new URL('clients/pgx', import.meta.url)),
  })
  expect(built).toMatchObject({ code: 0 })
})
afterAll(async () => await server?.stop())

async function asPsql(address: string) {
  return await program(await psql(), [
    address,
    '--no-psqlrc',
    '--tuples-only',
    '--no-align',
    '--command',
    tlsOfThisSession,
  ])
}
async function asPsycopg(address: string) {
  return await program(join(await python(), 'python'), [
    fileURLToPath(new URL('clients/psycopg/main.py', import.meta.url)),
  ], {
    env: { DATABASE_URL: address },
  })
}
async function asPgx(address: string) {
  return await program(pgx, [], {
    env: { DATABASE_URL: address },
  })
}

describe('psql', () => {
  it('connects with the address as it was given', async () => {
    expect(await asPsql(uriAsGiven)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^t\|TLSv1\.3/),
    })
  })
  it('verifies the server', async () => {
    expect(await asPsql(uri)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^t\|TLSv1\.3/),
    })
    expectRefused(await asPsql(uriOfStranger))
  })
})

it('pgbench fills ten branches and runs eight clients for ten seconds without an error', async () => {
  expect(await program(await pgbench(), [
    '--initialize',
    '--scale=10',
    '--quiet',
    uri,
  ])).toMatchObject({ code: 0 })
  const { code, stdout, stderr } = await program(await pgbench(), [
    '--client=8',
    '--jobs=2',
    '--time=10',
    uri,
  ])
  expect(stderr).not.toMatch(/error|aborted/i)
  expect(code).toBe(0)
  expect(stdout).toMatch(/number of failed transactions: 0/)
  expect(Number(/number of transactions actually processed: (\d+)/.exec(stdout)?.[1])).toBeGreaterThan(0)
})

describe('node-postgres', () => {
  it('connects with the address as it was given', async () => {
    expect(await nodePostgres(uriAsGiven)).toEqual([1, 2, 3])
  })
  it('verifies the server', async () => {
    expect(await nodePostgres(uri)).toEqual([1, 2, 3])
    await expect(nodePostgres(uriOfStranger)).rejects.toThrow(/certificate/)
  })
})

describe('psycopg', () => {
  it('connects with the address as it was given', async () => {
    expect(await asPsycopg(uriAsGiven)).toMatchObject({ code: 0, stdout: '1 2 3 TLS\n' })
  })
  it('verifies the server', async () => {
    expect(await asPsycopg(uri)).toMatchObject({ code: 0, stdout: '1 2 3 TLS\n' })
    expectRefused(await asPsycopg(uriOfStranger))
  })
})

describe('pgx', () => {
  it('connects with the address as it was given', async () => {
    expect(await asPgx(uriAsGiven)).toMatchObject({ code: 0, stdout: '1 2 3 TLS\n' })
  })
  it('verifies the server', async () => {
    expect(await asPgx(uri)).toMatchObject({ code: 0, stdout: '1 2 3 TLS\n' })
    expectRefused(await asPgx(uriOfStranger))
  })
})

describe('behind a gateway that leads clients by the name in their first TLS message', () => {
  let gateway: SniGateway
  /** The same for something that has no such database. */
  let elsewhere: string
  let direct: string
  beforeAll(async () => {
    const { port } = new URL(uri)
    gateway = await sniGateway(name => name === 'localhost' ? { host: '127.0.0.1', port: Number(port) } : undefined)
    direct = through(uri)
    elsewhere = through(uriOfStranger)
  })
  afterAll(() => gateway?.close())

  function through(address: string): string {
    const url = new URL(address)
    url.host = `localhost:${gateway.port}`
    url.searchParams.set('sslnegotiation', 'direct')
    return url.href
  }

  it.each<[string, (address: string) => Promise<unknown>, unknown]>([
    ['node-postgres', nodePostgres, [1, 2, 3]],
    ['psycopg, with the libpq that it brings', async address => (await asPsycopg(address)).stdout, '1 2 3 TLS\n'],
    ['pgx', async address => (await asPgx(address)).stdout, '1 2 3 TLS\n'],
  ])('%s reaches the database', async (_, ask, expected) => {
    expect(await ask(direct)).toEqual(expected)
    expect(gateway.asked.at(-1)).toBe('localhost')
  })

  it('psql reaches the database, and says what is wrong where its libpq is older than 17', async () => {
    const { stdout } = await program(await psql(), ['--version'])
    expect(await asPsql(direct)).toMatchObject(Number(/ (\d+)/.exec(stdout)?.[1]) >= 17
      ? { code: 0, stdout: expect.stringMatching(/^t\|TLSv1\.3/) }
      : { code: 2, stderr: expect.stringContaining('sslnegotiation') })
  })

  it('the connection doctor goes the same way', async () => {
    const { hostname: host, port, username: user, password, pathname } = new URL(direct)
    const patient = { host, port: Number(port), caCertificate, user, password: decodeURIComponent(password), database: pathname.slice(1), isHibernated: false }
    const outcomes = async (isDirect: boolean): Promise<string[]> => (await examineConnection({ ...patient, isDirect })).map(({ outcome }) => outcome)
    expect(new Set(await outcomes(true))).toEqual(new Set(['ok']))
    expect(await outcomes(false)).toContain('failed')
  })

  it('the server is verified there too', async () => {
    await expect(nodePostgres(elsewhere)).rejects.toThrow(/certificate/)
    expectRefused(await asPsycopg(elsewhere))
    expectRefused(await asPgx(elsewhere))
  })

  it('a client that asks for TLS first gets nowhere: nobody hears its name', async () => {
    const url = new URL(direct)
    url.searchParams.delete('sslnegotiation')
    await expect(nodePostgres(url.href)).rejects.toThrow()
    expect(gateway.asked.at(-1)).toBe('')
  })
})

function expectRefused(ended: Ended): void {
  expect(ended.code).not.toBe(0)
  expect(ended.stderr).toMatch(/certificate/)
}

async function connect(name: string): Promise<Connection> {
  const { status, body } = await server.api<Connection>('GET', `/api/databases/${name}/connection`)
  expect(status).toBe(200)
  return body
}

function withCa(address: string, file: string): string {
  const url = new URL(address)
  url.searchParams.set('sslmode', 'verify-full')
  url.searchParams.set('sslrootcert', file)
  return url.href
}

async function caFile(name: string, pem: string): Promise<string> {
  const folder = join(server.dataDir, '..', 'certificates')
  await mkdir(folder, { recursive: true })
  const file = join(folder, name)
  await writeFile(file, pem)
  await chmod(file, 0o644)
  return file
}

/** The CA of another installation, as like ours as can be. */
async function strangerCa(): Promise<string> {
  const stranger = await startServer()
  try {
    await stranger.api('POST', '/api/databases', {
      body: { name: 'clients' },
      isAwaited: true,
    })
    const { body } = await stranger.api<Connection>('GET', '/api/databases/clients/connection')
    return body.tls.caCertificate
  }
  finally {
    await stranger.stop()
  }
}

async function nodePostgres(address: string): Promise<number[]> {
  const client = new pg.Client({ connectionString: address })
  await client.connect()
  try {
    await client.query('drop table if exists from_node; create table from_node (n int)')
    await client.query('insert into from_node select generate_series(1, $1::int)', [3])
    expect((await client.query(tlsOfThisSession)).rows[0]).toMatchObject({ ssl: true })
    return (await client.query<{ n: number }>('select n from from_node order by n')).rows.map(({ n }) => n)
  }
  finally {
    await client.end()
  }
}
