import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { command, succeeds } from '../../../tools/command.ts'
import { exists } from '../../../tools/exists.ts'
import { aptInstall } from '../../../tools/needs/apt.ts'
import { Missing } from '../../../tools/needs/missing.ts'
import { folders } from '../folders.ts'

/** Programs that the bed calls. None of these packages starts a service. */
const installed = ['ca-certificates', 'debootstrap', 'gcc', 'iproute2', 'iptables', 'libc6-dev', 'libseccomp2', 'nftables', 'openssl', 'util-linux']

/** Installing containerd would also start it, for this whole machine, so these are only unpacked. */
const unpacked = ['busybox-static', 'containerd', 'containernetworking-plugins', 'runc']

/** Bring what the bed needs of Debian onto this machine. */
export async function prepareDebian(): Promise<void> {
  const missing = []
  for (const name of installed) {
    if (!await isInstalled(name))
      missing.push(name)
  }
  const isComplete = await exists(folders.runtime)
  // apt-get download needs the lists, which installing brings up to date.
  if ((missing.length > 0 || !isComplete) && !await aptInstall(...missing))
    throw new Missing(`these Debian packages cannot be installed: ${missing.join(', ')}`)
  if (!isComplete)
    await unpack()
}

/** Where a program of an unpacked package is. */
export function runtimePath(path: string): string {
  return join(folders.runtime, path)
}

async function isInstalled(name: string): Promise<boolean> {
  return await succeeds('sh', ['-c', `dpkg-query --show --showformat='\${Status}' "$1" | grep -q '^install ok installed'`, 'sh', name])
}

async function unpack(): Promise<void> {
  const draft = `${folders.runtime}.new`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true })
  await command('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', ...unpacked], { cwd: draft })
  for (const archive of (await readdir(draft)).filter(name => name.endsWith('.deb'))) {
    await command('dpkg-deb', ['--extract', join(draft, archive), draft])
    await rm(join(draft, archive))
  }
  await rename(draft, folders.runtime)
}
