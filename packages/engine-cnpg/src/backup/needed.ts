import type { ServerEra } from '../in-place/eras.ts'
import type { Kept } from '../in-place/record.ts'
import type { Reach } from './reach.ts'
import type { TakenBackup } from './taken.ts'
import { leadsTo } from '@howdah/postgres'

/** What a restore to any moment from `before` on needs, on the timeline that it was of, and what bringing back a past does. */
export function neededSince({ backups, eras, memory }: Pick<Reach, 'backups' | 'eras' | 'memory'>, before: Date): readonly TakenBackup[] {
  if (eras.length === 0)
    return sinceNewestBefore(backups, before)
  const kept = memory?.inPlace.kept
  // The history of the timeline that serves now may be on its way into the archive: then nothing of it is judged.
  const unjudged = eras.at(-1)?.until
  const needed = new Set(eras
    .filter(era => era.until === undefined || era.until > before || (kept && isOf(era, kept)))
    .flatMap(era => sinceNewestBefore(backups.filter(backup => leads(backup, era)), before)))
  return backups.filter(backup => needed.has(backup) || (unjudged !== undefined && backup.finishedAt >= unjudged))
}

/** From which a past that is kept would be brought back. */
export function backupOfKept({ backups, eras }: Pick<Reach, 'backups' | 'eras'>, kept: Pick<Kept, 'past'>): TakenBackup | undefined {
  const era = eras.find(era => isOf(era, kept))
  return era && backups.findLast(backup => isArchived(backup) && leads(backup, era))
}

/** Whether a replay from this backup can reach it: another server of the archive has the same numbers for other data. */
export function leads(backup: TakenBackup, { line, server }: Pick<ServerEra, 'line' | 'server'>): boolean {
  return backup.server === server && leadsTo(line, backup)
}

/** It needs nothing but the bucket. */
export function isArchived({ method }: TakenBackup): boolean {
  return method === 'archive'
}

function isOf({ timeline, until }: ServerEra, { past }: Pick<Kept, 'past'>): boolean {
  return timeline === past.timeline && until?.getTime() === past.at.getTime()
}

function sinceNewestBefore(backups: readonly TakenBackup[], before: Date): readonly TakenBackup[] {
  const since = (candidates: readonly TakenBackup[]): readonly TakenBackup[] => candidates.slice(Math.max(0, candidates.findLastIndex(({ finishedAt }) => finishedAt <= before)))
  // Snapshots go with the storage: what is in the archive has to do without them.
  const needed = new Set([...since(backups), ...since(backups.filter(isArchived))])
  return backups.filter(backup => needed.has(backup))
}
