import type { ChildProcess } from 'node:child_process'
import type { Context } from './bench.ts'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, open, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { dataOf, readPlaces, until } from '@howdah/testkit'
import { root } from '../../tools/root.ts'

/** The real server in a folder of its own. */
export interface BenchServer {
  readonly url: string
  /** API key of the first operator, as the CLI of this machine uses it. */
  readonly apiKey: string
  readonly admin: { readonly email: string, readonly password: string }
  readonly dataDir: string
  readonly pid: number
  /** From the start of the process until `/ready` answered. */
  readonly readyMs: number
  /** A request that must succeed, with the API key. */
  readonly api: <T>(method: string, path: string, body?: unknown) => Promise<T>
  /** End it as an init system would; databases run on. */
  readonly stop: () => Promise<void>
}

const readyWithinMs = 60_000
const drainWithinMs = 25_000

/** A folder that PostgreSQL's account can enter. Its servers are ended and it is removed after the bench. */
export async function dataFolder({ afterwards }: Context, parent = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(parent, 'howdah-bench-'))
  await chmod(folder, 0o755)
  const dataDir = join(folder, 'data')
  afterwards(async () => {
    await endPostgres(dataDir)
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return dataDir
}

/** Start the server as in production: JSON log of level info, into a file. `dataDir`: one that was there before. */
export async function startServer(context: Context, options: { readonly dataDir?: string, readonly settings?: Readonly<Record<string, string>> } = {}): Promise<BenchServer> {
  const dataDir = options.dataDir ?? await dataFolder(context)
  const admin = { email: 'admin@localhost', password: randomBytes(16).toString('hex') }
  await rm(join(dataDir, 'cli.json'), { force: true })
  const log = await open(`${dataDir}.log`, 'a')
  const start = performance.now()
  const child = spawn(process.execPath, [join(root, 'apps/server/src/main.ts')], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      HOWDAH_DATA_DIR: dataDir,
      HOWDAH_PORT: '0',
      HOWDAH_LOG_FORMAT: 'json',
      HOWDAH_ADMIN_PASSWORD: admin.password,
      ...options.settings,
    },
    stdio: ['ignore', log.fd, log.fd],
  })
  await log.close()
  const stop = async (): Promise<void> => await end(child)
  context.afterwards(stop)
  const { url, token } = await until(async () => {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the server ended; its last words:\n${(await readFile(`${dataDir}.log`, 'utf8')).split('\n').slice(-10).join('\n')}`)
    return await whereReady(dataDir)
  }, { deadlineMs: readyWithinMs, everyMs: 2, what: 'the server is ready' })
  return {
    url,
    apiKey: token,
    admin,
    dataDir,
    pid: child.pid!,
    readyMs: performance.now() - start,
    api: async <T>(method: string, path: string, body?: unknown) => await request<T>(new URL(path, url), token, method, body),
    stop,
  }
}

/** The file that the server writes for the CLI of this machine, once the server also says that it is ready. */
async function whereReady(dataDir: string): Promise<{ url: string, token: string } | undefined> {
  const text = await readFile(join(dataDir, 'cli.json'), 'utf8').catch(() => undefined)
  if (text === undefined)
    return undefined
  const access = JSON.parse(text) as { url: string, token: string } // written whole by the server
  const { ok } = await fetch(new URL('/ready', access.url))
  return ok ? access : undefined
}

async function request<T>(url: URL, token: string, method: string, body: unknown): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      // Changes answer when their operation has ended.
      ...method === 'GET' ? {} : { prefer: 'wait=60' },
      ...body === undefined ? {} : { 'content-type': 'application/json' },
    },
    ...body === undefined ? {} : { body: JSON.stringify(body) },
  })
  const text = await response.text()
  if (!response.ok)
    throw new Error(`${method} ${url.pathname} answered ${response.status}: ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T // who asks knows what the contract answers
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null)
    return
  const ended = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  const late = new AbortController()
  await Promise.race([ended, delay(drainWithinMs, undefined, { signal: late.signal }).then(() => child.kill('SIGKILL'), () => undefined)])
  late.abort()
  await ended
}

/** The process of a database's PostgreSQL. */
export async function postmasterOf(dataDir: string, databaseId: string, ordinal = 1): Promise<number> {
  return await postmasterIn(await dataOf(dataDir, databaseId, ordinal))
}

/** The process of the server's own store. */
export async function postmasterOfStore(dataDir: string): Promise<number> {
  return await postmasterIn(join(dataDir, 'store', 'data'))
}

/** The process of the server in a place; undefined where it is stopped. */
export async function postmasterAt(place: string): Promise<number | undefined> {
  return await postmasterIn(join(place, 'instances', '1', 'data')).catch(() => undefined)
}

async function postmasterIn(folder: string): Promise<number> {
  const pid = Number((await readFile(join(folder, 'postmaster.pid'), 'utf8')).split('\n')[0])
  // A number that was left behind may be a stranger's by now.
  if (await readlink(`/proc/${pid}/cwd`) !== folder)
    throw new Error(`no server runs on ${folder}`)
  return pid
}

/** Databases outlive the control plane on purpose; those of a bench must not outlive the bench. Their files stay. */
export async function endPostgres(dataDir: string): Promise<void> {
  const { databases, members, unfinished } = await readPlaces(dataDir)
  const folders = [join(dataDir, 'store', 'data'), ...[...databases.values(), ...members, ...unfinished].map(place => join(place, 'instances', '1', 'data'))]
  const running = async (): Promise<number[]> => (await Promise.allSettled(folders.map(postmasterIn))).flatMap(one => one.status === 'fulfilled' ? [one.value] : [])
  for (const pid of await running())
    process.kill(pid, 'SIGQUIT')
  await until(async () => (await running()).length === 0, { deadlineMs: 20_000, everyMs: 20, what: 'the databases of the bench have ended' })
}
