import type { Choice } from '@howdah/postgres'
import type { Archive } from '../archive/archive.ts'
import type { Binaries } from '../binaries.ts'
import type { Installation } from '../installation.ts'
import type { DatabasePaths } from '../paths.ts'
import type { Job } from './job.ts'
import type { Settlement } from './settle.ts'
import { chown, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '@howdah/engine'
import { endOfSegment, maintenanceDatabase, parseLsn, segmentBefore, superuserRole } from '@howdah/postgres'
import { restoreCommand, writeArchiveFiles } from '../archive-site.ts'
import { awayMark } from '../archive/sayable.ts'
import { settingsFile } from '../config/settings.ts'
import { readIfThere, writeAtomically } from '../files.ts'
import { findPostmaster, isStoppedWithin, launch, signalStop, waitUntilReady } from '../process.ts'
import { RestoreError } from './restore-error.ts'
import { isSettledBy } from './settle.ts'
import { aheadCommand, removeAhead } from './wal-ahead.ts'

/** Of a socket that only we know. */
const port = 5432
const lookMs = 300
const stopWithinMs = 10 * 60_000

export interface Replay {
  readonly installation: Installation
  readonly binaries: Binaries
  readonly paths: DatabasePaths
  readonly socketFolder: string
  /** Archive to read from; undefined where all that is needed is there. */
  readonly source: Archive | undefined
  /** Its first WAL lies ready (wal-ahead.ts). */
  readonly isAhead?: boolean
  /**
   * `later`: it is noted what is to be archived once there is something of its own, and nothing is; a server waits for its archive
   * when it stops, and whoever waits for this one does not have to. Undefined for what is not to stay.
   */
  readonly own: 'later' | undefined
  /** For the server that it is by then, before it stops. */
  readonly settle?: Settlement | undefined
}

export interface Replayed {
  readonly timeline: number
  readonly lsn: bigint
  /** False where the password was another then: nothing is done. */
  readonly isSettled: boolean
}

/** Where to end, from a base backup that is consistent at `stopLsn` of `timeline`. */
export interface Goal {
  readonly target: Choice['target']
  /** The timeline that leads there. Left to itself PostgreSQL takes the newest, which may have left before. */
  readonly along: number | 'current'
  readonly timeline: number
  readonly stopLsn: string
  /** The last segment that is known to be there, and to be needed where all is replayed. Undefined: nobody knows. */
  readonly lastSegment: number | undefined
}

/**
 * Let a server replay WAL onto a base backup up to the target, begin a timeline of its own, and stop. It listens to
 * nobody but us. PostgreSQL ends with an error where the WAL ends before the target. That is right where WAL is missing, and
 * wrong where nothing was written any more before a target that the WAL is known to cover: then all of it is replayed.
 */
export async function replay(place: Replay, goal: Goal, job: Job): Promise<Replayed> {
  const reached = await attempt(place, goal, true, job)
  const isReached = reached !== undefined
  // What lay ready is used up.
  const { isSettled } = reached ?? await attempt({ ...place, isAhead: false }, goal, false, job) ?? { isSettled: false }
  const isWhole = !isReached || goal.target.kind === 'latest'
  const { lsn, timeline } = await forkOf(place.paths.data)
  if (isWhole && goal.lastSegment !== undefined && segmentBefore(lsn) < goal.lastSegment)
    throw new RestoreError('ArchiveIncomplete', 'WAL that was in the archive before is missing now: the target cannot be reached.', 'Read the restore window again, and choose a moment inside it.')
  await checkFork(place, goal)
  return { timeline, lsn, isSettled }
}

/** Undefined when the WAL ended before the target. */
async function attempt(place: Replay, goal: Goal, toTarget: boolean, job: Job): Promise<Pick<Replayed, 'isSettled'> | undefined> {
  const { binaries, installation, paths, settle, socketFolder } = place
  await writeSettings(place, { recovery_target_timeline: String(goal.along), ...toTarget ? targetSettings(goal) : {} })
  const server = await launch({ binaries, account: installation.account, dataFolder: paths.data, serverLog: paths.serverLog, args: [`--config-file=${join(paths.instance, 'replay.conf')}`] })
  try {
    for (;;) {
      const state = await waitUntilReady(paths.data, server, lookMs)
      if (state === 'ready')
        break
      if (state === 'exited')
        return explainExit(await readFile(paths.serverLog, 'utf8'))
      const last = (await readIfThere(paths.serverLog))?.match(/restored log file "\w+"/g)?.at(-1)
      job.say(last ? `Replays ${last.slice('restored log file "'.length, -1)}.` : 'Begins to replay.')
      job.signal.throwIfAborted()
    }
    return { isSettled: settle !== undefined && await isSettledBy(settle, { identity: { port, major: binaries.major, superuserPassword: settle.password }, socketFolder }) }
  }
  finally {
    await end(paths.data)
    await removeAhead(paths.instance)
    await Promise.all(['restore.json', 'restore.sh', 'replay.conf', 'closed.conf'].map(async name => await rm(join(paths.instance, name), { force: true })))
  }
}

async function end(data: string): Promise<void> {
  const server = await findPostmaster(data)
  if (!server)
    return
  signalStop(server.pid, server.ready ? 'fast' : 'immediate')
  if (!await isStoppedWithin(data, stopWithinMs))
    throw new Error('a server that had replayed WAL did not stop')
}

function explainExit(log: string): undefined {
  if (log.includes('recovery ended before configured recovery target was reached'))
    return undefined
  const damage = /howdah: (\S+): (.*)/.exec(log)
  if (damage?.[2]?.startsWith(awayMark))
    throw new EngineError('unavailable', `While WAL was replayed ${damage[2]}. The restore begins anew.`)
  if (damage)
    throw new RestoreError('ArchiveDamaged', `The WAL file ${damage[1]} cannot be restored: ${damage[2]}.`, 'Choose a moment before it, or one after the next backup.')
  const last = log.match(/(?:FATAL|PANIC): .*/g)?.at(-1) ?? log.trimEnd().split('\n').at(-1)
  throw new RestoreError('RecoveryFailed', `PostgreSQL does not replay the WAL: ${last}`, 'Choose another moment or another backup.')
}

async function writeSettings({ installation, isAhead, own, paths, settle, socketFolder, source }: Replay, target: Readonly<Record<string, string>>): Promise<void> {
  const { account } = installation
  const closed = join(paths.instance, 'closed.conf')
  if (source)
    await writeArchiveFiles(installation, source.name, 'get', paths.instance)
  await writeFile(closed, `${settle ? `local ${maintenanceDatabase} ${superuserRole} scram-sha-256\n` : ''}local all all reject\n`, { mode: 0o644 })
  await writeAtomically(join(paths.instance, 'replay.conf'), settingsFile({
    listen_addresses: '',
    port: String(port),
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    hba_file: closed,
    hot_standby: 'off',
    autovacuum: 'off',
    max_wal_size: '1GB',
    // Whoever keeps what is made syncs all of it at the end, which costs less than file by file on the way.
    fsync: 'off',
    log_timezone: 'UTC',
    // Nothing is noted before the new timeline begins; its history is the first that goes into the new archive.
    ...own === undefined ? { archive_mode: 'off' } : { archive_mode: 'on', archive_command: '' },
    restore_command: source ? isAhead ? aheadCommand : restoreCommand : 'false',
    ...target,
  }), { mode: 0o644, durable: false })
  await writeFile(join(paths.data, 'recovery.signal'), '', { mode: 0o600 })
  if (account)
    await chown(join(paths.data, 'recovery.signal'), account.uid, account.gid)
}

function targetSettings({ target }: Goal): Record<string, string> {
  const action = { recovery_target_action: 'promote' }
  switch (target.kind) {
    // While it reads its settings PostgreSQL knows no abbreviations of time zones, not even Z.
    case 'time': return { recovery_target_time: target.at.toISOString().replace('T', ' ').replace('Z', '+00'), ...action }
    // Before the first record that begins there or later: a commit that had just ended there is in, its successor is out.
    case 'lsn': return { recovery_target_lsn: target.lsn, recovery_target_inclusive: 'off', ...action }
    case 'backup': return { recovery_target: 'immediate', ...action }
    case 'latest': return {}
  }
}

/** Where the timeline that was just begun left the one before. */
export async function forkOf(data: string): Promise<{ timeline: number, lsn: bigint }> {
  const newest = (await readdir(join(data, 'pg_wal'))).filter(name => /^[0-9A-F]{8}\.history$/.test(name)).sort().at(-1)
  const line = newest && (await readFile(join(data, 'pg_wal', newest), 'utf8')).trimEnd().split('\n').at(-1)
  const lsn = parseLsn(line?.split(/\s+/)[1] ?? '')
  if (newest === undefined || lsn === undefined)
    throw new Error('recovery ended without a timeline of its own')
  return { timeline: Number.parseInt(newest, 16), lsn }
}

/** PostgreSQL says that it is where it should be; that is looked after. */
async function checkFork({ paths }: Replay, { lastSegment, stopLsn, target, timeline: before }: Goal): Promise<void> {
  const { lsn, timeline } = await forkOf(paths.data)
  const stop = parseLsn(stopLsn) ?? 0n
  // The archive of a server that runs grows while it is read: what goes to its end may come to a later one.
  const most = target.kind === 'lsn' ? parseLsn(target.lsn) ?? 0n : target.kind === 'latest' || target.kind === 'time' || lastSegment === undefined ? undefined : endOfSegment(lastSegment)
  if (timeline <= before || lsn < stop || (most !== undefined && lsn > most))
    throw new RestoreError('RecoveryFailed', 'The replay ended at another place than it was told.', 'Tell the operator; the log of the control plane says where.')
}
