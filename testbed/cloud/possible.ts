import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { succeeds } from '../../tools/command.ts'
import { findProgram } from '../../tools/needs/find-program.ts'
import { go } from '../../tools/needs/go.ts'
import { Missing } from '../../tools/needs/missing.ts'

/** Throw `Missing`, with the reason, on a machine that cannot carry the cloud. */
export async function refuseWhereImpossible(): Promise<void> {
  const reason = await whyNot()
  if (reason)
    throw new Missing(`${reason}. infra/openstack works on any OpenStack: docs/guides/openstack.md`)
  await go()
}

async function whyNot(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `the test cloud needs Linux on x86-64, and this is ${process.platform} on ${process.arch}`
  if (process.getuid?.() !== 0)
    return 'the test cloud needs root: it makes namespaces, mounts and network bridges'
  if (!await findProgram('apt-get') || !/^ID=debian$/m.test(await readFile('/etc/os-release', 'utf8').catch(() => '')))
    return 'the test cloud is made from Debian\'s packages, and this is no Debian'
  if (!await succeeds('unshare', ['--mount', '--pid', '--net', '--fork', 'sh', '-euc', 'mount --make-rprivate /; ip link add probe type bridge; ip link add probe1 type veth peer name probe2; ip link add probe3 type vxlan id 1 dstport 8472 local 127.0.0.1']))
    return 'the test cloud needs to mount, and a kernel with network bridges, veth and vxlan, which a container may not have'
  const memory = Number(/^MemAvailable: +(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1])
  if (memory < 9 * 1024 * 1024)
    return `the test cloud needs 9 GB of free memory, and there are ${Math.floor(memory / 1024 / 1024)}`
  return undefined
}
