import type { RestoreOrder, RestoreSource } from './backups.ts'
import type { Capabilities } from './capabilities.ts'
import type { FakeContent, FakeDatabase, FakeWorld } from './fake-world.ts'
import type { Plan, Progress, Refusal } from './plan.ts'
import { refuseFakeSource } from './fake-backups.ts'

const steps = ['secure', 'fetch', 'replay', 'own', 'swap', 'credentials', 'login']

export function planFakeRestore(world: FakeWorld, from: RestoreSource, { branch }: Pick<Capabilities, 'branch'>, now: Date): Plan {
  const isRunning = branch !== 'none' && from.target.kind === 'latest' && world.databases.get(from.id)?.phase === 'ready'
  const refusal = isRunning ? undefined : refuseFakeSource(from, world.archives.get(from.id), now)
  return refusal === undefined
    ? { steps, interruption: 'restart', reasons: ['Connections end once.'], refusals: [] }
    : { steps: [], interruption: 'none', reasons: [], refusals: [{ pointer: '/from', detail: refusal }] }
}

/** As at the moment that is asked for; a fake database knows its version at its backups and now. */
export function refuseOtherVersion(world: FakeWorld, { id, target }: RestoreSource, version: number): Refusal[] {
  const backups = world.archives.get(id)?.backups ?? []
  const backup = target.kind === 'backup' ? backups.find(backup => backup.id === target.backup) : backups.at(-1)
  const now = target.kind === 'backup' ? undefined : world.databases.get(id)?.spec?.version
  const then = now ?? (backup && Number.parseInt(backup.serverVersion))
  return then === undefined || then === version ? [] : [{ pointer: '/version', detail: `It had PostgreSQL ${then} then: that state begins a new database of version ${then}.` }]
}

/** A fake database knows what it was at its backups; any other moment is as the source is now. */
export function restoreFake(world: FakeWorld, db: FakeDatabase, { from, id, undoUntil }: RestoreOrder): Progress {
  if (db.kept?.id === id)
    return { outcome: 'done' }
  const then = from.target.kind === 'backup' ? world.archives.get(from.id)?.contents.get(from.target.backup) : world.databases.get(from.id)
  keepFake(db, id, undoUntil)
  becomeFake(db, then ?? db)
  return { outcome: 'continue', step: 'swap' }
}

export function undoFakeRestore(db: FakeDatabase, id: string): Progress {
  if (db.kept?.id !== id)
    return { outcome: 'done' }
  becomeFake(db, db.kept)
  setFakeVersion(db, db.kept.version)
  db.kept = undefined
  return { outcome: 'continue', step: 'swap' }
}

/** Keep what it is now. */
export function keepFake(db: FakeDatabase, id: string, until: Date): void {
  db.kept = { id, until, version: db.spec?.version ?? 0, roles: db.roles, logicalDatabases: db.logicalDatabases }
}

export function setFakeVersion(db: FakeDatabase, version: number): void {
  if (db.spec)
    db.spec = { ...db.spec, version }
}

/** Nobody's password is what it was. */
export function becomeFake(db: FakeDatabase, { logicalDatabases, roles }: FakeContent): void {
  db.roles = new Map(roles)
  db.logicalDatabases = new Map(logicalDatabases)
  db.isLoginProven = false
  db.restarts++
  if (db.spec)
    db.spec = { ...db.spec, instances: 1, durability: 'async', owner: { ...db.spec.owner, password: '' } }
  db.primary = 1
}
