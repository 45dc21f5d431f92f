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

/** Copy a stopped data folder as the account that owns it; shares blocks where the file system can. */
export async function copyDataFolder(from: string, to: string, account: Account | undefined, background: boolean): Promise<void> {
  const options = process.platform === 'darwin'
    ? ['-Rpc']
    : ['-a', '--reflink=auto']
  await work('cp', [...options, from, to], account, background)
}

/** Make everything in a data folder survive a power cut. */
export async function syncDataFolder(binaries: Binaries, data: string, account: Account | undefined, background: boolean): Promise<void> {
  await work(join(binaries.bin, 'initdb'), ['--sync-only', '--pgdata', data], account, background)
}

async function work(program: string, args: readonly string[], account: Account | undefined, background: boolean): Promise<void> {
  const running = run(program, args, {
    ...asAccount(account),
    cwd: '/',
    env: serverEnvironment,
  })
  if (background && running.child.pid !== undefined)
    setPriority(running.child.pid, constants.priority.PRIORITY_LOW)
  await running
}
