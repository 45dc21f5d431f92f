import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import type { Launched } from './launcher.ts'
import { execFile } from 'node:child_process'
import { open, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { hasCode, readIfThere } from '@howdah/machine'
import { launcherOf } from './launcher.ts'

const run = promisify(execFile)

/** A running server as its `postmaster.pid` describes it, checked against the process table. */
export interface Postmaster {
  readonly pid: number
  readonly startedAt: Date
  readonly port: number
  /** True once it accepts connections. */
  readonly ready: boolean
}

export interface Launch {
  readonly binaries: Binaries
  readonly account: Account | undefined
  readonly dataFolder: string
  /** Begun anew; receives what the server says before its own log is open. */
  readonly serverLog: string
  readonly args?: readonly string[]
}

/** Start a server that outlives us: a session that is not ours, its output in a file. Nothing may run on the data folder. */
export async function launch({ account, args = [], binaries, dataFolder, serverLog }: Launch): Promise<Launched> {
  await clearRemains(dataFolder)
  const log = await open(serverLog, 'w', 0o600)
  try {
    if (account)
      await log.chown(account.uid, account.gid)
  }
  finally {
    await log.close()
  }
  // Its working folder is what it will be anyway: by this it is found as a process of its data folder also while it only begins.
  return await launcherOf(account).launch({ folder: dataFolder, log: serverLog, command: [join(binaries.bin, 'postgres'), '-D', dataFolder, ...args] })
}

/** The server that runs on a data folder, undefined when none does. A `postmaster.pid` left by a crash or a reboot is seen through. */
export async function findPostmaster(dataFolder: string): Promise<Postmaster | undefined> {
  const text = await readIfThere(join(dataFolder, 'postmaster.pid'))
  if (text === undefined)
    return undefined
  // pid, data folder, start time, port, socket folder, listen address, shared memory key, status
  const lines = text.split('\n')
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 1 || !await isServing(pid, dataFolder))
    return undefined
  return {
    pid,
    startedAt: new Date(Number(lines[2] ?? 0) * 1000),
    port: Number(lines[3] ?? 0),
    ready: (lines[7] ?? '').startsWith('ready'),
  }
}

/** Whether this process is a server of this data folder, not a stranger that got the same pid. */
async function isServing(pid: number, dataFolder: string): Promise<boolean> {
  try {
    if (process.platform === 'linux') {
      // A server's working folder is its data folder; between fork and exec, or just after, it still is ours.
      // Nearly all processes are others', so nothing else is read of those.
      return await readlink(`/proc/${pid}/cwd`) === dataFolder && !isZombie(await readFile(`/proc/${pid}/stat`, 'utf8'))
    }
    const { stdout } = await run('ps', [
      '-ww',
      '-o',
      'command=',
      '-p',
      String(pid),
    ])
    return stdout.includes(dataFolder)
  }
  catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH') || (error instanceof Error && 'code' in error && error.code === 1))
      return false
    throw error
  }
}

function isZombie(stat: string): boolean {
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')
}

/**
 * Wait for a server that was launched, or found starting, to accept connections. Reads `postmaster.pid` every 2 ms where
 * somebody waits for it: `pg_ctl -w` looks only every 100 ms, and knocking on the socket would cost the server a process
 * each time.
 * `starting`: it still was when the deadline came, because it has much WAL to replay.
 */
export async function waitUntilReady(
  dataFolder: string,
  server: Launched | undefined,
  deadlineMs: number,
  everyMs = 2,
): Promise<'ready' | 'starting' | 'exited'> {
  const exit = new AbortController()
  void server?.exited.then(() => exit.abort())
  const path = join(dataFolder, 'postmaster.pid')
  const deadline = performance.now() + deadlineMs
  while (!exit.signal.aborted) {
    const lines = (await readIfThere(path))?.split('\n')
    if (lines?.[7]?.startsWith('ready') && (server === undefined || Number(lines[0]) === server.pid))
      return 'ready'
    if (performance.now() > deadline)
      return 'starting'
    if (server === undefined && !await findPostmaster(dataFolder))
      return 'exited'
    await delay(everyMs)
  }
  return 'exited'
}

/** PostgreSQL's own ways to stop. `fast` ends sessions and writes a checkpoint; `immediate` leaves recovery to the next start. */
const stopSignals = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const

/** Ask the server to stop; does not wait. One that was stopped (SIGSTOP) hears of it only when it goes on. */
export function signalStop(pid: number, mode: keyof typeof stopSignals): void {
  kill(pid, stopSignals[mode])
  kill(pid, 'SIGCONT')
}

/** Wait until no server runs on the data folder. False when the deadline came first. */
export async function isStoppedWithin(dataFolder: string, deadlineMs: number): Promise<boolean> {
  const deadline = performance.now() + deadlineMs
  while (await findPostmaster(dataFolder)) {
    if (performance.now() > deadline)
      return false
    await delay(5)
  }
  return true
}

/**
 * A killed server's children hold its shared memory and keep a new one from starting. So does its number in a lock file: where
 * nobody has taken notice of its death yet, as a container's first process may do late or never, and after a reboot when the
 * number belongs to another process of the same account. A server that ended in order has removed its files, and left nothing.
 */
async function clearRemains(dataFolder: string): Promise<void> {
  const pidFile = join(dataFolder, 'postmaster.pid')
  const text = await readIfThere(pidFile)
  if (text === undefined)
    return
  await killLeftovers(dataFolder)
  if (await findPostmaster(dataFolder))
    return
  const [pid, folder, , port, socketFolder] = text.split('\n')
  if (socketFolder?.startsWith('/')) {
    const socketLock = join(socketFolder, `.s.PGSQL.${port}.lock`)
    const [holder, ofFolder] = (await readIfThere(socketLock))?.split('\n') ?? []
    if (holder === pid && ofFolder === folder)
      await rm(socketLock, { force: true })
  }
  await rm(pidFile, { force: true })
}

/** A killed process is gone within milliseconds, unless it hangs in the kernel. */
const killedWithinMs = 5_000

/**
 * End every process of a data folder, without ceremony, and wait until none is left: until then they hold port and memory. Whoever is found
 * is killed, however long a busy machine took to look.
 */
export async function killLeftovers(dataFolder: string): Promise<void> {
  let deadline = Number.POSITIVE_INFINITY
  for (;;) {
    const pids = await processesOf(dataFolder)
    if (pids.length === 0 || performance.now() > deadline)
      return
    for (const pid of pids)
      kill(pid, 'SIGKILL')
    deadline = Math.min(deadline, performance.now() + killedWithinMs)
    await delay(2)
  }
}

async function processesOf(dataFolder: string): Promise<number[]> {
  if (process.platform !== 'linux') {
    return (await findPostmaster(dataFolder).then(found => found
      ? [found.pid]
      : []))
  }
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number)
  const mine = await Promise.all(pids.map(async pid => await isServing(pid, dataFolder).catch((error: unknown) => {
    // Processes of other accounts may not be looked into; they are not ours.
    if (hasCode(error, 'EACCES', 'EPERM'))
      return false
    throw error
  })))
  return pids.filter((_, index) => mine[index])
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  }
  catch (error) {
    return !hasCode(error, 'ESRCH')
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  }
  catch (error) {
    if (!hasCode(error, 'ESRCH'))
      throw error
  }
}

/** The last lines of a server's early output, to say why it did not start. */
export async function lastLines(path: string, count = 5): Promise<string> {
  const text = await readIfThere(path) ?? ''
  return text.trimEnd().split('\n').slice(-count).join('\n')
}
