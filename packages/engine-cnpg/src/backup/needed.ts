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
    .filter(({ timeline, until }) => until === undefined || until > before || timeline === kept?.past.timeline)
    .flatMap(({ line }) => sinceNewestBefore(backups.filter(backup => leadsTo(line, backup)), before)))
  return backups.filter(backup => needed.has(backup) || (unjudged !== undefined && backup.finishedAt >= unjudged))
}

/** From which a past that is kept would be brought back. */
export function backupOfKept({ backups, eras }: Pick<Reach, 'backups' | 'eras'>, { past }: Pick<Kept, 'past'>): TakenBackup | undefined {
  const line = eras.find(({ timeline }) => timeline === past.timeline)?.line
  return line && backups.findLast(backup => leadsTo(line, backup))
}

function sinceNewestBefore(backups: readonly TakenBackup[], before: Date): readonly TakenBackup[] {
  return backups.slice(Math.max(0, backups.findLastIndex(({ finishedAt }) => finishedAt <= before)))
}
