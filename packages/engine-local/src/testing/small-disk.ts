import { execFileSync, spawnSync } from 'node:child_process'
import { rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { temporaryFolder, until } from '@howdah/testkit'

/** Only root may mount a disk. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0

/** A disk of its own, because nobody should fill the machine's. */
export interface SmallDisk {
  readonly path: string
  /** Fill it up to so much. */
  readonly leave: (kib: number) => Promise<void>
  /** Take away what it was filled with. */
  readonly free: () => Promise<void>
  readonly remove: () => Promise<void>
}

export async function smallDisk(mib: number): Promise<SmallDisk> {
  const folder = await temporaryFolder()
  const filler = join(folder.path, 'filler')
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m,mode=0755`, 'tmpfs', folder.path])
  const free = async (): Promise<void> => await rm(filler, { force: true })

  /** Servers write to it meanwhile, so what was free a moment ago may not be any more. */
  async function isFilled(kib: number): Promise<boolean> {
    await free()
    const { bavail, bsize } = await statfs(folder.path)
    return spawnSync('fallocate', ['--length', String(Math.max(1, bavail * bsize - kib * 1024)), filler]).status === 0
  }

  return {
    path: folder.path,
    leave: async kib => void await until(async () => await isFilled(kib), { deadlineMs: 20_000, what: `all but ${kib} KiB of the disk is taken` }),
    free,
    remove: async () => {
      // What was killed holds its files until the kernel is done with it.
      await until(() => spawnSync('umount', [folder.path]).status === 0, { deadlineMs: 20_000, what: 'the disk is unmounted' })
      await folder.remove()
    },
  }
}
