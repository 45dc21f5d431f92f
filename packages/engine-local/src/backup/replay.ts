import type { Choice, OpenSession, Settings } from '@howdah/postgres'
import type { Archive } from '../archive/archive.ts'
import type { Binaries } from '../binaries.ts'
import type { Installation } from '../installation.ts'
import type { Launched } from '../launcher.ts'
import type { DatabasePaths } from '../paths.ts'
import type { Job } from './job.ts'
import type { Manner, Stay } from './manner.ts'
import type { Settlement } from './settle.ts'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '@howdah/engine'
import { endOfSegment, parseLsn, segmentBefore } from '@howdah/postgres'
import { awayMark } from '../archive/sayable.ts'
import { findPostmaster, isStoppedWithin, launch, signalStop, waitUntilReady } from '../process.ts'
import { passing, staying, targetSettings } from './manner.ts'
import { RestoreError } from './restore-error.ts'
import { settled } from './settle.ts'
import { removeAhead } from './wal-ahead.ts'

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
  /** The server stays as the database's, where it comes up with this and can be settled. */
  readonly stays?: Stay | undefined
}

export interface Replayed {
  readonly timeline: number
  readonly lsn: bigint
  /** False where the password was another then: nothing is done. */
  readonly isSettled: boolean
  /** Undefined: it has stopped. */
  readonly server: Stayed | undefined
}

/** A server that has replayed, is settled, and runs on; nobody is let in yet. */
export interface Stayed {
  readonly process: Launched
  /** Of the superuser. */
  readonly session: OpenSession
}

type Ended = Pick<Replayed, 'isSettled' | 'server'>

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
 * Let a server replay WAL onto a base backup up to the target, begin a timeline of its own, and stop, unless it stays. It listens to
 * nobody but us. PostgreSQL ends with an error where the WAL ends before the target. That is right where WAL is missing, and
 * wrong where nothing was written any more before a target that the WAL is known to cover: then all of it is replayed.
 */
export async function replay(place: Replay, goal: Goal, job: Job): Promise<Replayed> {
  const reached = await attempt(place, goal, true, job)
  const isReached = reached !== undefined
  // What lay ready is used up.
  const ended = reached ?? await attempt({ ...place, isAhead: false }, goal, false, job) ?? { isSettled: false, server: undefined }
  try {
    const isWhole = !isReached || goal.target.kind === 'latest'
    const { lsn, timeline } = await forkOf(place.paths.data)
    if (isWhole && goal.lastSegment !== undefined && segmentBefore(lsn) < goal.lastSegment)
      throw new RestoreError('ArchiveIncomplete', 'WAL that was in the archive before is missing now: the target cannot be reached.', 'Read the restore window again, and choose a moment inside it.')
    await checkFork(place, goal)
    return { timeline, lsn, ...ended }
  }
  catch (error) {
    ended.server?.session.close()
    throw error
  }
}

/** Undefined when the WAL ended before the target. */
async function attempt(place: Replay, goal: Goal, toTarget: boolean, job: Job): Promise<Ended | undefined> {
  const target = targetSettings(goal, toTarget)
  if (place.stays) {
    const outcome = await run(place, staying(place, place.stays), target, job)
    if (typeof outcome === 'object')
      return outcome
    if (isTooEarly(outcome))
      return undefined
    // The settings may be to blame, or the port: the server that is started then says what is wrong. Damage is told by the next attempt.
    return await attempt({ ...place, isAhead: false, stays: undefined }, goal, toTarget, job)
  }
  const outcome = await run(place, passing(place), target, job)
  return typeof outcome === 'object' ? outcome : explainExit(outcome)
}

/** All that it has said, where it ended by itself. */
async function run(place: Replay, manner: Manner, target: Settings, job: Job): Promise<Ended | string> {
  const { binaries, installation, paths, settle, stays, socketFolder } = place
  const args = await manner.begin(target)
  const process = await launch({ binaries, account: installation.account, dataFolder: paths.data, serverLog: paths.serverLog, args })
  let server: Stayed | undefined
  try {
    for (let state = await waitUntilReady(paths.data, process, lookMs); state !== 'ready'; state = await waitUntilReady(paths.data, process, lookMs)) {
      const said = await manner.said()
      if (state === 'exited')
        return said
      const last = [...said.matchAll(/restored log file \\?"(\w+)/g)].at(-1)?.[1]
      job.say(last === undefined ? 'Begins to replay.' : `Replays ${last}.`)
      job.signal.throwIfAborted()
    }
    const session = settle && await settled(settle, { identity: { port: manner.port, major: binaries.major, superuserPassword: settle.password }, socketFolder })
    if (session && stays)
      server = { process, session }
    else
      session?.close()
    return { isSettled: session !== undefined, server }
  }
  finally {
    if (!server) {
      await manner.beforeEnd()
      await end(paths.data)
    }
    await Promise.all([removeAhead(paths.instance), manner.clear(server !== undefined), ...['restore.json', 'restore.sh'].map(async name => await rm(join(paths.instance, name), { force: true }))])
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

function isTooEarly(log: string): boolean {
  return log.includes('recovery ended before configured recovery target was reached')
}

function explainExit(log: string): undefined {
  if (isTooEarly(log))
    return undefined
  const damage = /howdah: (\S+): (.*)/.exec(log)
  if (damage?.[2]?.startsWith(awayMark))
    throw new EngineError('unavailable', `While WAL was replayed ${damage[2]}. The restore begins anew.`)
  if (damage)
    throw new RestoreError('ArchiveDamaged', `The WAL file ${damage[1]} cannot be restored: ${damage[2]}.`, 'Choose a moment before it, or one after the next backup.')
  const last = log.match(/(?:FATAL|PANIC): .*/g)?.at(-1) ?? log.trimEnd().split('\n').at(-1)
  throw new RestoreError('RecoveryFailed', `PostgreSQL does not replay the WAL: ${last}`, 'Choose another moment or another backup.')
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
