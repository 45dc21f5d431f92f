import type { Capabilities } from './capabilities.ts'
import type { FakeDatabase } from './fake-world.ts'
import type { Plan, Progress } from './plan.ts'
import type { DatabaseSpec } from './spec.ts'
import type { UpgradeOrder, UpgradeReport } from './upgrades.ts'
import { fakeRefusalsOf } from './fake-refusals.ts'
import { becomeFake, keepFake, setFakeVersion } from './fake-restore.ts'

export function planFakeUpgrade(db: FakeDatabase, spec: DatabaseSpec, capabilities: Capabilities): Plan {
  const now = db.spec?.version ?? 0
  const refusals = spec.version > now
    ? fakeRefusalsOf(spec, undefined, capabilities)
    : [{ pointer: '/version', detail: spec.version === now ? `It runs the newest PostgreSQL ${now} here.` : `It is on PostgreSQL ${now}, and none goes back to an older major version.` }]
  return refusals.length > 0
    ? { steps: [], interruption: 'none', reasons: [], refusals }
    : { steps: ['prepare', 'stop', 'transfer', 'verify', 'swap', 'credentials', 'login'], interruption: 'restart', reasons: ['Nobody can connect while its data is brought over.'], refusals }
}

export function rehearseFakeUpgrade(db: FakeDatabase, { id, version }: Pick<UpgradeOrder, 'id' | 'version'>, { versions }: Capabilities, at: Date): Progress {
  if (db.report?.id === id)
    return { outcome: 'done' }
  const full = (major: number | undefined): string => versions.find(version => version.major === major)?.version ?? String(major)
  const report: UpgradeReport = {
    id,
    at,
    from: full(db.spec?.version),
    to: full(version),
    isGood: true,
    message: '',
    interruptionMs: 1200,
    databases: db.logicalDatabases.size,
    tables: 2,
    rows: 1000,
    extensions: (db.spec?.extensions ?? []).map(name => ({ name, from: '1.0', to: '1.1' })),
    planner: [],
    checks: [{ name: 'rows', isGood: true, detail: '1,000 rows in 2 tables are there as often as before.' }],
  }
  db.report = report
  return { outcome: 'continue', step: 'transfer' }
}

export function upgradeFake(db: FakeDatabase, { id, undoUntil, version }: UpgradeOrder): Progress {
  if (db.kept?.id === id)
    return { outcome: 'done' }
  keepFake(db, id, undoUntil)
  becomeFake(db, db)
  setFakeVersion(db, version)
  return { outcome: 'continue', step: 'swap' }
}
