import type { UpgradeReport as Report, Upgrade, UpgradeOrder, UpgradeRehearse, Plan as WirePlan } from '@howdah/contract'
import type { Engine, Plan, UpgradeReport } from '@howdah/engine'
import type { DatabaseRow } from '../store/databases.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Caller } from './caller.ts'
import type { Remember } from './change.ts'
import type { Domain } from './domain.ts'
import { findDatabaseUser } from '../store/database-users.ts'
import { lockDatabase } from '../store/databases.ts'
import { holdToGit, holdToPhase } from './change-database.ts'
import { actorOf, change } from './change.ts'
import { engineOf, refOf, specOf } from './database-spec.ts'
import { getDatabase } from './databases.ts'
import { AppError, invalid, notFound } from './errors.ts'
import { nextInWindow } from './maintenance-window.ts'
import { startOperation } from './operation-start.ts'
import { dryRun } from './plan.ts'
import { settle } from './settle.ts'
import { undoMoment } from './undo-moment.ts'

const rehearsalSteps = ['copy', 'replay', 'own', 'transfer', 'verify', 'start']

export interface HowUpgrade { readonly isScheduled: boolean }

/** What a database can become, and what the last rehearsal found. */
export async function readUpgrade(domain: Domain, caller: Caller, name: string): Promise<Upgrade> {
  const row = await getDatabase(domain, caller, name)
  const engine = engineOf(domain, row.location)
  const { upgrade, versions } = await engine.capabilities()
  const report = upgrade ? await engine.upgradeReport(refOf(caller.principal.project, row)) : undefined
  const serverVersion = row.observed?.serverVersion ?? null
  return {
    version: row.version,
    serverVersion,
    available: upgrade ? versions.filter(({ major, version }) => major > row.version || (major === row.version && serverVersion !== null && version !== serverVersion)).map(({ major, version }) => ({ major, version })) : [],
    rehearsal: report ? reportOf(report) : null,
  }
}

function reportOf({ at, checks, id, isGood, ...report }: UpgradeReport): Report {
  const outcome = (good: boolean): 'passed' | 'failed' => good ? 'passed' : 'failed'
  return {
    ...report,
    rehearsal: id,
    at: at.toISOString(),
    outcome: outcome(isGood),
    extensions: [...report.extensions],
    planner: [...report.planner],
    checks: checks.map(check => ({ name: check.name, outcome: outcome(check.isGood), detail: check.detail })),
  }
}

export async function planUpgrade(domain: Domain, caller: Caller, name: string, input: UpgradeOrder, { isScheduled }: HowUpgrade): Promise<WirePlan> {
  const row = await getDatabase(domain, caller, name)
  const plan = dryRun('database.upgrade', await plannedUpgrade(domain, caller.principal.project, row, input))
  return isScheduled ? { ...plan, notBefore: nextInWindow(row.maintenance_window, new Date()).toISOString() } : plan
}

/** Begins it, or lets it wait for the window: then it is planned again of what the database is by then. */
export async function beginUpgrade(domain: Domain, caller: Caller, name: string, input: UpgradeOrder, { isScheduled }: HowUpgrade, remember?: Remember<OperationRow>): Promise<OperationRow> {
  const { project } = caller.principal
  const seen = await getDatabase(domain, caller, name)
  const { steps } = await plannedUpgrade(domain, project, seen, input)
  const until = input.undoUntil === undefined ? undefined : undoMoment(input.undoUntil)
  return change(domain, project, actorOf(caller), async (change) => {
    const row = await lockDatabase(change.tx, project.id, name)
    // It was planned for the one of then.
    if (row?.id !== seen.id)
      throw notFound()
    holdToPhase(row, 'upgrade')
    if (isScheduled && row.scheduled_operation_id)
      throw new AppError('wrong-phase', `Something else of "${name}" waits for the window already; cancel that, or let it be done first.`)
    const notBefore = nextInWindow(row.maintenance_window, new Date())
    const operation = await startOperation(change, caller, row, {
      type: 'database.upgrade',
      steps: isScheduled ? [] : steps,
      restore: { upgrade: input.version, undoUntil: until ?? (isScheduled ? null : undoMoment(undefined)) },
      ...isScheduled ? { scheduled: { notBefore } } : {},
    })
    change.audit({ action: isScheduled ? 'databases.schedule' : 'databases.upgrade', target: `database/${name}`, changes: { version: { from: row.version, to: input.version }, ...isScheduled ? { notBefore: { from: null, to: notBefore.toISOString() } } : {} } })
    await settle(change, project, row, isScheduled ? { scheduled_operation_id: operation.id } : {})
    return operation
  }, remember)
}

export async function planRehearsal(domain: Domain, caller: Caller, name: string, input: UpgradeRehearse): Promise<WirePlan> {
  await rehearsable(domain, caller, name, input)
  return dryRun('upgrade.rehearse', { steps: rehearsalSteps, interruption: 'none', reasons: ['All of it is done to a copy beside the database, which needs as much space for as long, or twice that where the upgrade copies too.'] })
}

export async function rehearseUpgrade(domain: Domain, caller: Caller, name: string, input: UpgradeRehearse, remember?: Remember<OperationRow>): Promise<OperationRow> {
  const { project } = caller.principal
  const seen = await rehearsable(domain, caller, name, input)
  return change(domain, project, actorOf(caller), async (change) => {
    const row = await lockDatabase(change.tx, project.id, name)
    if (row?.id !== seen.id)
      throw notFound()
    const operation = await startOperation(change, caller, row, { type: 'upgrade.rehearse', steps: rehearsalSteps, restore: { upgrade: input.version, undoUntil: null } })
    change.audit({ action: 'upgrades.rehearse', target: `database/${name}`, changes: { version: { from: row.version, to: input.version } } })
    await settle(change, project, row)
    return operation
  }, remember)
}

async function rehearsable(domain: Domain, caller: Caller, name: string, input: UpgradeRehearse): Promise<DatabaseRow> {
  const row = await getDatabase(domain, caller, name)
  await plannedUpgrade(domain, caller.principal.project, row, input)
  if (input.version === row.version)
    throw invalid('/version', 'A minor version is not rehearsed: its servers restart with other programs, and the data stays as it is')
  return row
}

/** Also when its window opens. */
export async function plannedUpgrade(domain: Domain, project: { id: string, name: string }, row: DatabaseRow, { version }: Pick<UpgradeOrder, 'version'>): Promise<Plan> {
  holdToGit(row)
  holdToPhase(row, 'upgrade')
  const engine = await upgradingEngine(domain, row)
  const owner = await findDatabaseUser(domain.store.db, row.id, row.owner)
  if (!owner)
    throw notFound()
  const plan = await engine.planUpgrade({ ...specOf(domain, project, row, owner), version })
  if (plan.refusals.length > 0)
    throw new AppError('invalid', `"${row.name}" cannot be upgraded to PostgreSQL ${version} as it is.`, { errors: plan.refusals })
  return plan
}

async function upgradingEngine(domain: Domain, row: DatabaseRow): Promise<Engine> {
  const engine = engineOf(domain, row.location)
  if (!(await engine.capabilities()).upgrade)
    throw new AppError('unsupported', `The location ${row.location} cannot upgrade a database. Make a new one of the version that you want, and bring the data over with pg_dump.`)
  return engine
}
