import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { command } from '../../../tools/command.ts'
import { folders } from '../folders.ts'

const mib = 1024 * 1024
const bootMib = 64

interface Disk {
  readonly kernel: string
  readonly initrd: string
  /** Added to the kernel's command line. */
  readonly parameters: string
  /** Becomes a partition of this size behind the boot partition; without it the initrd is all there is. */
  readonly root?: { readonly folder: string, readonly sizeMib: number }
}

/**
 * A disk that a BIOS starts: a FAT partition with boot loader, kernel and initrd, and an ext4 partition with a folder's
 * content. Written into a file without loop device or mount, which a container has not.
 */
export async function writeDisk(path: string, { kernel, initrd, parameters, root }: Disk): Promise<void> {
  const work = await mkdtemp(join(folders.images, 'disk-'))
  try {
    const raw = join(work, 'raw')
    const start = (1 + bootMib) * mib
    await command('truncate', [`--size=${1 + bootMib + (root?.sizeMib ?? 0) + 1}M`, raw])
    await command('sfdisk', ['--quiet', raw], { input: `label: dos\nstart=2048, size=${bootMib * 2048}, type=6, bootable\n${root ? `start=${start / 512}, type=83\n` : ''}` })
    await command('dd', ['if=/usr/lib/syslinux/mbr/mbr.bin', `of=${raw}`, 'conv=notrunc', 'bs=440', 'count=1', 'status=none'])
    await command('mkfs.vfat', ['-F', '16', '--offset', '2048', '-h', '2048', raw, String(bootMib * 1024)])
    await writeFile(join(work, 'syslinux.cfg'), `DEFAULT linux\nPROMPT 0\nTIMEOUT 0\nLABEL linux\n KERNEL /vmlinuz\n APPEND initrd=/initrd ${parameters}\n`)
    await copyFile(kernel, join(work, 'vmlinuz'))
    await copyFile(initrd, join(work, 'initrd'))
    for (const file of ['vmlinuz', 'initrd', 'syslinux.cfg'])
      await command('mcopy', ['-i', `${raw}@@${mib}`, join(work, file), `::/${file}`], { env: { MTOOLS_SKIP_CHECK: '1' } })
    await command('syslinux', ['--offset', String(mib), '--install', raw], { env: { MTOOLS_SKIP_CHECK: '1' } })
    if (root)
      await command('mke2fs', ['-q', '-F', '-t', 'ext4', '-L', 'root', '-d', root.folder, '-E', `offset=${start},lazy_itable_init=0`, raw, `${root.sizeMib}M`])
    await command('qemu-img', ['convert', '-O', 'qcow2', raw, path])
  }
  finally {
    await rm(work, { recursive: true })
  }
}
