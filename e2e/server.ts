import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { glob, readdir, readFile, readlink, realpath, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { temporaryFolder, until } from '@howdah/testkit'
import { configKeys } from '../apps/server/src/config.ts'

interface RequestOptions {
  readonly body?: unknown
  readonly token?: string
  /** True: a change answers when its operation has ended. */
  readonly isAwaited?: boolean
}

export interface RunningServer {
  readonly url: string
  /** Of the first operator, as the CLI of this machine uses it. */
  readonly token: string
  readonly dataDir: string
  /** One request with the token, or with another; the answer's body is parsed where it is JSON. */
  readonly api: <T = unknown>(method: string, path: string, options?: RequestOptions) => Promise<{ status: number, body: T }>
  /** Everything it wrote so far. */
  readonly output: () => string
  /** End the control plane alone, with this signal; its exit code, null when the signal killed it. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>
  /** End the server and its databases, and remove every trace. */
  readonly stop: () => Promise<void>
}

type Folder = Awaited<ReturnType<typeof temporaryFolder>>
const places = new WeakMap<RunningServer, { folder: Folder, settings: Readonly<Record<string, string>> }>()

const main = fileURLToPath(new URL('../apps/server/src/main.ts', import.meta.url))

/** Start the real server in a folder of its own on a port that the system chooses, and wait until it is ready. */
export async function startServer(settings: Readonly<Record<string, string>> = {}): Promise<RunningServer> {
  return await startIn(await temporaryFolder(), settings)
}

/** End the control plane with this signal, and start it again on the same data. */
export async function restartServer(server: RunningServer, signal: NodeJS.Signals): Promise<RunningServer> {
  await server.end(signal)
  const { folder, settings } = places.get(server)!
  // Whoever reads it now must not take the ended process's address for the new one's.
  await rm(join(server.dataDir, 'cli.json.old'), { force: true })
  await rename(join(server.dataDir, 'cli.json'), join(server.dataDir, 'cli.json.old'))
  return await startIn(folder, settings)
}

async function startIn(folder: Folder, settings: Readonly<Record<string, string>>): Promise<RunningServer> {
  const dataDir = join(folder.path, 'data')
  const child = spawn(process.execPath, [main], {
    env: {
      ...inheritedEnvironment(),
      HOWDAH_DATA_DIR: dataDir,
      HOWDAH_PORT: '0',
      HOWDAH_WARM_POOL: '2',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', text => output += text)
  child.stderr.on('data', text => output += text)
  const stop = async (): Promise<void> => {
    await end(child, 'SIGTERM')
    await endDatabases(folder.path)
    await folder.remove()
  }
  try {
    const { url, token } = await until(async () => {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error('the server ended')
      return await access(dataDir)
    }, { deadlineMs: 60_000, everyMs: 20, what: 'the server is ready' })
    const api = async <T>(method: string, path: string, options: RequestOptions = {}): Promise<{ status: number, body: T }> => {
      const response = await fetch(new URL(path, url), {
        method,
        headers: {
          authorization: `Bearer ${options.token ?? token}`,
          ...(options.isAwaited ? { prefer: 'wait=60' } : {}),
          ...(options.body === undefined
            ? {}
            : { 'content-type': 'application/json' }),
        },
        ...(options.body === undefined
          ? {}
          : {
              body: JSON.stringify(options.body),
            }),
      })
      const text = await response.text()
      const body: unknown = /json/.test(response.headers.get('content-type') ?? '')
        ? JSON.parse(text)
        : text
      // Who asks says what the contract answers; the route tests hold the server to it.
      return { status: response.status, body: body as T }
    }
    const server: RunningServer = {
      url,
      token,
      dataDir,
      api,
      output: () => output,
      end: async signal => await end(child, signal),
      stop,
    }
    places.set(server, { folder, settings })
    return server
  }
  catch (error) {
    await stop()
    throw new Error(`no server; the last that it wrote:\n${output.split('\n').slice(-30).join('\n')}`, { cause: error })
  }
}

/** The file that the server writes for the CLI of the same machine, once the server also answers. */
export async function access(dataDir: string): Promise<{ url: string, token: string } | undefined> {
  const text = await readFile(join(dataDir, 'cli.json'), 'utf8').catch(() => undefined)
  if (!text)
    return undefined
  const { url, token } = JSON.parse(text) as { url: string, token: string }
  const isReady = await fetch(new URL('/ready', url)).then(response => response.ok, () => false)
  return isReady
    ? { url, token }
    : undefined
}

/** Without what is meant for the tests alone: the server refuses settings that it does not know. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  const known = new Set<string>(configKeys.map(({ key }) => key))
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HOWDAH_') || known.has(name)))
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }
  return child.exitCode
}

/** Databases outlive the control plane on purpose; those of a test, and the gateways before them, must not outlive the test. */
export async function endDatabases(folder: string): Promise<void> {
  const postmasters: number[] = []
  for await (const file of glob(join(folder, '**/postmaster.pid')))
    postmasters.push(Number((await readFile(file, 'utf8')).split('\n')[0]))
  const pids = [...postmasters, ...await gatewaysBelow(folder)]
  for (const pid of pids.filter(isAlive))
    process.kill(pid, 'SIGQUIT')
  await until(() => !pids.some(isAlive), { deadlineMs: 20_000, what: 'the databases of the test have ended' })
}

/** Each runs in the folder of its database that is its own. None where the system cannot be asked for that. */
async function gatewaysBelow(folder: string): Promise<number[]> {
  const names = process.platform === 'linux' ? await readdir('/proc') : []
  const root = await realpath(folder)
  // Whoever has ended meanwhile, or is another account's, has no folder to be read.
  const found = await Promise.all(names.filter(name => /^\d+$/.test(name)).map(async name => [Number(name), await readlink(`/proc/${name}/cwd`).catch(() => '')] as const))
  return found.filter(([, cwd]) => cwd.startsWith(`${root}/`) && basename(cwd) === 'gateway').map(([pid]) => pid)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  }
  catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}
