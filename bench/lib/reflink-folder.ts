import type { Context } from './bench.ts'
import { execFile } from 'node:child_process'
import { chmod, constants, copyFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { until } from '@howdah/testkit'
import { Missing } from '../../tools/needs/missing.ts'
import { mkfsXfs } from '../../tools/needs/mkfs-xfs.ts'

const run = promisify(execFile)

/** The image is sparse: it takes what is written to it. */
const imageBytes = 16 * 2 ** 30

/** A folder where copies share the blocks of files: the one that `HOWDAH_BENCH_REFLINK_DIR` names, otherwise XFS on a loop device. */
export async function reflinkFolder(context: Context): Promise<string> {
  const given = process.env.HOWDAH_BENCH_REFLINK_DIR
  const folder = given ?? await xfsOnLoop(context)
  if (!await sharesBlocks(folder))
    throw new Missing(`copies in ${folder} share no blocks; HOWDAH_BENCH_REFLINK_DIR names a folder on XFS, Btrfs or another file system with reflinks`)
  const { stdout } = await run('stat', ['--file-system', '--format=%T', folder])
  context.note(`the file system is ${stdout.trim()}${given === undefined ? ', on a loop device' : ''}`)
  return folder
}

async function xfsOnLoop({ afterwards }: Context): Promise<string> {
  const instead = 'set HOWDAH_BENCH_REFLINK_DIR to a folder on XFS or Btrfs'
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new Missing(`only root of a Linux machine can mount a file system on a loop device; ${instead}`)
  // Where it is built in there is no module.
  await run('modprobe', ['xfs']).catch(() => undefined)
  if (!/^\s*xfs$/m.test(await readFile('/proc/filesystems', 'utf8')))
    throw new Missing(`this kernel has no XFS: /proc/filesystems does not list it, and there is no module; ${instead}`)
  const mkfs = await mkfsXfs()
  const folder = await mkdtemp(join(tmpdir(), 'howdah-bench-xfs-'))
  afterwards(async () => await rm(folder, { recursive: true }))
  await chmod(folder, 0o755)
  const [image, mounted] = [join(folder, 'image'), join(folder, 'mounted')]
  await writeFile(image, '')
  await truncate(image, imageBytes)
  await run(mkfs, ['-q', '-m', 'reflink=1', image])
  await mkdir(mounted)
  await run('mount', ['-o', 'loop', image, mounted])
  // What was killed holds its files until the kernel is done with it.
  afterwards(async () => void await until(async () => await run('umount', [mounted]).then(() => true, () => false), { deadlineMs: 20_000, everyMs: 50, what: 'the file system of the bench is unmounted' }))
  await chmod(mounted, 0o755)
  return mounted
}

async function sharesBlocks(folder: string): Promise<boolean> {
  const probe = await mkdtemp(join(folder, 'probe-'))
  try {
    await writeFile(join(probe, 'one'), 'howdah')
    return await copyFile(join(probe, 'one'), join(probe, 'other'), constants.COPYFILE_FICLONE_FORCE).then(() => true, () => false)
  }
  finally {
    await rm(probe, { recursive: true })
  }
}
