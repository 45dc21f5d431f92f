import type { DatabaseSpec } from '@howdah/engine'
import type { Settings } from '@howdah/postgres'
import type { Database } from './database.ts'
import type { Launched } from './process.ts'
import { archiveCommand, writeArchiveFiles } from './archive-site.ts'
import { installBinaries } from './binaries.ts'
import { hostAccessFile } from './config/pg-hba.ts'
import { serverSettings, settingsFile } from './config/settings.ts'
import { writeAtomically } from './files.ts'
import { whyItStopped } from './last-words.ts'
import { socketFolderOf } from './places.ts'
import { isFree } from './ports.ts'
import { findPostmaster, isStoppedWithin, killLeftovers, launch, signalStop, waitUntilReady } from './process.ts'

/** A start takes some 40 ms. Recovery after a crash may take minutes; it is then asked about again. */
const startWithinMs = 3_000
/** Sessions end at once in a fast shutdown; the rest is its checkpoint. */
const fastStopMs = 60_000
const immediateStopMs = 10_000

export type StartOutcome
  = | { readonly kind: 'started', readonly server: Launched | undefined }
    /** It replays WAL and will accept connections by itself. */
    | { readonly kind: 'starting', readonly server: Launched | undefined }
    | { readonly kind: 'failed', readonly reason: 'PortTaken' | 'StartFailed', readonly message: string }

export type SpecForServer = Pick<DatabaseSpec, 'memoryMib' | 'cpu' | 'storageGib' | 'parameters' | 'allowedCidrs'>

/** What the settings of this database's server should be. */
export function settingsFor(db: Database, spec: SpecForServer, preload: string): Settings {
  const { archives } = db.installation
  return serverSettings(spec, {
    major: db.identity.major,
    host: db.installation.host,
    port: db.identity.port,
    socketFolder: db.socketFolder,
    logFolder: db.paths.log,
    certificate: db.paths.certificate,
    certificateKey: db.paths.certificateKey,
    hostAccess: db.paths.hostAccess,
    preload,
    archiveCommand: archives && archiveCommand,
  })
}

/**
 * Write what the server reads. Owned by us, so that the server's account cannot change how people get in. Not synced:
 * it is written again before each start.
 */
export async function writeConfiguration(db: Database, settings: Settings, allowedCidrs: readonly string[]): Promise<void> {
  await Promise.all([
    writeAtomically(db.paths.settings, settingsFile(settings), { mode: 0o644, durable: false }),
    writeAtomically(db.paths.hostAccess, hostAccessFile(allowedCidrs), { mode: 0o644, durable: false }),
    db.installation.archives && writeArchiveFiles(db.installation, db.ref.id, 'put', db.paths.instance),
  ])
}

/** Start the server and wait until it accepts connections. Adopts one that runs. */
export async function startServer(db: Database, settings: Settings, allowedCidrs: readonly string[]): Promise<StartOutcome> {
  const { host, account, paths } = db.installation
  const found = await findPostmaster(db.paths.data)
  if (found) {
    const state = found.ready ? 'ready' : await waitUntilReady(db.paths.data, undefined, startWithinMs)
    if (state !== 'exited')
      return { kind: state === 'ready' ? 'started' : 'starting', server: undefined }
  }
  await Promise.all([
    writeConfiguration(db, settings, allowedCidrs),
    // A folder for temporary files may have been emptied by a reboot.
    socketFolderOf(db.installation, db.paths.root),
  ])
  if (!await isFree(host, db.identity.port)) {
    await killLeftovers(db.paths.data)
    if (!await isFree(host, db.identity.port))
      return { kind: 'failed', reason: 'PortTaken', message: `Another program listens on port ${db.identity.port} of ${host}. The database starts by itself when it is free again.` }
  }
  const launchedAt = new Date()
  const server = await launch({
    binaries: await installBinaries(db.binaries, paths.root),
    account,
    dataFolder: db.paths.data,
    serverLog: db.paths.serverLog,
    args: [`--config-file=${db.paths.settings}`],
  })
  const state = await waitUntilReady(db.paths.data, server, startWithinMs)
  return state === 'exited'
    ? { kind: 'failed', reason: 'StartFailed', message: await whyItStopped(db.paths, launchedAt) }
    : { kind: state === 'ready' ? 'started' : 'starting', server }
}

/** Stop the server: politely, then firmly. Resolves when nothing of it runs. */
export async function stopServer(db: Database, mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
  const server = await findPostmaster(db.paths.data)
  if (server) {
    signalStop(server.pid, mode)
    if (!await isStoppedWithin(db.paths.data, mode === 'fast'
      ? fastStopMs
      : immediateStopMs)) {
      signalStop(server.pid, 'immediate')
      await isStoppedWithin(db.paths.data, immediateStopMs)
      await killLeftovers(db.paths.data)
    }
  }
}
