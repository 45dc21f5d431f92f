import type { EnginePhase, ServiceEvent } from '@howdah/engine'
import type { ArchiveHealth } from './archive-health.ts'
import type { ArchiveRoom } from './archive-room.ts'

/** What follows from a look at a server that answers; undefined where all stays as it is. */
export interface Verdict {
  readonly phase?: readonly [phase: EnginePhase, reason?: string, message?: string]
  readonly event?: readonly [type: string, severity: ServiceEvent['severity'], message: string, details?: Readonly<Record<string, unknown>>]
}

interface Standing {
  readonly phase: EnginePhase
  readonly reason: string
}

/** Of a phase that ends when the replicas follow. */
const replicaReasons: ReadonlySet<string> = new Set(['ReplicaMissing', 'WritesWait'])

/** It serves on without a replica, but the next failure finds nobody; and with `sync` and none at all, writes wait. */
export function judgeReplicas(now: Standing, { areWhole, durability, hasReplica, news }: {
  readonly areWhole: boolean
  readonly durability: 'async' | 'sync' | undefined
  readonly hasReplica: boolean
  /** What is missing, in words. */
  readonly news: string
}): Verdict | undefined {
  if (areWhole)
    return replicaReasons.has(now.reason) ? { phase: ['ready'] } : undefined
  if (now.phase !== 'ready' && !replicaReasons.has(now.reason))
    return undefined
  return durability === 'sync' && !hasReplica
    ? { phase: ['degraded', 'WritesWait', `Writes wait for a replica, and there is none. ${news}`] }
    : { phase: ['degraded', 'ReplicaMissing', news] }
}

/** It serves on while its archive is away, but what it keeps for it fills the disk, and a lost disk loses more. */
export function judgeArchive(now: Standing, { complaint, stuckAt, waiting }: ArchiveHealth): Verdict | undefined {
  if (stuckAt !== undefined && now.phase === 'ready') {
    const message = `The archive does not take the WAL file ${stuckAt}${complaint === undefined ? '' : `: ${complaint}`}. It is kept, and tried again.`
    return { phase: ['degraded', 'ArchiveStuck', message], event: ['archive.stuck', 'error', message, { waiting }] }
  }
  return stuckAt === undefined && now.reason === 'ArchiveStuck'
    ? { phase: ['ready'], event: ['archive.resumed', 'info', 'The archive takes WAL again.', { waiting }] }
    : undefined
}

/** Said once for each time: whoever reads it has to do something before the server stops. */
export function judgeArchiveRoom(wasLow: boolean, room: ArchiveRoom | undefined): Verdict | undefined {
  return room?.isLow && !wasLow
    ? { event: ['archive.disk-filling', 'error', `The archive takes no WAL: ${gib(room.waitingBytes)} wait on the disk, which has ${gib(room.freeBytes)} left. When it is full the server stops. Mend the archive, or make room.`, { ...room }] }
    : undefined
}

/** It serves on when it uses more than it asked for. */
export function judgeStorage(now: Standing, usedBytes: number, limitGib = Number.POSITIVE_INFINITY): Verdict | undefined {
  const isOver = usedBytes > limitGib * 2 ** 30
  if (isOver && now.phase === 'ready') {
    const message = `The database uses ${gib(usedBytes)}, more than it asked for. Delete data or give it more storage.`
    return { phase: ['degraded', 'StorageFull', message], event: ['storage.full', 'warning', message] }
  }
  return !isOver && now.reason === 'StorageFull' ? { phase: ['ready'] } : undefined
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`
}
