import type { RestoreTarget } from '@howdah/engine'
import type { LocalEngineOptions } from '../options.ts'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { EngineError } from '@howdah/engine'
import { iterationsForMachines, quoteLiteral, scramVerifier, superuserRole } from '@howdah/postgres'
import { archiveOf } from '../archive-site.ts'
import { installBinaries } from '../binaries.ts'
import { syncDataFolder } from '../clone.ts'
import { runErrands } from '../errands.ts'
import { openInstallation } from '../installation.ts'
import { databasePaths } from '../paths.ts'
import { beginPlace, discardPlace, socketFolderOf } from '../places.ts'
import { bringBackup, goalOf } from './bring-backup.ts'
import { Job } from './job.ts'
import { replay } from './replay.ts'
import { RestoreError } from './restore-error.ts'
import { inSingleUserMode } from './single-user.ts'
import { choiceFor } from './source.ts'

export interface IntoFolder extends Required<Pick<LocalEngineOptions, 'archives' | 'log'>> {
  /** Id of the database whose archive it is. */
  readonly database: string
  readonly target: RestoreTarget
  /** Made, or empty. */
  readonly folder: string
  readonly report?: (text: string) => void
}

export interface RestoredFolder {
  /** PostgreSQL's data folder, whole and stopped. */
  readonly data: string
  /** Programs of the version that it belongs to. */
  readonly bin: string
  readonly serverVersion: string
  /** The superuser, and the file with its new password. */
  readonly user: string
  readonly passwordFile: string
}

/**
 * Restore out of an archive into a folder, with the installation's keys and nothing else: no control plane, no store. What is
 * made is an ordinary data folder of PostgreSQL. Passwords of users are taken away, as with every restore.
 */
export async function restoreIntoFolder({ archives, database, log, report = () => {}, target, ...order }: IntoFolder): Promise<RestoredFolder> {
  const folder = resolve(order.folder)
  await mkdir(folder, { recursive: true, mode: 0o755 })
  if ((await readdir(folder)).length > 0)
    throw new EngineError('conflict', `${folder} is not empty; name a folder that is.`)
  const installation = await openInstallation({ dataDir: join(folder, 'howdah'), location: 'folder', archives, log })
  const { account } = installation
  const archive = archiveOf(installation, database)
  const choice = await choiceFor(archive, undefined, target)
  if (typeof choice === 'string')
    throw new EngineError('invalid', choice)
  const { backup } = choice
  const set = installation.binaries.find(({ major }) => major === backup.major)
  if (!set)
    throw new EngineError('unavailable', `PostgreSQL ${backup.major} is not on this machine; install it.`)
  const binaries = await installBinaries(set, installation.paths.root)
  const root = await beginPlace(installation)
  const paths = databasePaths(root)

  const work = new Job(async (job) => {
    job.enter('fetch')
    report(`fetches the backup ${backup.id}`)
    await bringBackup({ installation, archive, backup, paths, report }, job)
    job.enter('replay')
    report('replays the WAL')
    const socketFolder = await socketFolderOf(installation, root)
    await replay({ installation, binaries, paths, socketFolder, source: archive, isAhead: true, own: undefined }, goalOf(choice), job)
    await rm(socketFolder, { recursive: true })
  })
  try {
    await work.end()
  }
  catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error instanceof RestoreError ? new EngineError('invalid', `${error.message} ${error.nextStep}`, { cause: error }) : error
  }
  const password = randomBytes(24).toString('base64url')
  await inSingleUserMode(binaries, account, paths.data, [
    'update pg_catalog.pg_authid set rolpassword = null where rolname !~ \'^(pg|howdah)_\'',
    `alter role ${superuserRole} password ${quoteLiteral(await scramVerifier(password, iterationsForMachines))}`,
  ])
  const data = join(folder, 'data')
  await rename(paths.data, data)
  await discardPlace(installation, root)
  await runErrands(account, async errands => await syncDataFolder(binaries, data, errands))
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  return { data, bin: binaries.bin, serverVersion: backup.serverVersion, user: superuserRole, passwordFile }
}
