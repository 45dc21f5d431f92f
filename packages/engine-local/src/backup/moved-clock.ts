import type { BackupRecord } from './manifest.ts'
import { parseLsn } from '@howdah/postgres'

/** Clocks of machines that are kept right differ by less. */
const toleratedMs = 5 * 60_000

type Timed = Pick<BackupRecord, 'id' | 'startedAt' | 'finishedAt' | 'stopLsn' | 'timeline'>

/**
 * What the times of backups say of the clock that they were taken by, in the order of their positions, which no clock has moved. Where there is something
 * to say, a moment may be there twice: a replay to it ends at the first commit that is later. Pure.
 */
export function movedClock<T extends Timed>(backups: readonly T[], now: Date): ReadonlyMap<T, string> {
  const inOrder = [...backups].sort((a, b) => a.timeline - b.timeline || (position(a) < position(b) ? -1 : 1))
  return new Map(inOrder.flatMap((backup, index) => {
    const what = complaintOf(backup, inOrder[index - 1], now)
    return what === undefined ? [] : [[backup, what]]
  }))
}

function complaintOf({ finishedAt, id, startedAt, timeline }: Timed, before: Timed | undefined, now: Date): string | undefined {
  const [began, ended] = [startedAt, finishedAt].map(text => Date.parse(text)) as [number, number]
  if (ended > now.getTime() + toleratedMs)
    return `The backup ${id} says that it ended at ${finishedAt}, which is still to come: a clock was moved.`
  if (ended < began)
    return `The backup ${id} says that it ended at ${finishedAt}, before it began at ${startedAt}: the clock of its server was set back meanwhile.`
  return before?.timeline === timeline && ended < Date.parse(before.finishedAt)
    ? `The backup ${id} says that it ended at ${finishedAt}, before the one that went ahead of it, at ${before.finishedAt}: the clock of its server was set back between them.`
    : undefined
}

export function position({ stopLsn }: Pick<Timed, 'stopLsn'>): bigint {
  return parseLsn(stopLsn) ?? 0n
}
