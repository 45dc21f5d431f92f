import type { ProofCheck } from '@howdah/engine'
import type { Canary, Span } from '@howdah/postgres'
import type { Archive } from '../archive/archive.ts'
import type { Database } from '../database.ts'
import type { Installation } from '../installation.ts'
import type { Job } from './job.ts'
import type { BackupRecord } from './manifest.ts'
import { randomBytes } from 'node:crypto'
import { statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '@howdah/engine'
import { checkData, disproofOf, formatLsn, iterationsForMachines, maintenanceDatabase, nothingYet, quoteLiteral, scramVerifier, superuserRole, writeCanary } from '@howdah/postgres'
import { EnvelopeError } from '../archive/envelope.ts'
import { installBinaries } from '../binaries.ts'
import { settingsFile } from '../config/settings.ts'
import { writeAtomically } from '../files.ts'
import { databasePaths } from '../paths.ts'
import { beginPlace, discardPlace, socketFolderOf } from '../places.ts'
import { launch, waitUntilReady } from '../process.ts'
import { asSuperuser } from '../sessions.ts'
import { bringBackup, goalOf } from './bring-backup.ts'
import { IncompleteBackup, readBackups } from './manifest.ts'
import { writeProof } from './proof.ts'
import { replay } from './replay.ts'
import { RestoreError } from './restore-error.ts'
import { inSingleUserMode } from './single-user.ts'
import { choiceFor, isRunning } from './source.ts'
import { untilArchived } from './wal-archive.ts'

/** A commit is in the archive after the time-out for segments that are not full; so much longer, and archiving does not work. */
const archivedWithinMs = 5 * 60_000
const startWithinMs = 10 * 60_000
/** Every row of a large table is one statement. */
const statementMs = 12 * 3_600_000
/** Of a socket that only the drill knows. */
const port = 5432

export interface DrillPlace {
  readonly installation: Installation
  readonly archive: Archive
  /** The database, where it is still here. */
  readonly source: Database | undefined
}

/**
 * Restore the newest backup beside the original with all the WAL that is in the archive, as one would after the machine is
 * lost, look at everything in it, and remove it. What was found is written beside the backup. The drill writes into no
 * archive, listens to nobody, and has nothing of the original but its name.
 */
export async function runDrill(place: DrillPlace, id: string, job: Job): Promise<void> {
  const { archive, installation, source } = place
  job.enter('canary')
  if ((await readBackups(archive)).length === 0)
    throw new EngineError('invalid', nothingYet)
  const canary = await isRunning(source) && source ? await writeCanary(source, id) : undefined
  let dataLossMs: number | null = null
  if (canary) {
    await untilArchived(archive, [canary.segment], job, archivedWithinMs)
    dataLossMs = Math.max(0, Date.now() - canary.at.getTime())
  }
  const choice = await choiceFor(archive, undefined, { kind: 'latest' })
  if (typeof choice === 'string')
    throw new EngineError('invalid', choice)
  const { backup, span } = choice
  await holdToSpace(installation, backup)
  const proof = { drill: id, dataLossMs, reachedAt: canary?.at ?? span.to }
  try {
    const { checks, reachedLsn, recoveryTimeMs } = await tryOut(place, backup, span, canary, job)
    const bad = checks.find(({ isGood }) => !isGood)
    await writeProof(archive, backup.id, { ...proof, at: new Date(), isGood: bad === undefined, message: bad?.detail ?? '', recoveryTimeMs, reachedLsn, checks })
  }
  catch (error) {
    const message = disproof(error)
    if (message === undefined)
      throw error
    await writeProof(archive, backup.id, { ...proof, at: new Date(), isGood: false, message, recoveryTimeMs: null, reachedAt: null, reachedLsn: null, checks: [{ name: 'restore', isGood: false, detail: message }] })
  }
}

/** What says that the backup is bad, rather than that it could not be tried now. */
function disproof(error: unknown): string | undefined {
  if (error instanceof RestoreError || error instanceof EnvelopeError || error instanceof IncompleteBackup)
    return error.message
  return disproofOf(error)
}

async function tryOut(place: DrillPlace, backup: BackupRecord, span: Span<BackupRecord>, canary: Canary | undefined, job: Job): Promise<TriedOut> {
  const root = await beginPlace(place.installation)
  try {
    return await restoreAndLook(place, root, backup, span, canary, job)
  }
  finally {
    await discardPlace(place.installation, root)
  }
}

interface TriedOut {
  readonly checks: readonly ProofCheck[]
  readonly reachedLsn: string
  readonly recoveryTimeMs: number
}

async function restoreAndLook({ archive, installation }: DrillPlace, root: string, backup: BackupRecord, span: Span<BackupRecord>, canary: Canary | undefined, job: Job): Promise<TriedOut> {
  const { account } = installation
  const set = installation.binaries.find(({ major }) => major === backup.major)
  if (!set)
    throw new EngineError('unavailable', `PostgreSQL ${backup.major} is not on this machine any more; install it again.`)
  const binaries = await installBinaries(set, installation.paths.root)
  const paths = databasePaths(root)
  const socketFolder = await socketFolderOf(installation, root)
  job.enter('fetch')
  const begun = performance.now()
  await bringBackup({ installation, archive, backup, paths, report: text => job.say(text) }, job)
  job.enter('replay')
  const { lsn } = await replay({ installation, binaries, paths, socketFolder, source: archive, isAhead: true, own: undefined }, goalOf({ backup, span, target: { kind: 'latest' } }), job)
  const superuserPassword = randomBytes(32).toString('base64url')
  await inSingleUserMode(binaries, account, paths.data, [`alter role ${superuserRole} password ${quoteLiteral(await scramVerifier(superuserPassword, iterationsForMachines))}`])
  job.enter('check')
  const hostAccess = join(paths.instance, 'drill.hba.conf')
  await writeFile(hostAccess, `local all ${superuserRole} scram-sha-256\n`, { mode: 0o644 })
  await writeAtomically(join(paths.instance, 'drill.conf'), settingsFile({
    listen_addresses: '',
    port: String(port),
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    hba_file: hostAccess,
    password_encryption: 'scram-sha-256',
    autovacuum: 'off',
    // It is thrown away.
    fsync: 'off',
    restart_after_crash: 'off',
    log_timezone: 'UTC',
  }), { mode: 0o644, durable: false })
  const server = await launch({ binaries, account, dataFolder: paths.data, serverLog: paths.serverLog, args: [`--config-file=${join(paths.instance, 'drill.conf')}`] })
  if (await waitUntilReady(paths.data, server, startWithinMs) !== 'ready')
    throw new RestoreError('RecoveryFailed', 'The restored server does not start.', 'Take a new backup.')
  const identity = { port, major: backup.major, superuserPassword }
  const checks: ProofCheck[] = [{ name: 'start', isGood: true, detail: `PostgreSQL ${backup.serverVersion} started and answered.` }]
  await asSuperuser({ identity, socketFolder }, maintenanceDatabase, async session => await session.query('select'))
  const recoveryTimeMs = Math.round(performance.now() - begun)
  checks.push(...await checkData(async (database, work) => await asSuperuser({ identity, socketFolder }, database, work, { statementMs }), canary, text => job.say(text)))
  job.enter('remove')
  return { checks, reachedLsn: formatLsn(lsn), recoveryTimeMs }
}

/** A disk that a drill fills would take the databases with it. */
async function holdToSpace({ paths }: Installation, { dataBytes }: BackupRecord): Promise<void> {
  const { bavail, bsize } = await statfs(paths.databases)
  const [needed, free] = [dataBytes * 1.2 + 2 ** 30, bavail * bsize]
  if (free < needed)
    throw new EngineError('exhausted', `A drill needs ${(needed / 2 ** 30).toFixed(1)} GiB beside the database; ${(free / 2 ** 30).toFixed(1)} GiB are free.`)
}
