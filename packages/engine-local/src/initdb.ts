import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import { execFile } from 'node:child_process'
import { chown, rm, writeFile } from 'node:fs/promises'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { asAccount } from './account.ts'
import { makeFolder } from './files.ts'
import { serverEnvironment } from './server-environment.ts'

const run = promisify(execFile)

/** Make a new data folder with `initdb`: checksums, UTF-8, SCRAM, the same collation on every machine. */
export async function initdb(options: {
  readonly binaries: Binaries
  readonly account: Account | undefined
  readonly dataFolder: string
  readonly superuser: { readonly name: string, readonly password: string }
  /** False: whoever goes on with it makes it safe on disk. Default: it is when this is done. */
  readonly isSynced?: boolean
  /** True: give way to everything else on the machine. */
  readonly background?: boolean
}): Promise<void> {
  const { account, binaries, dataFolder, superuser } = options
  await makeFolder(dataFolder, 0o700, account)
  const passwordFile = `${dataFolder}.password`
  await writeFile(passwordFile, superuser.password, { mode: 0o600 })
  if (account)
    await chown(passwordFile, account.uid, account.gid)
  try {
    const child = run(join(binaries.bin, 'initdb'), [
      '--pgdata',
      dataFolder,
      '--username',
      superuser.name,
      '--pwfile',
      passwordFile,
      '--auth=scram-sha-256',
      '--data-checksums',
      '--encoding=UTF8',
      ...localeOptions(binaries.major),
      '--no-instructions',
      ...options.isSynced ?? true ? [] : ['--no-sync'],
    ], {
      ...asAccount(account),
      cwd: '/',
      env: serverEnvironment,
    })
    if (options.background && child.child.pid !== undefined)
      setPriority(child.child.pid, constants.priority.PRIORITY_LOW)
    await child
  }
  catch (error) {
    await rm(dataFolder, { recursive: true, force: true })
    throw error
  }
  finally {
    await rm(passwordFile, { force: true })
  }
}

/** C.UTF-8 without the C library's own idea of it where the major has it (17 and later): indexes survive a new libc. */
function localeOptions(major: number): string[] {
  return major >= 17
    ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
    : ['--locale=C', '--lc-ctype=C.UTF-8']
}
