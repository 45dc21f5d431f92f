import type { Backup, RestorePoint, RestoreSource, RestoreTarget, RestoreWindow } from './backups.ts'

/** What a fake database leaves outside itself; it stays when the database goes. */
export interface FakeArchive {
  readonly backups: Backup[]
  readonly points: RestorePoint[]
  /** Grows with everything that is done: the fake's WAL. */
  position: number
  /** When its database was destroyed; undefined while it runs. */
  end: Date | undefined
}

export function newFakeArchive(): FakeArchive {
  return { backups: [], points: [], position: 0x1000000, end: undefined }
}

export function fakeLsn(position: number): string {
  return `0/${position.toString(16).toUpperCase()}`
}

export function takeFakeBackup(archive: FakeArchive, id: string, now: Date): void {
  const startLsn = fakeLsn(archive.position)
  archive.position += 0x100
  archive.backups.push({ id, startedAt: now, finishedAt: now, startLsn, stopLsn: fakeLsn(archive.position), timeline: 1, serverVersion: '18.4', dataBytes: 40_000_000, storedBytes: 4_000_000 })
}

export function fakeWindow({ backups, end, position }: FakeArchive, now: Date): RestoreWindow {
  const [oldest] = backups
  return oldest ? [{ from: oldest.finishedAt, to: end ?? now, fromLsn: oldest.stopLsn, toLsn: fakeLsn(position) }] : []
}

/** Why nothing can begin as this; undefined when it can. */
export function refuseFakeSource({ target }: RestoreSource, archive: FakeArchive | undefined, now: Date): string | undefined {
  const [span] = archive ? fakeWindow(archive, now) : []
  if (!archive || !span)
    return 'It has no backup yet that could be restored; take one first.'
  return isIn(archive, span, target) ? undefined : `That cannot be restored. The nearest that can: ${span.from.toISOString()} and ${span.to.toISOString()}.`
}

function isIn({ backups, points }: FakeArchive, span: RestoreWindow[number], target: RestoreTarget): boolean {
  switch (target.kind) {
    case 'time': return span.from <= target.at && target.at <= span.to
    case 'lsn': return numberOf(span.fromLsn) <= numberOf(target.lsn) && numberOf(target.lsn) <= numberOf(span.toLsn)
    case 'name': return points.some(({ name }) => name === target.name)
    case 'backup': return backups.some(({ id }) => id === target.backup)
    case 'latest': return true
  }
}

function numberOf(lsn: string): number {
  return Number.parseInt(lsn.split('/')[1] ?? '', 16)
}
