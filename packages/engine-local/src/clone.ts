import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import { execFile } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { asAccount } from './account.ts'
import { serverEnvironment } from './process.ts'

const run = promisify(execFile)

/** How a program is run for us. */
interface Manner {
  /** Owner of the data folder. */
  readonly account: Account | undefined
  /** True: give way to everything else on the machine. */
  readonly background: boolean
  /** Ends it. */
  readonly signal?: AbortSignal
}

/** Copy a stopped data folder as the account that owns it; shares blocks where the file system can. */
export async function copyDataFolder(from: string, to: string, how: Manner): Promise<void> {
  const options = process.platform === 'darwin'
    ? ['-Rpc']
    : ['-a', '--reflink=auto']
  await work('cp', [...options, from, to], how)
}

/**
 * Make a data folder and what lies beside it survive a power cut: by one flush of the file system, which costs a tenth
 * of a flush of each file; file by file where the system has no such thing.
 */
export async function syncDataFolder(binaries: Binaries, data: string, how: Manner): Promise<void> {
  if (process.platform === 'linux') {
    try {
      return await work('sync', ['--file-system', data], how)
    }
    catch (error) {
      how.signal?.throwIfAborted()
      // Small systems have another `sync`. What it could not write, the files tell again.
      if (!(error instanceof Error))
        throw error
    }
  }
  await work(join(binaries.bin, 'initdb'), ['--sync-only', '--pgdata', data], how)
}

async function work(program: string, args: readonly string[], { account, background, signal }: Manner): Promise<void> {
  const running = run(program, args, { ...asAccount(account), cwd: '/', env: serverEnvironment, ...signal ? { signal } : {} })
  if (background && running.child.pid !== undefined)
    setPriority(running.child.pid, constants.priority.PRIORITY_LOW)
  await running
}
