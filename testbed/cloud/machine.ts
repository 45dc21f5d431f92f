/**
 * The cloud is a set of namespaces under one process, with a root of its own: a layer over the one that was built. When
 * that process is killed, the kernel ends every process in it, guests included, and drops its mounts and its network.
 * So there is nothing to look for when it is taken away, and nothing in it can listen on, or reach, anything outside.
 */
import { spawn } from 'node:child_process'
import { copyFile, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { until } from '@howdah/testkit/until'
import { command } from '../../tools/command.ts'
import { run } from '../../tools/run.ts'
import { pausePath } from '../cluster/build/pause.ts'
import { processes, processOf } from '../cluster/processes.ts'
import { folders } from './folders.ts'
import { hostName } from './layout.ts'

export interface Daemon {
  readonly name: string
  /** Account of the root that it runs as. */
  readonly user: string
  readonly words: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const pidFile = join(folders.state, 'pid')
const bootLog = join(folders.logs, 'boot.log')

/** Run inside the new namespaces, with the built root, the folder of this cloud's state, and the folder of images. */
const script = `
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/merged"
cd "$2/merged"
mount --bind -o ro "$3" mnt
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
mkdir -p run/lock run/netns dev/pts dev/shm dev/net
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs tmpfs dev/shm
mknod -m 666 dev/null c 1 3; mknod -m 666 dev/zero c 1 5; mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8; mknod -m 666 dev/urandom c 1 9; mknod -m 666 dev/tty c 5 0
mknod -m 666 dev/net/tun c 10 200
ln -s pts/ptmx dev/ptmx; ln -s /proc/self/fd dev/fd
mkdir -p .old
pivot_root . .old
umount -l /.old
hostname "$4"
echo "127.0.0.1 localhost $4" >/etc/hosts
echo "$4" >/etc/hostname
: >/etc/resolv.conf
ip link set lo up
exec /usr/local/sbin/pause
`

/** Start the namespaces over a root, without any program in them. */
export async function boot(root: string): Promise<void> {
  // Configuration files in it hold secrets, readable for groups that are others outside.
  await mkdir(folders.state, { recursive: true, mode: 0o700 })
  for (const folder of ['upper/usr/local/sbin', 'work', 'merged', 'log'])
    await mkdir(join(folders.state, folder), { recursive: true })
  await copyFile(await pausePath(), join(folders.state, 'upper/usr/local/sbin/pause'))
  const parent = await detached(bootLog, 'unshare', [
    ...['--mount', '--pid', '--net', '--uts', '--ipc', '--fork', '--kill-child'],
    ...['sh', '-euc', script, 'sh', root, folders.state, folders.images, hostName],
  ])
  const first = await until(async () => {
    if (!(await processOf(parent))?.started)
      throw new Error(`the cloud's machine did not start: ${await readFile(bootLog, 'utf8')}`)
    return (await processes()).find(process => process.parent === parent && process.name === 'pause')
  }, { deadlineMs: 10_000, everyMs: 20, what: 'the cloud\'s machine has its first process' })
  await writeFile(pidFile, `${first.pid} ${first.started}\n`)
}

/** Id of the first process of a cloud that is on. */
export async function pidOf(): Promise<number | undefined> {
  const text = await readFile(pidFile, 'utf8').catch(() => '')
  const [pid, started] = text.trim().split(' ')
  // The id may belong to another process by now; together with the time of its start it cannot.
  return pid && started === (await processOf(Number(pid)))?.started ? Number(pid) : undefined
}

/** The same, where without one there is nothing to do. */
async function pidOrRefuse(): Promise<number> {
  const pid = await pidOf()
  if (!pid)
    throw new Error('The cloud is down; npm run cloud -- up starts it')
  return pid
}

/** Run a program of the cloud's root to its end, as one of its accounts. */
export async function inside(words: readonly string[], { user = 'root', env = {}, input = '' } = {}): Promise<string> {
  return await command('nsenter', [...await enter(), ...accountOf(user, env), ...words], { input })
}

/** Start a program in it and leave it running. Its output is LOGS/NAME.log, beside what it writes to the root's /var/log. */
export async function startDaemon({ name, user, words, env = {} }: Daemon): Promise<void> {
  const noted = ['sh', '-euc', 'mkdir -p /run/daemons; echo $$ >"/run/daemons/$0"; exec "$@"', name]
  await detached(join(folders.logs, `${name}.log`), 'nsenter', [...await enter(), ...noted, ...accountOf(user, env), ...words])
}

/** End one, at once and without a word. */
export async function killDaemon(name: string): Promise<void> {
  await inside(['sh', '-euc', 'kill -9 "$(cat "/run/daemons/$0")"', name])
}

interface OnNetwork {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** Run a program of this machine, with its files, on the cloud's network: endpoints and floating IPs are there. Answers its exit code. */
export async function onNetwork(words: readonly string[], options: OnNetwork = {}): Promise<number> {
  return await run('nsenter', await enterNetwork(words, options), options)
}

/** The same, answering what it wrote to standard output. */
export async function commandOnNetwork(words: readonly string[], options: OnNetwork = {}): Promise<string> {
  return await command('nsenter', await enterNetwork(words, options), options)
}

/** The same, for what writes a lot: into LOGS/NAME.log, of which the end is in the error when the exit code is none of `good`. */
export async function loggedOnNetwork(name: string, words: readonly string[], { good = [0], ...options }: OnNetwork & { readonly good?: readonly number[] } = {}): Promise<{ readonly code: number, readonly output: string }> {
  const log = join(folders.logs, `${name}.log`)
  const code = await onNetwork(['sh', '-euc', 'exec "$@" >"$0" 2>&1', log, ...words], options)
  const output = await readFile(log, 'utf8')
  if (!good.includes(code))
    throw new Error(`${words.slice(0, 2).join(' ')} ended with ${code} (${log}):\n${output.trimEnd().split('\n').slice(-40).join('\n')}`)
  return { code, output }
}

/** Its files, seen from outside. */
export async function pathInside(path: string): Promise<string> {
  return join('/proc', String(await pidOrRefuse()), 'root', path)
}

/** As pulling the plug. */
export async function powerOff(): Promise<void> {
  const pid = await pidOf()
  if (pid) {
    process.kill(pid, 'SIGKILL')
    await until(async () => !await pidOf(), { deadlineMs: 60_000, everyMs: 50, what: 'the cloud is off' })
  }
  await rm(pidFile, { force: true })
}

async function enter(): Promise<string[]> {
  return [`--target=${await pidOrRefuse()}`, '--mount', '--pid', '--net', '--uts', '--ipc', '--root', '--wd', '--']
}

/** Another cloud's account, or Terraform's settings, of whoever runs this must not be used on this one. */
async function enterNetwork(words: readonly string[], { env = {} }: OnNetwork): Promise<string[]> {
  const foreign = Object.keys(process.env).filter(name => /^(?:OS|TF|ANSIBLE)_/.test(name) && !(name in env))
  return [`--target=${await pidOrRefuse()}`, '--net', '--', 'env', ...foreign.map(name => `--unset=${name}`), ...words]
}

/** Nothing of this machine's environment is of use in there. */
function accountOf(user: string, env: Readonly<Record<string, string>>): string[] {
  const variables = {
    HOME: user === 'root' ? '/root' : `/var/lib/${user}`,
    LC_ALL: 'C.UTF-8',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...env,
  }
  return [
    ...['env', '--ignore-environment', ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)],
    ...user === 'root' ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups'],
  ]
}

async function detached(log: string, program: string, args: readonly string[]): Promise<number> {
  const file = await open(log, 'a')
  try {
    const child = spawn(program, args, { detached: true, stdio: ['ignore', file.fd, file.fd] })
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
