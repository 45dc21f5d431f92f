/**
 * A machine of the bed is a set of namespaces under one process: its own processes and mounts, and for a node its own
 * network and name. When that process is killed, the kernel ends every process of the machine and drops its mounts and its
 * cable, as when a real one loses power. So nothing has to be remembered, or looked for, to take the bed away.
 */
import { spawn } from 'node:child_process'
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { until } from '@howdah/testkit/until'
import { pausePath } from './build/pause.ts'
import { folders } from './folders.ts'
import { processes, processOf } from './processes.ts'

/**
 * Run inside the new namespaces. A node's /var and /run are its own, so that every part of it keeps to its usual paths; the
 * cache stays where it is, also when it is below one of them. Containers may ask for mounts to be passed on, so / is shared within.
 */
const nodeScript = `
hostname "$1"
mount --bind "$2" /mnt
mount --bind "$3" /var
mount -t tmpfs tmpfs /run
mkdir -p "$2"
mount --move /mnt "$2"
mount --make-rshared /
exec "$4"
`

/** For what runs with this machine's own network and files. */
const plainScript = 'exec "$4"'

interface MachineOptions {
  /** A node has a network, a name, and a /var of its own. */
  readonly isNode: boolean
}

/** Start a machine without any program in it. Answers the id of its first process. */
export async function boot(name: string, { isNode }: MachineOptions): Promise<number> {
  await mkdir(join(folders.logs, name), { recursive: true })
  await mkdir(varFolder(name), { recursive: true })
  const namespaces = isNode ? ['--mount', '--pid', '--net', '--uts'] : ['--mount', '--pid']
  const script = isNode ? nodeScript : plainScript
  const parent = await detached(join(folders.logs, name, 'boot.log'), 'unshare', [
    ...namespaces,
    '--fork',
    '--mount-proc',
    'sh',
    '-euc',
    script,
    'sh',
    name,
    folders.cache,
    varFolder(name),
    await pausePath(),
  ])
  const first = await until(async () => {
    if (!(await processOf(parent))?.started)
      throw new Error(`${name} did not start: ${await readFile(join(folders.logs, name, 'boot.log'), 'utf8')}`)
    return (await processes()).find(process => process.parent === parent && process.name === 'pause')
  }, { deadlineMs: 10_000, what: `${name} has its first process` })
  await writeFile(pidFile(name), `${first.pid} ${first.started}\n`)
  return first.pid
}

/** The machine's /var, seen from outside. */
export function varFolder(name: string): string {
  return join(folders.state, name, 'var')
}

/** Process id of a machine that is on. */
export async function pidOf(name: string): Promise<number | undefined> {
  const text = await readFile(pidFile(name), 'utf8').catch(() => '')
  const [pid, started] = text.trim().split(' ')
  // The id may belong to another process by now; together with the time of its start it cannot.
  return pid && started === (await processOf(Number(pid)))?.started ? Number(pid) : undefined
}

/** Start a program in a machine and leave it running. Its log is LOGS/MACHINE/NAME.log. */
export async function startDaemon(machine: string, name: string, [program, ...args]: readonly [string, ...string[]], env: Readonly<Record<string, string>> = {}): Promise<void> {
  const pid = await pidOf(machine)
  if (!pid)
    throw new Error(`${machine} is off`)
  await detached(join(folders.logs, machine, `${name}.log`), 'nsenter', [...enter(pid), program, ...args], env)
}

/** Arguments of nsenter for the machine with this first process. */
export function enter(pid: number): string[] {
  return [`--target=${pid}`, '--mount', '--pid', '--net', '--uts', '--']
}

/** As pulling the plug. */
export async function powerOff(name: string): Promise<void> {
  const pid = await pidOf(name)
  if (pid) {
    process.kill(pid, 'SIGKILL')
    await until(async () => !await pidOf(name), { deadlineMs: 30_000, what: `${name} is off` })
  }
  await rm(pidFile(name), { force: true })
}

/** Machines that were started and not switched off. */
export async function machinesOn(): Promise<string[]> {
  const files = await readdir(folders.state).catch(() => [])
  return files.filter(file => file.endsWith('.pid')).map(file => file.slice(0, -'.pid'.length))
}

function pidFile(name: string): string {
  return join(folders.state, `${name}.pid`)
}

async function detached(log: string, program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
  const file = await open(log, 'a')
  try {
    const child = spawn(program, args, { detached: true, stdio: ['ignore', file.fd, file.fd], env: { ...process.env, ...env } })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    child.unref()
    return child.pid!
  }
  finally {
    await file.close()
  }
}
