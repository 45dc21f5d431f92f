import type { Target } from './connection-formats.ts'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import { connectionFormats } from './connection-formats.ts'

const folder = fs.mkdtempSync(join(tmpdir(), 'howdah-test-it\'s; '))
const caFile = join(folder, 'ca.crt')
fs.writeFileSync(caFile, 'the authority')
afterAll(() => fs.rmSync(folder, { recursive: true }))

const nasty: Target = {
  host: '127.0.0.1',
  port: 20001,
  database: 'my-db',
  user: '_app-1',
  password: ` "$(id)'\`;=%40@/?#&+\\!* `,
  caFile,
}
const wanted = { host: nasty.host, port: nasty.port, database: nasty.database, user: nasty.user, password: nasty.password }
const formats = connectionFormats(nasty)

/** Runs a line as a shell would, with `psql` printing what it is given. */
function shell(script: string): string {
  return execFileSync('sh', ['-c', script], { env: {}, encoding: 'utf8' })
}

/** What node-postgres makes of a URI; it reads the CA's file as well. */
function asNodePostgres(uri: string) {
  const { host, port, database, user, password, ssl } = new pg.Client({ connectionString: uri }) as pg.Client & { ssl: { ca: string } }
  return { host, port, database, user, password, ca: ssl.ca }
}

describe('each format says the same to the one that reads it, whatever the password', () => {
  it('uri, as node-postgres reads it', () => {
    expect(asNodePostgres(formats.uri)).toEqual({ ...wanted, ca: 'the authority' })
  })
  it('psql, as a shell and libpq read it', () => {
    expect(shell(`psql() { printf %s "$1"; }\n${formats.psql}`)).toBe(formats.uri)
  })
  it('env, as a shell reads it', () => {
    const lines = shell(`set -a\n${formats.env}\nprintf '%s\\n' "$PGHOST" "$PGPORT" "$PGDATABASE" "$PGUSER" "$PGPASSWORD" "$PGSSLMODE" "$PGSSLROOTCERT"`).split('\n')
    expect(lines).toEqual([nasty.host, String(nasty.port), nasty.database, nasty.user, nasty.password, 'verify-full', caFile, ''])
  })
  it('node, as JavaScript runs it', () => {
    // eslint-disable-next-line no-new-func -- the text is meant to be run
    const pool = new Function('pg', 'fs', `return ${formats.node}`)(pg, fs) as pg.Pool
    expect(pool.options).toMatchObject({ ...wanted, ssl: { ca: 'the authority' } })
  })
  it('python and go, as their string literals are read', () => {
    expect(JSON.parse(/^psycopg\.connect\((.*)\)$/.exec(formats.python)![1]!)).toBe(formats.uri)
    expect(JSON.parse(/^pgxpool\.New\(ctx, (.*)\)$/.exec(formats.go)![1]!)).toBe(formats.uri)
  })
  it('java, as JDBC reads it', () => {
    const url = new URL(formats.java.slice('jdbc:'.length))
    expect(`${url.host}${decodeURIComponent(url.pathname)}`).toBe('127.0.0.1:20001/my-db')
    expect(Object.fromEntries(url.searchParams)).toEqual({ user: nasty.user, password: nasty.password, sslmode: 'verify-full', sslrootcert: caFile })
  })
  it('prisma, as a shell and a URL parser read it', () => {
    const url = new URL(shell(`${formats.prisma}\nprintf %s "$DATABASE_URL"`))
    expect(decodeURIComponent(url.password)).toBe(nasty.password)
    expect(Object.fromEntries(url.searchParams)).toEqual({ schema: 'public', sslmode: 'require', sslcert: caFile, sslaccept: 'strict' })
  })
  it('dotnet, as ADO.NET reads it', () => {
    expect(adoNet(formats.dotnet)).toEqual({ 'Host': nasty.host, 'Port': '20001', 'Database': 'my-db', 'Username': nasty.user, 'Password': nasty.password, 'SSL Mode': 'VerifyFull', 'Root Certificate': caFile })
  })
})

describe('where TLS has to begin with the first byte, each format says so to the one that reads it', () => {
  const direct = connectionFormats({ ...nasty, isDirect: true })

  it('uri, as node-postgres and libpq read it; psql, python, go and prisma have the same', () => {
    expect(asNodePostgres(direct.uri)).toEqual({ ...wanted, ca: 'the authority' })
    expect(new URL(direct.uri).searchParams.get('sslnegotiation')).toBe('direct')
    expect((new pg.Client({ connectionString: direct.uri }) as pg.Client & { sslNegotiation: string }).sslNegotiation).toBe('direct')
    expect(shell(`psql() { printf %s "$1"; }\n${direct.psql}`)).toBe(direct.uri)
    expect(shell(`${direct.prisma}\nprintf %s "$DATABASE_URL"`)).toBe(direct.uri)
    expect(JSON.parse(/^psycopg\.connect\((.*)\)$/.exec(direct.python)![1]!)).toBe(direct.uri)
    expect(JSON.parse(/^pgxpool\.New\(ctx, (.*)\)$/.exec(direct.go)![1]!)).toBe(direct.uri)
  })
  it('env, node, java and dotnet, in the words of each', () => {
    expect(shell(`set -a\n${direct.env}\nprintf %s "$PGSSLNEGOTIATION"`)).toBe('direct')
    // eslint-disable-next-line no-new-func -- the text is meant to be run
    expect((new Function('pg', 'fs', `return ${direct.node}`)(pg, fs) as pg.Pool).options).toMatchObject({ ...wanted, ssl: { ca: 'the authority' }, sslnegotiation: 'direct' })
    expect(new URL(direct.java.slice('jdbc:'.length)).searchParams.get('sslNegotiation')).toBe('direct')
    expect(adoNet(direct.dotnet)).toMatchObject({ 'SSL Negotiation': 'Direct' })
  })
})

it('any password of printable ASCII survives the URI', () => {
  const password = fc.string({ unit: fc.integer({ min: 32, max: 126 }).map(code => String.fromCharCode(code)), minLength: 12, maxLength: 40 })
  fc.assert(fc.property(password, (text) => {
    const made = connectionFormats({ ...nasty, password: text })
    expect(asNodePostgres(made.uri).password).toBe(text)
    expect(adoNet(made.dotnet).Password).toBe(text)
  }), { numRuns: 200 })
})

it('an IPv6 address stands in brackets where a port follows it', () => {
  const made = connectionFormats({ ...nasty, host: '::1' })
  expect(new URL(made.uri).host).toBe('[::1]:20001')
  expect(made.env).toContain('PGHOST=::1')
})

it('every format verifies the server: certificate and name', () => {
  for (const [name, text] of Object.entries(formats))
    expect(text, name).toMatch(/verify-full|VerifyFull|ssl: \{ ca:|sslaccept=strict/)
})

/** DbConnectionStringBuilder: `key=value;`, a value in double quotes has them doubled inside. */
function adoNet(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([^=;]+)=(?:"((?:[^"]|"")*)"|([^;"']*))(?:;|$)/g)]
  expect(pairs.map(pair => pair[0]).join('')).toBe(text)
  return Object.fromEntries(pairs.map(([, key, quoted, bare]) => [key, quoted?.replaceAll('""', '"') ?? bare]))
}
