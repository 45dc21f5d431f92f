import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, configKeys, readConfig } from './config.ts'

const key = (letter: string) => `${letter.repeat(43)}=`

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env)
  }
  catch (error) {
    if (error instanceof ConfigError)
      return error.problems
    throw error
  }
  return []
}

describe('defaults', () => {
  const config = readConfig({ XDG_DATA_HOME: '/data' })
  it('serve this machine only, with an embedded store and one location', () => {
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      publicUrl: undefined,
      trustProxy: false,
      database: undefined,
      secretKeys: undefined,
      admin: { email: 'admin@localhost', password: undefined },
      roles: { api: true, worker: true },
      locations: undefined,
      embedded: { host: '127.0.0.1', portRange: [20000, 29999], poolSize: 8 },
      log: { level: 'info' },
    })
  })
  it('cannot be changed while the program runs', () => {
    expect(() => Object.assign(config, { port: 1 })).toThrow()
  })
  it('an empty value is no value', () => {
    expect(readConfig({ HOWDAH_PORT: ' ', HOWDAH_DATABASE_URL: '' })).toMatchObject({ port: 8080, database: undefined })
  })
})

it('every setting is read', () => {
  expect(readConfig({
    HOWDAH_DATA_DIR: '/data',
    HOWDAH_HOST: '::1',
    HOWDAH_PORT: '0',
    HOWDAH_PUBLIC_URL: 'https://howdah.example.org/',
    HOWDAH_TRUST_PROXY: 'true',
    HOWDAH_DATABASE_URL: 'postgres://u:p%40ss@db/howdah?sslmode=verify-full',
    HOWDAH_DATABASE_POOL: '20',
    HOWDAH_ADMIN_EMAIL: 'ada@example.org',
    HOWDAH_ADMIN_PASSWORD: 'correct horse',
    HOWDAH_SECRET_KEY: `${key('A')}, ${key('B')}`,
    HOWDAH_ROLES: 'worker',
    HOWDAH_HEALTH_PORT: '9000',
    HOWDAH_DATABASE_HOST: '10.0.0.1',
    HOWDAH_DATABASE_PORTS: '30000-30010',
    HOWDAH_WARM_POOL: '0',
    HOWDAH_POSTGRES_ACCOUNT: 'pg',
    HOWDAH_LOG_LEVEL: 'debug',
    HOWDAH_LOG_FORMAT: 'json',
    HOWDAH_WORKER_CONCURRENCY: '2',
  })).toEqual({
    dataDir: '/data',
    host: '::1',
    port: 0,
    publicUrl: 'https://howdah.example.org',
    trustProxy: true,
    database: { connectionString: 'postgres://u:p%40ss@db/howdah?sslmode=verify-full' },
    databasePool: 20,
    admin: { email: 'ada@example.org', password: 'correct horse' },
    secretKeys: [key('A'), key('B')],
    postgresAccount: 'pg',
    roles: { api: false, worker: true },
    healthPort: 9000,
    locations: undefined,
    embedded: { host: '10.0.0.1', portRange: [30000, 30010], poolSize: 0 },
    log: { level: 'debug', format: 'json' },
    workerConcurrency: 2,
  })
})

it('all problems are told at once, by the key', () => {
  const wrong = {
    HOWDAH_PORT: '80x',
    HOWDAH_DATABASE_POOL: '1',
    HOWDAH_PUBLIC_URL: 'howdah.example.org',
    HOWDAH_TRUST_PROXY: 'yes',
    HOWDAH_DATABASE_URL: 'mysql://u:p@h/d',
    HOWDAH_ADMIN_EMAIL: 'ada',
    HOWDAH_ADMIN_PASSWORD: 'short',
    HOWDAH_SECRET_KEY: 'short',
    HOWDAH_ROLES: 'api,cook',
    HOWDAH_HEALTH_PORT: 'http',
    HOWDAH_DATABASE_PORTS: '30000-20000',
    HOWDAH_LOG_LEVEL: 'loud',
    HOWDAH_LOG_FORMAT: 'xml',
    HOWDAH_WORKER_CONCURRENCY: '-1',
    HOWDAH_PROT: '1',
  }
  const problems = problemsOf(wrong)
  for (const name of Object.keys(wrong))
    expect(problems.filter(problem => problem.startsWith(`${name} `)), name).toHaveLength(1)
  expect(problems).toHaveLength(Object.keys(wrong).length)
})

it('no problem repeats a secret', () => {
  const secret = 'hunter2hunter2'
  for (const { key: name, ...rest } of configKeys) {
    if ('secret' in rest)
      expect(problemsOf({ [name]: `://${secret}@`.padEnd(300, secret) }).join('\n'), name).not.toContain('hunter2')
  }
})

it.each([
  ['HOWDAH_PORT', '65536'],
  ['HOWDAH_PORT', '1e3'],
  ['HOWDAH_PORT', '-1'],
  ['HOWDAH_PUBLIC_URL', 'https://example.org/howdah'],
  ['HOWDAH_PUBLIC_URL', 'ftp://example.org'],
  ['HOWDAH_DATABASE_PORTS', '80-90'],
  ['HOWDAH_DATABASE_PORTS', '20000'],
  ['HOWDAH_DATABASE_PORTS', '20000-99999'],
  ['HOWDAH_ADMIN_PASSWORD', 'x'.repeat(257)],
  ['HOWDAH_ROLES', ','],
])('%s=%s is refused', (name, value) => {
  expect(problemsOf({ [name]: value }).length).toBeGreaterThan(0)
})

it('settings of the command line may stand in the same environment', () => {
  expect(problemsOf({ HOWDAH_URL: 'http://localhost', HOWDAH_TOKEN: 't' })).toEqual([])
})

describe('HOWDAH_LOCATIONS', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  beforeAll(async () => {
    folder = await temporaryFolder()
  })
  afterAll(async () => await folder.remove())
  function withFile(content: string): Record<string, string> {
    const path = join(folder.path, 'locations.yaml')
    writeFileSync(path, content)
    return { HOWDAH_LOCATIONS: path }
  }

  it('is a list in YAML or JSON; the first one is the default', () => {
    const expected = [{ name: 'here', engine: 'local', settings: { poolSize: 2 } }, { name: 'there', engine: 'local', settings: {} }]
    expect(readConfig(withFile('- name: here\n  engine: local\n  settings: { poolSize: 2 }\n- { name: there, engine: local }\n')).locations).toEqual(expected)
    expect(readConfig(withFile(JSON.stringify(expected))).locations).toEqual(expected)
  })
  it.each([
    ['', 'a list'],
    ['[]', 'a list'],
    ['a: 1', 'a list'],
    ['- { name: Here, engine: local }', 'DNS label'],
    ['- { name: a, engine: local }\n- { name: a, engine: local }', 'no other entry'],
    ['- { name: a }', 'engine'],
    ['- { name: a, engine: local, settings: 7 }', 'settings'],
    ['- null', 'DNS label'],
    ['- [', 'line 1'],
  ])('%j is refused', (content, why) => {
    expect(problemsOf(withFile(content)).join()).toContain(why)
  })
  it('a file that cannot be parsed is not quoted: it may hold a secret', () => {
    const problems = problemsOf(withFile('- name: a\n  settings: { token: hunter2, oops: "\n')).join()
    expect(problems).toContain('cannot be read')
    expect(problems).not.toContain('hunter2')
  })
  it('a file that is not there is named', () => {
    expect(problemsOf({ HOWDAH_LOCATIONS: '/nowhere/x.yaml' }).join()).toContain('/nowhere/x.yaml')
  })

  it('takes archives in a folder or in a bucket, not in both, and a bucket with its access key only', () => {
    const problems = (env: Record<string, string>): readonly string[] => {
      try {
        readConfig(env)
        return []
      }
      catch (error) {
        return error instanceof ConfigError ? error.problems : [String(error)]
      }
    }
    const url = 's3://bucket/prefix?endpoint=https://s3.example.org'
    expect(readConfig({ HOWDAH_BACKUP_URL: url, HOWDAH_BACKUP_CREDENTIALS: '/etc/howdah/s3' }).embedded.backups).toEqual({ url, credentialsFile: '/etc/howdah/s3' })
    expect(problems({ HOWDAH_BACKUP_URL: url, HOWDAH_BACKUP_ACCESS_KEY_ID: 'id' })).toMatchObject([expect.stringContaining('HOWDAH_BACKUP_URL needs')])
    expect(problems({ HOWDAH_BACKUP_URL: url, HOWDAH_BACKUP_CREDENTIALS: '/x', HOWDAH_BACKUP_DIR: '/y' })).toMatchObject([expect.stringContaining('both')])
  })
})
