import type { Binaries } from './binaries.ts'
import type { Errands } from './errands.ts'
import { join } from 'node:path'
import process from 'node:process'

/** Of `cp`, which shares blocks where the file system can; without the times of files, which nobody looks at but those of WAL. */
export const copyOptions: readonly string[] = process.platform === 'darwin' ? ['-Rc'] : ['-R', '--reflink=auto']

/** Copy a stopped data folder as the account that owns it. */
export async function copyDataFolder(from: string, to: string, errands: Errands): Promise<void> {
  await errands.run('cp', [...copyOptions, from, to])
}

/** Begin to write down what was copied: of what `syncDataFolder` has to wait for later, much is done by then. */
export async function beginSync(data: string, errands: Errands): Promise<void> {
  if (process.platform === 'linux')
    await errands.run('sync', ['--file-system', data]).catch(() => undefined)
}

/**
 * Make a data folder and what lies beside it survive a power cut: by one flush of the file system, which costs a tenth
 * of a flush of each file; file by file where the system has no such thing.
 */
export async function syncDataFolder(binaries: Binaries, data: string, errands: Errands): Promise<void> {
  if (process.platform === 'linux') {
    try {
      return await errands.run('sync', ['--file-system', data])
    }
    catch (error) {
      // Small systems have another `sync`. What it could not write, the files tell again.
      if (!(error instanceof Error))
        throw error
    }
  }
  await errands.run(join(binaries.bin, 'initdb'), ['--sync-only', '--pgdata', data])
}
