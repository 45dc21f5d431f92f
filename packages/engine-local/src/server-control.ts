import type { DatabaseSpec } from '@howdah/engine'
import type { Settings } from '@howdah/postgres'
import type { Database, Instance } from './database.ts'
import type { Launched } from './launcher.ts'
import type { DatabasePaths } from './paths.ts'
import type { Identity } from './state.ts'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { archiveCommand, writeArchiveFiles } from './archive-site.ts'
import { installBinaries } from './binaries.ts'
import { hostAccessFile } from './config/pg-hba.ts'
import { serverSettings, settingsFile } from './config/settings.ts'
import { writeAtomically } from './files.ts'
import { whyItStopped } from './last-words.ts'
import { databasePaths } from './paths.ts'
import { socketFolderOf } from './places.ts'
import { isFree } from './ports.ts'
import { findPostmaster, isStoppedWithin, killLeftovers, launch, signalStop, waitUntilReady } from './process.ts'
import { instanceSettings, passwordFile, passwordFileText } from './replicas/instance-settings.ts'

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

/** Where a server is: that of a database, or of one to be. */
type Place = Pick<Database, 'installation' | 'root' | 'socketFolder'> & { readonly identity: Pick<Identity, 'major' | 'port'> }

/** What the settings of this database's server should be; with several, of the first one, from which the others differ in their place only. */
export function settingsFor(db: Place, spec: SpecForServer, preload: string): Settings {
  const { archives } = db.installation
  const paths = databasePaths(db.root)
  return serverSettings(spec, {
    major: db.identity.major,
    host: db.installation.host,
    port: db.identity.port,
    socketFolder: db.socketFolder,
    logFolder: paths.log,
    certificate: paths.certificate,
    certificateKey: paths.certificateKey,
    hostAccess: paths.hostAccess,
    preload,
    archiveCommand: archives && archiveCommand,
  })
}

/**
 * Write what the server reads. Owned by us, so that the server's account cannot change how people get in. Not synced:
 * it is written again before each start.
 */
export async function writeConfiguration(db: Database, settings: Settings, allowedCidrs: readonly string[], instance: Instance = db.primary): Promise<void> {
  const { account } = db.installation
  const { paths } = instance
  const own = instanceSettings(db, instance, settings, db.applied?.spec.storageGib ?? 1)
  await Promise.all([
    writeServerFiles(paths, own, allowedCidrs, db.topology !== undefined),
    db.topology && writeAtomically(passwordFile(paths.instance), passwordFileText(db.topology), { mode: 0o600, owner: account, durable: false }),
    beginArchive(db, instance),
  ])
}

/** Let a server archive under the name of its database. */
export async function beginArchive({ applied, installation, primary, ref }: Database, { paths }: Instance = primary): Promise<void> {
  if (installation.archives)
    await writeArchiveFiles(installation, ref.id, 'put', paths.instance, (applied?.generation ?? 0) > 0)
}

/** The part of it that a server cannot start without. */
export async function writeServerFiles(paths: DatabasePaths, settings: Settings, allowedCidrs: readonly string[], isReplicated = false): Promise<void> {
  await Promise.all([
    writeAtomically(paths.settings, settingsFile(settings), { mode: 0o644, durable: false }),
    writeAtomically(paths.hostAccess, hostAccessFile(allowedCidrs, isReplicated), { mode: 0o644, durable: false }),
  ])
}

/** Start the server and wait until it accepts connections. Adopts one that runs. */
export async function startServer(db: Database, settings: Settings, allowedCidrs: readonly string[], instance: Instance = db.primary): Promise<StartOutcome> {
  const { account, paths } = db.installation
  const { data, serverLog, settings: settingsPath } = instance.paths
  const host = db.topology ? '127.0.0.1' : db.installation.host
  const found = await findPostmaster(data)
  if (found && found.port !== instance.port) {
    // It listens where the gateway should: we were killed between the two.
    await stopServer(db, 'fast', instance)
  }
  else if (found) {
    const state = found.ready ? 'ready' : await waitUntilReady(data, undefined, startWithinMs)
    if (state !== 'exited')
      return { kind: state === 'ready' ? 'started' : 'starting', server: undefined }
  }
  await Promise.all([
    writeConfiguration(db, settings, allowedCidrs, instance),
    setStandby(db, instance),
    // A folder for temporary files may have been emptied by a reboot.
    socketFolderOf(db.installation, db.paths.root),
  ])
  if (!await isFree(host, instance.port)) {
    await killLeftovers(data)
    if (!await isFree(host, instance.port))
      return { kind: 'failed', reason: 'PortTaken', message: `Another program listens on port ${instance.port} of ${host}. The database starts by itself when it is free again.` }
  }
  const launchedAt = new Date()
  const server = await launch({
    binaries: await installBinaries(db.binaries, paths.root),
    account,
    dataFolder: data,
    serverLog,
    args: [`--config-file=${settingsPath}`],
  })
  const state = await waitUntilReady(data, server, startWithinMs)
  return state === 'exited'
    ? { kind: 'failed', reason: 'StartFailed', message: await whyItStopped(instance.paths, launchedAt) }
    : { kind: state === 'ready' ? 'started' : 'starting', server }
}

/** Stop the server: politely, then firmly. Resolves when nothing of it runs. */
export async function stopServer(db: Database, mode: 'fast' | 'immediate' = 'fast', { paths: { data } }: Instance = db.primary): Promise<void> {
  const server = await findPostmaster(data)
  if (server) {
    signalStop(server.pid, mode)
    if (!await isStoppedWithin(data, mode === 'fast'
      ? fastStopMs
      : immediateStopMs)) {
      signalStop(server.pid, 'immediate')
      await isStoppedWithin(data, immediateStopMs)
      await killLeftovers(data)
    }
  }
}

/** A server starts as a replica where this file is. Whoever does not hold the role has it, whatever it was before. */
async function setStandby(db: Database, { ordinal, paths }: Instance): Promise<void> {
  if (!db.topology)
    return
  const signal = join(paths.data, 'standby.signal')
  if (ordinal === db.topology.primary && db.topology.isPromoted)
    await rm(signal, { force: true })
  else
    await writeAtomically(signal, '', { mode: 0o600, owner: db.installation.account, durable: true })
}
