import type { Backup, RestorePoint, RestoreSource, RestoreTarget, RestoreWindow } from './backups.ts'
import type { FakeContent, FakeDatabase } from './fake-world.ts'
import type { Progress } from './plan.ts'
import { EngineError } from './errors.ts'

const nothingYet = 'It has no backup yet that could be restored; take one first.'
/** A restore point of this name makes every drill find damage. */
export const damagedArchive = 'damaged-archive'

/** What a fake database leaves outside itself; it stays when the database goes. */
export interface FakeArchive {
  readonly backups: Backup[]
  readonly points: RestorePoint[]
  /** By backup: what was in the database then. The fake remembers no other moment. */
  readonly contents: Map<string, FakeContent>
  /** Grows with everything that is done: the fake's WAL. */
  position: number
  /** When its database was destroyed; undefined while it runs. */
  end: Date | undefined
}

export function newFakeArchive(): FakeArchive {
  return { backups: [], points: [], contents: new Map(), position: 0x1000000, end: undefined }
}

function fakeLsn(position: number): string {
  return `0/${position.toString(16).toUpperCase()}`
}

export function takeFakeBackup(archive: FakeArchive, id: string, content: FakeContent & Pick<FakeDatabase, 'spec'>, now: Date): void {
  archive.contents.set(id, { roles: new Map(content.roles), logicalDatabases: new Map(content.logicalDatabases) })
  const startLsn = fakeLsn(archive.position)
  archive.position += 0x100
  archive.backups.push({ id, method: 'archive', startedAt: now, finishedAt: now, startLsn, stopLsn: fakeLsn(archive.position), timeline: 1, serverVersion: `${content.spec?.version ?? 18}.4`, dataBytes: 40_000_000, storedBytes: 4_000_000 })
}

/** A fake archive is damaged when it has a restore point that is called so. */
export function drillFakeBackup({ backups, points, position }: FakeArchive, id: string, now: Date): Progress {
  const newest = backups.at(-1)
  if (!newest)
    throw new EngineError('invalid', nothingYet)
  const isGood = !points.some(({ name }) => name === damagedArchive)
  const message = isGood ? '' : 'block 1 of the backup is damaged: it is not what was written'
  backups[backups.length - 1] = {
    ...newest,
    proof: {
      drill: id,
      at: now,
      isGood,
      message,
      recoveryTimeMs: isGood ? 1200 : null,
      dataLossMs: 400,
      reachedAt: isGood ? now : null,
      reachedLsn: isGood ? fakeLsn(position) : null,
      checks: [isGood ? { name: 'start', isGood, detail: 'PostgreSQL 18.4 started and answered.' } : { name: 'restore', isGood, detail: message }],
    },
  }
  return isGood ? { outcome: 'done' } : { outcome: 'failed', step: 'fetch', reason: 'DrillFailed', message, nextStep: 'Take a new backup, and drill again.' }
}

export function fakeWindow({ backups, end, position }: FakeArchive, now: Date): RestoreWindow {
  const [oldest] = backups
  return oldest ? [{ from: oldest.finishedAt, to: end ?? now, fromLsn: oldest.stopLsn, toLsn: fakeLsn(position) }] : []
}

/** Why nothing can begin as this; undefined when it can. */
export function refuseFakeSource({ target }: RestoreSource, archive: FakeArchive | undefined, now: Date): string | undefined {
  const [span] = archive ? fakeWindow(archive, now) : []
  if (!archive || !span)
    return nothingYet
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

export function deleteFakeBackup({ backups }: FakeArchive, id: string): void {
  const index = backups.findIndex(backup => backup.id === id)
  if (index >= 0)
    backups.splice(index, 1)
}

export function makeFakePoint(archive: FakeArchive, name: string, at: Date): RestorePoint {
  if (archive.points.some(point => point.name === name))
    throw new EngineError('conflict', `There is a restore point "${name}" already.`, { pointer: '/name' })
  archive.position += 0x100
  const point = { name, at, lsn: fakeLsn(archive.position) }
  archive.points.push(point)
  return point
}
