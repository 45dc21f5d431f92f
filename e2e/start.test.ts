/**
 * What the README promises to somebody with git, Node >= 20 and npm: a fresh copy of this tree starts with one
 * command, says how to sign in, keeps its databases over a restart, and says what to do where it cannot start.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { temporaryFolder, until } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { environmentOfPerson, freshCopy } from './fresh-copy.ts'
import { program } from './program.ts'
import { access, endDatabases } from './server.ts'

interface Started {
  readonly url: string
  readonly token: string
  readonly child: ChildProcess
  readonly output: () => string
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let copy: string
let env: Record<string, string>
let current: Started | undefined
const groups: number[] = []

beforeAll(async () => {
  folder = await temporaryFolder()
  copy = join(folder.path, 'howdah')
  await freshCopy(copy)
  env = {
    ...environmentOfPerson(),
    HOWDAH_DATA_DIR: join(folder.path, 'data'),
    HOWDAH_PORT: '0',
    HOWDAH_WARM_POOL: '1',
  }
})
afterAll(async () => {
  for (const group of groups)
    endGroup(group)
  await endDatabases(folder.path)
  await folder.remove()
})

it('without a network the first start says so and what to do', async () => {
  const { code, stderr } = await program('npm', ['start'], {
    cwd: copy,
    env: {
      ...env,
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_cache: join(folder.path, 'empty-cache'),
    },
    isWholeEnvironment: true,
  })
  expect(code).toBe(1)
  expect(stderr).toMatch(/npm cannot reach its registry:[\s\S]*\nNext: connect to the internet/)
})

it('the first start installs, and prints the address and a password that signs in', async () => {
  current = await start()
  const { output, url } = current
  expect(output()).toContain('the first time only')
  expect(output()).toContain(url)
  const email = /(\S+@\S+)/.exec(output().slice(output().indexOf('Sign in')))?.[1]
  const password = /[Pp]assword:?\s+(\S+)/.exec(output())?.[1]
  const response = await fetch(new URL('/api/auth/login', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  expect(response.status).toBe(200)
})

it('the command works on the same machine without a login', async () => {
  expect(await howdah('db', 'create', 'hello')).toMatchObject({ code: 0 })
  const { code, stdout } = await howdah('db', 'list', '-o', 'json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject([
    { name: 'hello', phase: 'ready' },
  ])
})

it('SIGTERM to npm ends the server and leaves the databases running', async () => {
  const uri = (await howdah('db', 'connection', 'hello', '--format', 'uri')).stdout.trim()
  const { url } = current!
  await stop()
  await expect(fetch(new URL('/health', url))).rejects.toThrow()
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: uri })
  await client.connect()
  expect((await client.query('select 1 as one')).rows).toEqual([
    { one: 1 },
  ])
  await client.end()
})

it('a later start installs nothing, shows no password, and has the databases', async () => {
  current = await start()
  expect(current.output()).not.toContain('Installing')
  expect(current.output()).not.toMatch(/[Pp]assword/)
  const { stdout } = await howdah('db', 'get', 'hello', '-o', 'json')
  expect(JSON.parse(stdout)).toMatchObject({ name: 'hello', phase: 'ready' })
})

it('one Ctrl-C drains, though the server hears of it from the terminal and from npm', async () => {
  const { child, output } = current!
  current = undefined
  const ended = new Promise(resolve => child.once('close', resolve))
  process.kill(-child.pid!, 'SIGINT')
  await ended
  expect(output()).toMatch(/"msg":"stopped"/)
})

async function start(): Promise<Started> {
  const child = spawn('npm', ['start'], {
    cwd: copy,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that it can be sent what a terminal sends, and nothing is left when a test fails.
    detached: true,
  })
  groups.push(child.pid!)
  let output = ''
  child.stdout.on('data', text => output += text)
  child.stderr.on('data', text => output += text)
  const found = await until(async () => {
    if (child.exitCode !== null)
      throw new Error(`npm start ended:\n${output}`)
    return /is ready/.test(output)
      ? await access(env.HOWDAH_DATA_DIR!)
      : undefined
  }, { deadlineMs: 240_000, everyMs: 50, what: 'npm start is ready' })
  return {
    ...found,
    child,
    output: () => output,
  }
}

async function stop(): Promise<void> {
  if (!current)
    return
  const { child } = current
  current = undefined
  const ended = new Promise(resolve => child.once('close', resolve))
  child.kill('SIGTERM')
  await ended
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  }
  catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH'))
      throw error
  }
}

async function howdah(...args: string[]): Promise<{ code: number, stdout: string }> {
  return await program('npm', [
    'run',
    '--silent',
    'howdah',
    '--',
    ...args,
  ], { cwd: copy, env, isWholeEnvironment: true })
}
