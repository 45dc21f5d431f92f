import { succeeds } from '../../../tools/command.ts'
import { aptInstall } from '../../../tools/needs/apt.ts'
import { Missing } from '../../../tools/needs/missing.ts'

/** Programs that build roots and disks, and enter namespaces. None of these packages starts a service. */
const needed = ['ca-certificates', 'cpio', 'debootstrap', 'dosfstools', 'e2fsprogs', 'fdisk', 'gcc', 'iproute2', 'libc6-dev', 'mtools', 'openssh-client', 'openssl', 'qemu-utils', 'syslinux', 'syslinux-common', 'util-linux']

/** Bring what the bed needs of Debian onto this machine. */
export async function preparePackages(): Promise<void> {
  const missing = []
  for (const name of needed) {
    if (!await succeeds('sh', ['-c', `dpkg-query --show --showformat='\${Status}' "$1" | grep -q '^install ok installed'`, 'sh', name]))
      missing.push(name)
  }
  if (missing.length > 0 && !await aptInstall(...missing))
    throw new Missing(`these Debian packages cannot be installed: ${missing.join(', ')}`)
}
