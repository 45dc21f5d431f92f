import type { Account } from './account.ts'
import type { ArchiveFile } from './archive/archive-file.ts'
import type { ArchiveKey } from './archive/envelope.ts'
import type { ObjectStore, StoreSettings } from './archive/object-store.ts'
import type { CopiedProgram } from './copied-program.ts'
import type { Installation } from './installation.ts'
import type { StoreOptions } from './store-options.ts'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '@howdah/engine'
import { checkReachable } from './account.ts'
import { archiveScript } from './archive-script.ts'
import { Archive } from './archive/archive.ts'
import { openStore } from './archive/open-store.ts'
import { sayable } from './archive/sayable.ts'
import { installProgram } from './copied-program.ts'
import { makeFolder, writeAtomically } from './files.ts'
import { inOurWords } from './in-our-words.ts'
import { readStoreOptions } from './store-options.ts'

export interface ArchiveOptions {
  readonly store: StoreOptions
  /** Keys of 32 bytes for a purpose, derived from the installation's: the first one seals, all of them open. */
  readonly keys: (purpose: string) => readonly Uint8Array[]
}

/** Where the databases of an installation leave their WAL and their backups. */
export interface ArchiveSite extends Pick<ArchiveOptions, 'keys'> {
  /** What servers run to archive and to restore. */
  readonly program: CopiedProgram
  readonly settings: StoreSettings
  readonly store: ObjectStore
}

/** `away`: told of a folder that cannot be used, where the databases that archive to it are to be served all the same. Otherwise it fails. */
export async function openArchiveSite(options: ArchiveOptions, dataDir: string, account: Account | undefined, away?: (error: unknown) => void): Promise<ArchiveSite> {
  const settings = await readStoreOptions(options.store)
  if (settings.kind === 'folder') {
    try {
      await makeFolder(settings.path, 0o711)
      await checkReachable(settings.path, account)
    }
    catch (error) {
      if (!away)
        throw error
      away(error)
    }
  }
  return { keys: options.keys, settings, store: inOurWords(await openStore(settings)), program: await installProgram(dataDir, account, 'archive') }
}

export function archiveOf(installation: Pick<Installation, 'archives'>, name: string): Archive {
  const { keys, store } = siteOf(installation)
  return new Archive(name, store, keysFor(keys, name))
}

/** What others are told who open an archive: programs beside the data, and threads. */
export function archiveFileOf(installation: Pick<Installation, 'archives'>, name: string): ArchiveFile {
  const { keys, settings } = siteOf(installation)
  return { archive: name, store: settings, keys: keysFor(keys, name).map(({ id, secret }) => ({ id, secret: Buffer.from(secret).toString('base64') })) }
}

/**
 * What PostgreSQL is told to run to archive, in its data folder. Everybody may read it in SQL, so it tells nothing; and
 * it stays the same when the program is another one.
 */
export const archiveCommand = 'sh ../archive.sh %f %p'
export const restoreCommand = 'sh ../restore.sh %f %p'

/** While this lies in the folder of an instance, its archiver waits. */
const waitingMark = 'archive.waits'

/**
 * Write what a server of the account needs to archive, or to restore, and make the place that it may write to. `isKnown`: that place was
 * made before, so that an archive that is away keeps nobody from starting, or from following another primary.
 */
export async function writeArchiveFiles(installation: Pick<Installation, 'archives' | 'account'>, name: string, verb: 'put' | 'get', instance: string, isKnown = false): Promise<void> {
  const { program, settings } = siteOf(installation)
  const script = verb === 'put' ? 'archive' : 'restore'
  const path = join(instance, `${script}.json`)
  const file = archiveFileOf(installation, name)
  await Promise.all([
    writeAtomically(path, JSON.stringify(file), { mode: 0o600, owner: installation.account, durable: false }),
    writeAtomically(join(instance, `${script}.sh`), archiveScript(program, verb, path), { mode: 0o644, durable: false }),
    settings.kind === 'folder' && makeWalFolder(join(settings.path, name), installation.account).catch((error: unknown) => {
      // The server says what is wrong when it archives, and tries again.
      if (!isKnown)
        throw new EngineError('unavailable', `No archive can be begun, and without one no database: ${sayable(error)}.`, { cause: error })
    }),
  ])
  if (verb === 'put')
    await rm(join(instance, waitingMark), { force: true })
}

/**
 * What is archived before there is somebody to keep it for waits until there is, and the archiver with it: nothing is refused, of
 * which the log would complain. It looks seldom: what brings files away is a program that whoever waits for the database would feel.
 */
export async function writeWaitingArchive(instance: string): Promise<void> {
  await Promise.all([
    writeAtomically(join(instance, waitingMark), '', { mode: 0o644, durable: false }),
    writeAtomically(join(instance, 'archive.sh'), `while [ -e ../${waitingMark} ]; do sleep 0.5; done\nexec sh ../archive.sh "$1" "$2"\n`, { mode: 0o644, durable: false }),
  ])
}

/** Nobody is going to keep it for now: a server that is to stop does not wait, and does not take it for archived. */
export async function endWaitingArchive(instance: string): Promise<void> {
  // Beyond 125 PostgreSQL does not try again.
  await writeAtomically(join(instance, 'archive.sh'), 'exit 127\n', { mode: 0o644, durable: false })
  await rm(join(instance, waitingMark), { force: true })
}

/** What is archived before there is somebody to keep it for is thrown away: no backup begins there. */
export async function writeNoArchive(instance: string): Promise<void> {
  await writeAtomically(join(instance, 'archive.sh'), 'exit 0\n', { mode: 0o644, durable: false })
}

/** The account cannot make it itself: the folder above belongs to us. */
async function makeWalFolder(folder: string, account: Account | undefined): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o711 })
  await makeFolder(join(folder, 'wal'), 0o700, account)
}

/** The store itself, where nothing is installed beside it. */
export async function openStoreOf(options: StoreOptions): Promise<ObjectStore> {
  return inOurWords(await openStore(await readStoreOptions(options)))
}

/** The keys of one archive, from which neither those of others nor the installation's own can be found. */
export function keysFor(keys: ArchiveOptions['keys'], archive: string): ArchiveKey[] {
  return keys(`archive ${archive}`).map(secret => ({ id: createHash('sha256').update(secret).digest('hex').slice(0, 16), secret }))
}

function siteOf({ archives }: Pick<Installation, 'archives'>): ArchiveSite {
  if (!archives)
    throw new EngineError('unsupported', 'This location keeps no backups.')
  return archives
}
