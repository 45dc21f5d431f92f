import type { DatabaseAction, DatabaseUpdate, Phase, Plan as WirePlan } from '@howdah/contract'
import type { DatabaseRef, Engine, Plan } from '@howdah/engine'
import type { DatabaseChange, DatabaseRow } from '../store/databases.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Caller } from './caller.ts'
import type { Remember } from './change.ts'
import type { Domain } from './domain.ts'
import type { OperationStart } from './operation-start.ts'
import { randomUUID } from 'node:crypto'
import { allowedActions, isAllowed } from '@howdah/contract'
import { findDatabaseUser, updateDatabaseUser } from '../store/database-users.ts'
import { columnsOf, lockDatabase } from '../store/databases.ts'
import { changedPolicy, nextBackupAt, nextDrillAt } from './backup-policy.ts'
import { actorOf, change } from './change.ts'
import { capabilityProblems, futureMoment, holdToQuota, networkProblems } from './create-database.ts'
import { engineOf, refOf, sealPassword, specOf } from './database-spec.ts'
import { getDatabase } from './databases.ts'
import { AppError, invalid, notFound } from './errors.ts'
import { changedWindow } from './maintenance-window.ts'
import { postpone } from './operation-postpone.ts'
import { startOperation } from './operation-start.ts'
import { dryRun, planned } from './plan.ts'
import { generatePassword } from './sealed.ts'
import { settle } from './settle.ts'

/** Refuses an action that the present phase does not allow. */
export function holdToPhase(row: Pick<DatabaseRow, 'phase' | 'name'>, action: DatabaseAction): void {
  const phase = row.phase as Phase
  if (!isAllowed(phase, action))
    throw new AppError('wrong-phase', `"${row.name}" is ${phase}. It now allows ${allowedActions[phase].join(', ') || 'nothing'}; wait, or read its operation.`, { retryAfter: 1 })
}

export function holdToGit(row: DatabaseRow): void {
  if (row.managed_by === 'git')
    throw new AppError('managed-by-git', `"${row.name}" is delivered by Git. Change it there; here it is watched, restarted and backed up, and users and logical databases are made.`)
}

export function holdToGeneration(row: DatabaseRow, ifMatch: number | undefined): void {
  if (ifMatch !== undefined && ifMatch !== row.generation)
    throw new AppError('stale', `The database is at generation ${row.generation}, the change is based on ${ifMatch}. Read it again and decide.`)
}

interface Merged { readonly columns: DatabaseChange, readonly row: DatabaseRow, readonly changes: Record<string, unknown> }

/** The row as the update wants it, and what differs. */
function merge(row: DatabaseRow, update: DatabaseUpdate): Merged {
  const parameters = { ...row.parameters }
  for (const [name, value] of Object.entries(update.parameters ?? {})) {
    if (value === null)
      delete parameters[name]
    else
      parameters[name] = value
  }
  const next: DatabaseRow = {
    ...row,
    labels: update.labels ?? row.labels,
    instances: update.instances ?? row.instances,
    storage_gib: update.storageGib ?? row.storage_gib,
    cpu: update.cpu ?? row.cpu,
    memory_mib: update.memoryMib ?? row.memory_mib,
    durability: update.durability ?? row.durability,
    parameters,
    extensions: update.extensions ? [...new Set(update.extensions)] : row.extensions,
    allowed_cidrs: update.allowedCidrs ?? row.allowed_cidrs,
    deletion_protection: update.deletionProtection ?? row.deletion_protection,
    expires_at: update.expiresAt === undefined ? row.expires_at : futureMoment(update.expiresAt),
    backup: update.backup && row.backup ? changedPolicy(row.backup, update.backup) : row.backup,
    maintenance_window: update.maintenanceWindow ? changedWindow(row.maintenance_window, update.maintenanceWindow) : row.maintenance_window,
  }
  const fields = [['labels', 'labels'], ['instances', 'instances'], ['storageGib', 'storage_gib'], ['cpu', 'cpu'], ['memoryMib', 'memory_mib'], ['durability', 'durability'], ['parameters', 'parameters'], ['extensions', 'extensions'], ['allowedCidrs', 'allowed_cidrs'], ['deletionProtection', 'deletion_protection'], ['backup', 'backup'], ['maintenanceWindow', 'maintenance_window'], ['expiresAt', 'expires_at']] as const
  const differing = fields.filter(([, column]) => JSON.stringify(sorted(row[column])) !== JSON.stringify(sorted(next[column])))
  return {
    row: { ...next, generation: row.generation + (differing.length > 0 ? 1 : 0) },
    columns: {
      ...columnsOf(Object.fromEntries(differing.map(([, column]) => [column, next[column]]))),
      ...differing.some(([, column]) => column === 'backup') && next.backup ? { next_backup_at: nextBackupAt(next.backup, new Date()), next_drill_at: nextDrillAt(next.backup, new Date()) } : {},
    },
    changes: Object.fromEntries(differing.map(([field, column]) => [field, { from: row[column], to: next[column] }])),
  }
}

function sorted(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1) : value
}

export async function plannedUpdate(domain: Domain, caller: { readonly principal: Pick<Caller['principal'], 'project'> }, row: DatabaseRow, update: DatabaseUpdate): Promise<Merged & { plan: Plan }> {
  holdToGit(row)
  holdToPhase(row, 'update')
  const merged = merge(row, update)
  if (merged.row.storage_gib < row.storage_gib)
    throw invalid('/storageGib', `Storage never shrinks: it has ${row.storage_gib} GiB. Make a smaller database and move the data.`)
  if (update.backup && !row.backup)
    throw new AppError('unsupported', `The location ${row.location} keeps no backups.`)
  const engine = engineOf(domain, row.location)
  const capabilities = await engine.capabilities()
  const problems = [...capabilityProblems(capabilities, update as Parameters<typeof capabilityProblems>[1]), ...networkProblems(capabilities, update)]
  if (problems.length > 0)
    throw new AppError('invalid', `The location ${row.location} cannot do this as asked.`, { errors: problems })
  const owner = await findDatabaseUser(domain.store.db, row.id, row.owner)
  if (!owner)
    throw notFound()
  return { ...merged, plan: await planned(engine, specOf(domain, caller.principal.project, merged.row, owner)) }
}

export async function planUpdate(domain: Domain, caller: Caller, name: string, update: DatabaseUpdate, ifMatch?: number): Promise<WirePlan> {
  const row = await getDatabase(domain, caller, name)
  holdToGeneration(row, ifMatch)
  const { plan, columns } = await plannedUpdate(domain, caller, row, update)
  return dryRun(Object.keys(columns).length > 0 && plan.steps.length > 0 ? 'database.update' : null, plan)
}

/** Changes the spec. Answers the row as it is then; without a difference nothing happens. */
export async function updateDatabase(domain: Domain, caller: Caller, name: string, update: DatabaseUpdate, ifMatch?: number): Promise<DatabaseRow> {
  const { project } = caller.principal
  // The plan is made before the row is locked, because an engine may take its time; a change in between makes a new one.
  for (let attempt = 0; ; attempt++) {
    const seen = await getDatabase(domain, caller, name)
    holdToGeneration(seen, ifMatch)
    const { plan, columns, changes, row: wanted } = await plannedUpdate(domain, caller, seen, update)
    if (Object.keys(columns).length === 0)
      return seen
    const done = await change(domain, project, actorOf(caller), async (change) => {
      const row = await lockDatabase(change.tx, project.id, name)
      if (!row || row.id !== seen.id)
        throw notFound()
      if (row.generation !== seen.generation)
        return undefined
      holdToPhase(row, 'update')
      await holdToQuota(change, project.id, wanted, row)
      if (plan.steps.length > 0)
        await startOperation(change, caller, row, { type: 'database.update', steps: plan.steps, undo: before(row, columns) })
      if (row.scheduled_operation_id && columns.maintenance_window)
        await postpone(change, wanted, row.scheduled_operation_id, new Date())
      change.audit({ action: 'databases.update', target: `database/${name}`, changes })
      return settle(change, project, row, { ...columns, generation: row.generation + 1, updated_at: new Date() })
    })
    if (done)
      return done
    if (attempt === 4)
      throw new AppError('stale', 'The database is being changed by others all the time; try again.')
  }
}

export function before(row: DatabaseRow, columns: DatabaseChange): Record<string, unknown> {
  return Object.fromEntries(Object.keys(columns).map(column => [column, row[column as keyof DatabaseRow]]))
}

/** restart, hibernate, resume, rotate-credentials: each one column of the spec, and an operation that brings it about. */
export type Lifecycle = 'restart' | 'hibernate' | 'resume' | 'rotate-credentials'

function lifecycleColumns(action: Lifecycle, operationId: string): Partial<Pick<DatabaseRow, 'restart_token' | 'is_hibernated'>> {
  switch (action) {
    case 'restart': return { restart_token: operationId }
    case 'hibernate': return { is_hibernated: true }
    case 'resume': return { is_hibernated: false }
    case 'rotate-credentials': return {}
  }
}

async function plannedLifecycle(domain: Domain, caller: Caller, row: DatabaseRow, action: Lifecycle, operationId: string): Promise<Plan> {
  if (action !== 'restart')
    holdToGit(row)
  holdToPhase(row, action)
  const engine = engineOf(domain, row.location)
  if (row.managed_by === 'git')
    return plannedRestart(engine, refOf(caller.principal.project, row))
  if (action === 'hibernate' && !(await engine.capabilities()).hibernate)
    throw new AppError('unsupported', `The location ${row.location} cannot hibernate databases.`)
  const owner = await findDatabaseUser(domain.store.db, row.id, row.owner)
  if (!owner)
    throw notFound()
  const spec = specOf(domain, caller.principal.project, { ...row, ...lifecycleColumns(action, operationId), generation: row.generation + 1 }, owner)
  return planned(engine, action === 'rotate-credentials' ? { ...spec, owner: { ...spec.owner, password: generatePassword() } } : spec)
}

/** Of one that Git owns. What is in the way of it stands there. */
async function plannedRestart(engine: Engine, ref: DatabaseRef): Promise<Plan> {
  const plan = await engine.planRestart(ref)
  const [refusal] = plan.refusals
  if (refusal)
    throw new AppError('managed-by-git', refusal.detail)
  return plan
}

export async function planLifecycle(domain: Domain, caller: Caller, name: string, action: Lifecycle): Promise<WirePlan> {
  const plan = await plannedLifecycle(domain, caller, await getDatabase(domain, caller, name), action, randomUUID())
  return dryRun(`database.${action}`, plan)
}

export async function runLifecycle(domain: Domain, caller: Caller, name: string, action: Lifecycle, remember?: Remember<OperationRow>): Promise<OperationRow> {
  const { project } = caller.principal
  const operationId = randomUUID()
  const plan = await plannedLifecycle(domain, caller, await getDatabase(domain, caller, name), action, operationId)
  return change(domain, project, actorOf(caller), async (change) => {
    const row = await lockDatabase(change.tx, project.id, name)
    if (!row)
      throw notFound()
    holdToPhase(row, action)
    // A restart is no change of what Git asks for.
    const isSpec = row.managed_by !== 'git'
    const columns = isSpec ? lifecycleColumns(action, operationId) : {}
    const start: OperationStart = { type: `database.${action}`, steps: plan.steps, undo: before(row, columns) }
    if (action === 'rotate-credentials')
      await updateDatabaseUser(change.tx, row.id, row.owner, { next_password: sealPassword(domain, project, row.id, row.owner, generatePassword()), updated_at: new Date() })
    const operation = await startOperation(change, caller, row, start, operationId)
    change.audit({ action: `databases.${action}`, target: `database/${name}` })
    await settle(change, project, row, isSpec ? { ...columns, generation: row.generation + 1, updated_at: new Date() } : {})
    return operation
  }, remember)
}
