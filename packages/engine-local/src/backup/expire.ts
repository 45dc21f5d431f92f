import type { Archive } from '../archive/archive.ts'
import type { BackupRecord } from './manifest.ts'
import { leadsTo, parseLsn, segmentAt, segmentOf } from '@howdah/postgres'
import { walPath } from '../archive/wal-files.ts'
import { erasOf } from './lines.ts'
import { backupIds, removeBackup } from './manifest.ts'
import { removeObjects } from './remove-objects.ts'
import { removeRestorePoints } from './restore-points.ts'
import { readArchived, unled } from './source.ts'
import { archivedNames } from './wal-archive.ts'

const dayMs = 86_400_000

/**
 * Keep what a restore to any moment from `before` on needs, on the timeline that it was of, and remove the rest. A clock that was moved ahead makes
 * all of it old at once: so time goes on by a day at most from the last backup but one. Where backups are rarer, more is kept.
 */
export async function expire(archive: Archive, asked: Date, now = new Date()): Promise<void> {
  const { backups, lines } = await readArchived(archive)
  // Which backups lead to such a one is not known, and may be again.
  if (unled({ backups, lines }).length > 0)
    return
  const last = Date.parse(backups.at(-2)?.finishedAt ?? now.toISOString())
  const before = new Date(asked.getTime() - Math.max(0, now.getTime() - last - dayMs))
  const needed = new Set(erasOf(lines).filter(({ until }) => until === undefined || until > before).flatMap(({ line }) => {
    const usable = backups.filter(backup => leadsTo(line, backup))
    return usable.slice(Math.max(0, usable.findLastIndex(({ finishedAt }) => new Date(finishedAt) <= before)))
  }))
  for (const backup of backups.filter(backup => !needed.has(backup)))
    await removeBackup(archive, backup.id)
  await trim(archive, backups.filter(backup => needed.has(backup)))
}

/**
 * Remove WAL from before all of these backups. After a restore in place positions are used again, so the oldest backup need not have
 * the lowest one. Without any nothing is removed: one may be under way.
 */
export async function trim(archive: Archive, backups: readonly BackupRecord[]): Promise<void> {
  const [oldest] = backups
  if (!oldest)
    return
  const first = Math.min(...backups.map(({ startLsn }) => segmentAt(parseLsn(startLsn) ?? 0n)))
  // Labels of backups and parts of segments are named after theirs; histories of timelines are always needed.
  const isPassed = (name: string): boolean => (segmentOf(name.slice(0, 24))?.number ?? first) < first
  await removeObjects(archive, [...await archivedNames(archive)].filter(isPassed).map(walPath))
  await removeRestorePoints(archive, new Date(oldest.finishedAt))
}

export async function removeArchive(archive: Archive): Promise<void> {
  // First what makes the backups ones, so that no part of one is ever taken for a whole.
  for (const id of await backupIds(archive))
    await removeBackup(archive, id)
  await removeObjects(archive, (await archive.list('')).map(({ path }) => path))
}
