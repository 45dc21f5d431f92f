import type { Durability } from '@howdah/engine'
import type { Database, Instance } from '../database.ts'
import type { StartOutcome } from '../server-control.ts'
import type { Decision } from './decide.ts'
import type { LeftWal } from './left-wal.ts'
import type { Seen } from './loss.ts'
import type { Place } from './place.ts'
import type { UntoldFailover } from './topology.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from '@howdah/engine'
import { maintenanceDatabase, parseLsn } from '@howdah/postgres'
import { answers } from '../probe.ts'
import { findPostmaster, killLeftovers } from '../process.ts'
import { startServer } from '../server-control.ts'
import { bequeath } from './archive-inherited.ts'
import { decide } from './decide.ts'
import { lead } from './lead.ts'
import { bringWal, mayBeBehindSwitch, reaches, readLeftWal } from './left-wal.ts'
import { oldEndOf } from './loss.ts'
import { isInRecovery, promote } from './promote.ts'
import { tellFailover } from './tell-failover.ts'
import { followers, setTopology, withState } from './topology.ts'

/** A replica that is well answers within milliseconds. */
const candidateWithinMs = 1_000
/** A few times PostgreSQL's own interval between looks for WAL (`wal_retrieve_retry_interval`). */
const replayWithinMs = 300

/**
 * See that somebody holds the role and clients are led there: who has it on record, while it answers; otherwise a replica,
 * or the same one, started again. Each call goes on from wherever an earlier one, or an earlier process, was stopped. `seen`: how far
 * a primary was when somebody looked last.
 */
export async function holdRole(place: Place, seen: Seen | undefined): Promise<StartOutcome> {
  const { db } = place
  const found = await findPostmaster(db.paths.data)
  const isInPlace = found?.port === db.primary.port
  if (found && isInPlace && !found.ready && !(await hasStopped(db)))
    return { kind: 'starting', server: undefined }
  if (found && isInPlace && !(await hasStopped(db)))
    return await asRecorded(place)
  if (db.topology?.isPromoted === false || (found && !isInPlace))
    return await begun(place, seen)
  return await failOver(place, seen)
}

/** It runs: as the primary, or as the replica that was to be promoted. */
async function asRecorded(place: Place): Promise<StartOutcome> {
  const { db } = place
  const recovering = await db.asSuperuser(maintenanceDatabase, isInRecovery).catch((error: unknown) => {
    if (error instanceof EngineError && error.code === 'unavailable')
      return undefined
    throw error
  })
  // One of its processes crashed, and it replays its own WAL.
  if (recovering === undefined)
    return { kind: 'starting', server: undefined }
  // One that was promoted by somebody who did not live to note it is noted, too.
  if (recovering || db.topology?.isPromoted === false)
    await promote(place)
  else
    await lead(place, 'primary')
  await tellFailover(place)
  return { kind: 'started', server: undefined }
}

async function begun(place: Place, seen: Seen | undefined): Promise<StartOutcome> {
  const outcome = await startPrimary(place)
  if (outcome.kind === 'failed' && outcome.reason === 'StartFailed' && await takeBack(place, outcome.message))
    return await failOver(place, seen)
  return outcome.kind === 'started' ? await asRecorded(place) : outcome
}

/**
 * Whoever was to be promoted does not start, and has taken no write: the role goes back to who had it, and the others are looked at
 * once more. It stays among those that count, because a commit may have waited for it alone. False when there is no way back.
 */
async function takeBack({ db, event }: Place, why: string): Promise<boolean> {
  const { topology } = db
  if (!topology || topology.isPromoted || topology.before === undefined)
    return false
  const heir = db.memberName(topology.primary)
  await setTopology(db, { epoch: topology.epoch + 1, primary: topology.before, isPromoted: true, before: undefined, failover: undefined, members: withState(topology.members, topology.before, 'replica') })
  event('failover.heir-failed', 'warning', `${heir} was to become the primary and does not start: ${why} Another one is looked for.`, { member: heir })
  return true
}

/** A server that is stopped (SIGSTOP) accepts connections, and says nothing. */
async function hasStopped({ installation, primary, socketFolder }: Database, { port }: Pick<Instance, 'port'> = primary): Promise<boolean> {
  return await answers(socketFolder, port, installation.timings.answerWithin).then(() => false, () => true)
}

async function startPrimary(place: Place): Promise<StartOutcome> {
  const { db } = place
  if (!db.applied)
    throw new EngineError('unavailable', 'The database is still being made.')
  const outcome = await startServer(db, db.applied.settings, db.applied.spec.allowedCidrs)
  if (outcome.kind !== 'failed' && outcome.server)
    place.started(db.primary, outcome.server)
  return outcome
}

async function failOver(place: Place, seen: Seen | undefined): Promise<StartOutcome> {
  const { db } = place
  const began = new Date()
  const old = db.primary
  await fence(place)
  await tellFailover(place)
  // It may be the data that is damaged.
  await bequeath(db).catch((error: unknown) => db.installation.log.warn({ err: error, database: db.ref.id }, 'what a server had inherited cannot be passed on'))
  const { best, decision, durability, left } = await judge(db, old, seen)
  if (decision.kind === 'restart') {
    const outcome = await startPrimary(place)
    if (outcome.kind === 'started')
      await lead(place, 'primary')
    if (outcome.kind === 'failed' && outcome.reason === 'StartFailed' && best === undefined)
      await startFollowers(place)
    // Its data may be damaged. Somebody who serves is better than nobody, unless there is a promise that may be broken.
    if (outcome.kind !== 'failed' || outcome.reason !== 'StartFailed' || best === undefined || (durability === 'sync' && !left?.isWhole))
      return outcome
  }
  if (!best)
    throw new Error('whoever is promoted has answered')
  if (left && (left.end > best.received || mayBeBehindSwitch(best.received))) {
    const heir = db.instance(best.ordinal)
    await bringWal(old.paths.data, heir.paths.data, left, best.received, db.installation.account)
    await replayed(db, heir, left.end)
  }
  await handOver(place, best.ordinal, {
    from: old.ordinal,
    began: began.toISOString(),
    broughtBytes: left && left.end > best.received ? Number(left.end - best.received) : 0,
    end: oldEndOf({ durability, received: best.received, left, seen }),
  })
  await tellFailover(place)
  return { kind: 'started', server: undefined }
}

/** Nobody answers and the primary does not start: whoever can be started may be asked the next time, also one that was only stopped. */
async function startFollowers({ db, started }: Place): Promise<void> {
  for (const instance of db.followers) {
    const found = await findPostmaster(instance.paths.data)
    if (found?.ready && await hasStopped(db, instance))
      await killLeftovers(instance.paths.data)
    else if (found)
      continue
    if (!db.applied)
      continue
    const outcome = await startServer(db, db.applied.settings, db.applied.spec.allowedCidrs, instance)
    if (outcome.kind !== 'failed' && outcome.server)
      started(instance, outcome.server)
  }
}

/**
 * From here on nothing of the old primary writes, and nobody is led to it, whatever it was doing: also one that was only
 * stopped is killed, and its end is waited for.
 */
async function fence(place: Place): Promise<void> {
  await lead(place, 'nobody')
  const { data } = place.db.paths
  await killLeftovers(data)
  if (await findPostmaster(data))
    throw new EngineError('unavailable', 'The server that had the role cannot be ended, so nobody else may have it.')
}

interface Judged {
  readonly decision: Decision
  readonly durability: Durability
  readonly best: { readonly ordinal: number, readonly received: bigint } | undefined
  readonly left: (LeftWal & { readonly isWhole: boolean }) | undefined
}

async function judge(db: Database, old: Instance, seen: Seen | undefined): Promise<Judged> {
  const { topology } = db
  if (!topology)
    throw new Error('a database of one instance has nobody to choose from')
  const { durability } = topology
  const replicas = await Promise.all(followers(topology).map(async ({ ordinal }) => ({ ordinal, received: await receivedBy(db, db.instance(ordinal)) })))
  const best = replicas.reduce<Judged['best']>((best, { ordinal, received }) =>
    received !== undefined && (best === undefined || received > best.received) ? { ordinal, received } : best, undefined)
  const left = best && await leftBy(old, best.received, seen?.end ?? 0n).catch((error: unknown) => {
    db.installation.log.warn({ err: error, database: db.ref.id }, 'the WAL of the server that had the role cannot be read')
    return undefined
  })
  return { decision: decide({ durability, replicas, end: left?.isWhole ? left.end : undefined }), durability, best, left }
}

async function leftBy({ paths: { data } }: Instance, received: bigint, seen: bigint): Promise<Judged['left']> {
  const left = await readLeftWal(data, received)
  return left && { ...left, isWhole: await reaches(data, left, seen) }
}

async function receivedBy(db: Database, replica: Instance): Promise<bigint | undefined> {
  try {
    await answers(db.socketFolder, replica.port, candidateWithinMs)
    const [row] = await db.asSuperuserOf(replica, maintenanceDatabase, async session => await session.query<{ lsn: string | null }>(
      'select greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::text as lsn where pg_is_in_recovery()',
    ))
    return parseLsn(row?.lsn ?? '')
  }
  catch (error) {
    db.installation.log.warn({ err: error, database: db.ref.id, instance: replica.ordinal }, 'a replica does not say how far it is')
    return undefined
  }
}

/** A replica that looked for WAL just before it was brought may take what it has for all there is. The last record may be torn, so not for long. */
async function replayed(db: Database, replica: Instance, end: bigint): Promise<void> {
  const deadline = performance.now() + replayWithinMs
  await db.asSuperuserOf(replica, maintenanceDatabase, async (session) => {
    while (performance.now() < deadline) {
      const [row] = await session.query<{ lsn: string | null }>('select pg_last_wal_replay_lsn()::text as lsn')
      if ((parseLsn(row?.lsn ?? '') ?? 0n) >= end)
        return
      await delay(5)
    }
  })
}

/** Put it on record, then promote it. Who had the role is copied anew: its WAL may go on where history did not. */
async function handOver(place: Place, ordinal: number, failover: UntoldFailover): Promise<void> {
  const { db } = place
  const { topology } = db
  if (!topology)
    throw new Error('a database of one instance has nobody to hand over to')
  await setTopology(db, {
    epoch: topology.epoch + 1,
    primary: ordinal,
    isPromoted: false,
    before: topology.primary,
    failover,
    inherits: true,
    members: withState(topology.members, topology.primary, 'new'),
    switchover: topology.pendingSwitchover || topology.switchover,
    pendingSwitchover: '',
  })
  await promote(place)
}
