import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { EngineError } from '@howdah/engine'

const run = promisify(execFile)

/** The unprivileged account that PostgreSQL runs as when we are root. PostgreSQL refuses to run as root. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Tried in this order when no account is asked for. */
const candidates = ['howdah', 'postgres']

/**
 * The account to run PostgreSQL as: undefined for "as we are", which is right for everyone but root. Creates the
 * system account `howdah` when root has none of the usual ones.
 */
export async function resolveAccount(wanted?: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0)
    return undefined
  for (const name of wanted === undefined
    ? candidates
    : [wanted]) {
    const account = await findAccount(name)
    if (account)
      return account
  }
  if (wanted !== undefined)
    throw new EngineError('unavailable', `There is no account "${wanted}" on this machine to run PostgreSQL as; create it or name another one.`)
  await run('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    'howdah',
  ])
  const created = await findAccount('howdah')
  if (!created)
    throw new EngineError('unavailable', 'PostgreSQL does not run as root, and no system account "howdah" could be created; create one with useradd.')
  return created
}

async function findAccount(name: string): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([
      run('id', ['-u', name]),
      run('id', ['-g', name]),
    ])
    const account = {
      name,
      uid: Number(uid.stdout),
      gid: Number(gid.stdout),
    }
    return account.uid === 0
      ? undefined
      : account
  }
  catch (error) {
    // `id` exits with 1 for a name it does not know; a missing `id` is a broken machine.
    if (error instanceof Error && 'code' in error && error.code === 1)
      return undefined
    throw error
  }
}

/** The part of `spawn` options that makes a child run as the account. */
export function asAccount(account: Account | undefined): { uid?: number, gid?: number } {
  return account
    ? { uid: account.uid, gid: account.gid }
    : {}
}

/** Refuses with the name of the folder that stops the account on its way to `folder`. */
export async function checkReachable(folder: string, account: Account | undefined): Promise<void> {
  if (!account || await canEnter(folder, account))
    return
  let culprit = folder
  for (let parent = dirname(folder); !await canEnter(parent, account); parent = dirname(parent)) {
    culprit = parent
    if (parent === dirname(parent))
      break
  }
  throw new EngineError('unavailable', `PostgreSQL runs as "${account.name}", which may not enter ${culprit}. Allow it (chmod o+x ${culprit}) or choose another data directory, such as /var/lib/howdah.`)
}

async function canEnter(folder: string, account: Account): Promise<boolean> {
  try {
    await run('ls', ['-d', `${folder}/.`], {
      ...asAccount(account),
      cwd: '/',
    })
    return true
  }
  catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'number')
      return false
    throw error
  }
}
