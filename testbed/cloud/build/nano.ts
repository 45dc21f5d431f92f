import { copyFile, glob, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { command } from '../../../tools/command.ts'
import { folders } from '../folders.ts'
import { writeDisk } from './disk.ts'
import { guestRoot, kernelOf } from './guest.ts'
import { keyOf, once } from './once.ts'

const source = fileURLToPath(new URL('nano', import.meta.url))
const programs = ['/bin/busybox', '/usr/sbin/dropbear', '/usr/bin/dropbearkey']
/** In the order in which they need each other. What the kernel has built in is not there as a file. */
const modules = ['virtio_ring', 'virtio', 'virtio_pci_modern_dev', 'virtio_pci_legacy_dev', 'virtio_pci', 'failover', 'net_failover', 'virtio_net', 'virtio_blk']
const files: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
  'etc/group': 'root:x:0:\n',
  'etc/shells': '/bin/sh\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nshadow: files\nhosts: files\nservices: files\n',
  'etc/hosts': '127.0.0.1 localhost\n',
}
const folderNames = ['proc', 'sys', 'dev', 'tmp', 'run', 'var/log', 'root/.ssh', 'etc/dropbear', 'www', 'bin', 'sbin', 'lib']

/** A disk without a root: kernel, busybox and ssh server, all in the initrd. */
export async function nanoImage(): Promise<string> {
  const scripts = await Promise.all(['init', 'dhcp'].map(async name => await readFile(join(source, name), 'utf8')))
  const guest = await guestRoot()
  return await once(join(folders.images, `nano-${keyOf(guest, programs, modules, files, folderNames, scripts)}.qcow2`), async (draft) => {
    const work = await mkdtemp(join(folders.images, 'nano-'))
    try {
      const root = join(work, 'root')
      await fill(root, guest)
      const initrd = join(work, 'initrd')
      await command('sh', ['-c', 'cd "$0" && find . | cpio --create --format=newc --quiet | gzip -1 >"$1"', root, initrd])
      await writeDisk(draft, {
        kernel: join(guest, 'boot', `vmlinuz-${await kernelOf(guest)}`),
        initrd,
        parameters: 'console=ttyS0 quiet panic=10 mitigations=off no_timer_check tsc=reliable',
      })
    }
    finally {
      await rm(work, { recursive: true })
    }
  })
}

async function fill(root: string, guest: string): Promise<void> {
  for (const folder of [...folderNames, 'modules'])
    await mkdir(join(root, folder), { recursive: true })
  for (const [path, text] of Object.entries(files))
    await writeFile(join(root, path), text)
  for (const name of ['init', 'dhcp'])
    await command('install', ['-m', '755', join(source, name), join(root, name)])
  // Links are followed inside of the guest: some of them are absolute.
  await command('sh', ['-euc', 'chroot "$0" tar --create --dereference "$@" | tar --extract --directory "$ROOT"', guest, ...programs, ...await librariesOf(guest)], { env: { ROOT: root } })
  const there: string[] = []
  for (const name of modules) {
    const [path] = await Array.fromAsync(glob(`lib/modules/*/**/${name}.ko`, { cwd: guest }))
    if (path) {
      await copyFile(join(guest, path), join(root, 'modules', basename(path)))
      there.push(name)
    }
  }
  await writeFile(join(root, 'modules', 'order'), there.map(name => `${name}\n`).join(''))
}

/** With the one that loads them. */
async function librariesOf(guest: string): Promise<string[]> {
  const output = await command('chroot', [guest, 'ldd', ...programs])
  return [...new Set([...output.matchAll(/(\/lib\S+) \(0x/g)].map(([, path]) => path!))]
}
