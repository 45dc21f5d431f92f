import type { Archive } from '../archive/archive.ts'
import type { BackupRecord } from './manifest.ts'
import { segmentOf } from '@howdah/postgres'
import { walPath } from '../archive/wal-files.ts'
import { backupIds, readBackups, removeBackup } from './manifest.ts'
import { removeObjects } from './remove-objects.ts'
import { removeRestorePoints } from './restore-points.ts'
import { segmentsOf } from './take-backup.ts'
import { archivedNames } from './wal-archive.ts'

/** Keep what a restore to any moment from `before` on needs, and remove the rest. */
export async function expire(archive: Archive, before: Date): Promise<void> {
  const backups = await readBackups(archive)
  const first = Math.max(0, backups.findLastIndex(({ finishedAt }) => new Date(finishedAt) <= before))
  for (const { id } of backups.slice(0, first))
    await removeBackup(archive, id)
  await trim(archive, backups.slice(first))
}

/** Remove WAL from before the oldest of these backups. Without any nothing is removed: one may be under way. */
export async function trim(archive: Archive, [oldest]: readonly BackupRecord[]): Promise<void> {
  const first = oldest && segmentOf(segmentsOf(oldest)[0] ?? '')
  if (!oldest || !first)
    return
  // Labels of backups and parts of segments are named after theirs; histories of timelines are always needed.
  const isPassed = (name: string): boolean => (segmentOf(name.slice(0, 24))?.number ?? first.number) < first.number
  await removeObjects(archive, [...await archivedNames(archive)].filter(isPassed).map(walPath))
  await removeRestorePoints(archive, new Date(oldest.finishedAt))
}

export async function removeArchive(archive: Archive): Promise<void> {
  // First what makes the backups ones, so that no part of one is ever taken for a whole.
  for (const id of await backupIds(archive))
    await removeBackup(archive, id)
  await removeObjects(archive, (await archive.list('')).map(({ path }) => path))
}
