import type { Terminal } from '../terminal.ts'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '@howdah/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readConfig, updateConfig } from './config-file.ts'
import { findConnection, NotSignedIn } from './connection.ts'
import { loginStore } from './login-store.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let config: string
beforeEach(async () => {
  folder = await temporaryFolder()
  config = join(folder.path, 'config', 'config.json')
})
afterEach(async () => await folder.remove())

const remote = 'https://howdah.example.org'
const login = { email: 'ada@example.org', project: 'sales', refreshToken: 'refresh-1', tokens: { sales: { token: 'token-1', expiresAt: '' } } }

function find(env: Record<string, string> = {}, options: { url?: string, project?: string } = {}) {
  const terminal = { env: { HOWDAH_CONFIG: config, HOWDAH_DATA_DIR: folder.path, ...env } } satisfies Pick<Terminal, 'env'>
  // Finding a connection looks at nothing but the environment.
  return findConnection(terminal as unknown as Terminal, { url: options.url, project: options.project })
}

async function signIn(): Promise<void> {
  await updateConfig(config, async () => ({ current: remote, logins: { [remote]: login } }))
}

async function startHere(url = 'http://127.0.0.1:4711'): Promise<void> {
  await mkdir(folder.path, { recursive: true })
  await writeFile(join(folder.path, 'cli.json'), JSON.stringify({ url, token: 'local-key' }))
}

it('with nothing at all it says how to sign in', () => {
  expect(() => find()).toThrow(NotSignedIn)
})

it('the server on this machine comes last, the login before it, an API key first', async () => {
  await startHere()
  expect(find()).toMatchObject({ url: 'http://127.0.0.1:4711', credential: { apiKey: 'local-key' } })
  await signIn()
  expect(find()).toMatchObject({ url: remote, project: 'sales' })
  expect(find({ HOWDAH_TOKEN: 'key', HOWDAH_URL: 'http://other' })).toMatchObject({ url: 'http://other', credential: { apiKey: 'key' } })
})

it('a credential is never sent to an address that it is not for', async () => {
  await startHere()
  await signIn()
  expect(() => find({}, { url: 'https://elsewhere.example.org' })).toThrow(/no credential for https:\/\/elsewhere/)
  expect(find({}, { url: 'http://127.0.0.1:4711' })).toMatchObject({ credential: { apiKey: 'local-key' } })
})

it('what is remembered is readable by its owner alone', async () => {
  await signIn()
  expect((await stat(config)).mode & 0o777).toBe(0o600)
  expect((await stat(join(config, '..'))).mode & 0o777).toBe(0o700)
})

it('commands at the same time use a refresh token once', async () => {
  await signIn()
  const used: string[] = []
  await Promise.all(Array.from({ length: 8 }, async () => await loginStore(config, remote, 'sales').update(async (current) => {
    if (!current || current.token !== 'token-1')
      return current
    used.push(current.refreshToken)
    return { token: 'token-2', refreshToken: 'refresh-2', expiresAt: '' }
  })))
  expect(used).toEqual(['refresh-1'])
  expect(readConfig(config).logins[remote]).toMatchObject({ refreshToken: 'refresh-2', tokens: { sales: { token: 'token-2' } } })
})

it('another project has no token yet, and its own afterwards', async () => {
  await signIn()
  const store = loginStore(config, remote, 'support')
  expect(await store.read()).toEqual({ token: undefined, refreshToken: 'refresh-1', expiresAt: '' })
  await store.update(async () => ({ token: 'token-s', refreshToken: 'refresh-2', expiresAt: '' }))
  expect(readConfig(config).logins[remote]?.tokens).toMatchObject({ sales: { token: 'token-1' }, support: { token: 'token-s' } })
})

it('a session that has ended is forgotten', async () => {
  await signIn()
  await loginStore(config, remote, 'sales').update(async () => undefined)
  expect(readConfig(config)).toEqual({ current: null, logins: {} })
})

it('a lock whose holder died does not stop anyone', async () => {
  await signIn()
  // The greatest id that Linux gives is 4194304.
  await writeFile(`${config}.lock`, '4194305 1@before-this-boot')
  await updateConfig(config, async current => ({ ...current, current: null }))
  expect(JSON.parse(await readFile(config, 'utf8'))).toMatchObject({ current: null })
})

it('a file that was broken by hand is an error with a next step', async () => {
  await signIn()
  await writeFile(config, '{')
  expect(() => find()).toThrow(/cannot be read/)
})
