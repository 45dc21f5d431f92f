import type { DatabaseCreate, Plan as WirePlan } from '@howdah/contract'
import type { Capabilities } from '@howdah/engine'
import type { DatabaseUserRow } from '../store/database-users.ts'
import type { DatabaseRow } from '../store/databases.ts'
import type { Quota, StoredBackupPolicy } from '../store/schema.ts'
import type { Caller } from './caller.ts'
import type { Change, Remember } from './change.ts'
import type { Domain } from './domain.ts'
import type { FieldError } from './errors.ts'
import { randomUUID } from 'node:crypto'
import { refuseCidr } from '@howdah/engine'
import { insertDatabaseUser, insertDb } from '../store/database-users.ts'
import { databaseNameConstraint, insertDatabase, usageOf } from '../store/databases.ts'
import { violatedConstraint } from '../store/db.ts'
import { changedPolicy, defaultPolicy, firstBackupAt, nextDrillAt } from './backup-policy.ts'
import { actorOf, change } from './change.ts'
import { engineOf, sealPassword, specOf } from './database-spec.ts'
import { AppError, invalid } from './errors.ts'
import { changedWindow, defaultWindow } from './maintenance-window.ts'
import { mainIdentifier, refusedName } from './names.ts'
import { startOperation } from './operation-start.ts'
import { dryRun, planned } from './plan.ts'
import { asLike, holdToSource, sourceFor } from './restore-source.ts'
import { generatePassword } from './sealed.ts'

/** Private networks: what reaches a database that nobody opened to the world. */
export const defaultAllowedCidrs: readonly string[] = ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '::1/128', 'fc00::/7']

/** Its data has to be copied, and its WAL to be replayed. */
const restoreWithinSeconds = 24 * 3600

/** Accepts a database: from here on it exists, and a worker makes it real. */
export async function createDatabase(domain: Domain, caller: Caller, input: DatabaseCreate, remember?: Remember<DatabaseRow>): Promise<DatabaseRow> {
  const { project } = caller.principal
  const { row, owner, plan } = await prepared(domain, caller, input)
  const operation = randomUUID()
  try {
    return await change(domain, project, actorOf(caller), async (change) => {
      await holdToQuota(change, project.id, row)
      const inserted = await insertDatabase(change.tx, { ...row, operation_id: operation, last_drill: null, origin: row.origin && JSON.stringify(row.origin), backup: row.backup && JSON.stringify(row.backup), maintenance_window: JSON.stringify(row.maintenance_window), observed: null, failure: null, labels: JSON.stringify(row.labels), parameters: JSON.stringify(row.parameters) })
      await insertDatabaseUser(change.tx, owner)
      await insertDb(change.tx, { database_id: row.id, name: row.main_db, owner: row.owner, is_main: true, phase: 'creating', operation_id: null })
      await startOperation(change, caller, inserted, { type: 'database.create', steps: plan.steps, ...row.origin ? { deadlineSeconds: restoreWithinSeconds } : {} }, operation)
      change.audit({ action: 'databases.create', target: `database/${row.name}`, changes: createdFields(inserted) })
      change.announce({ kind: 'database', name: row.name })
      return inserted
    }, remember)
  }
  catch (error) {
    if (violatedConstraint(error) === databaseNameConstraint)
      throw new AppError('name-taken', `The project has a database "${input.name}" already. Choose another name, or read it with GET /api/databases/${input.name}.`, { errors: [{ pointer: '/name', detail: 'Taken' }], cause: undefined })
    throw error
  }
}

/** What a create would do; refuses what the create itself would refuse, as far as that can be known before. */
export async function planCreate(domain: Domain, caller: Caller, input: DatabaseCreate): Promise<WirePlan> {
  const { row, plan } = await prepared(domain, caller, input)
  const taken = await domain.store.db.selectFrom('databases').select('id').where('project_id', '=', row.project_id).where('name', '=', row.name).executeTakeFirst()
  if (taken)
    throw new AppError('name-taken', `The project has a database "${input.name}" already.`, { errors: [{ pointer: '/name', detail: 'Taken' }] })
  await domain.store.db.transaction().execute(tx => holdToQuota({ tx }, row.project_id, row))
  return dryRun('database.create', plan)
}

async function prepared(domain: Domain, caller: Caller, asked: DatabaseCreate) {
  const { project } = caller.principal
  const refused = refusedName(asked.name)
  if (refused)
    throw invalid('/name', refused)
  const source = asked.from && await sourceFor(domain, caller, asked.from)
  const input = source ? { ...asLike(source.row), ...asked } : asked
  const location = input.location ?? [...domain.engines.keys()][0]!
  if (!domain.engines.has(location))
    throw invalid('/location', `Must be one of ${[...domain.engines.keys()].join(', ')}`)
  const engine = engineOf(domain, location)
  const capabilities = await engine.capabilities()
  const problems = [...capabilityProblems(capabilities, input), ...networkProblems(capabilities, asked)]
  if (problems.length > 0)
    throw new AppError('invalid', `The location ${location} cannot do this as asked.`, { errors: problems })
  if (source)
    holdToSource(source.row, input, capabilities)

  const id = randomUUID()
  const main = source?.row.main_db ?? mainIdentifier(input.name)
  const ownerName = source?.row.owner ?? main
  const policy = backupPolicy(id, source?.row.backup ?? null, input, capabilities, location)
  const now = new Date()
  const row: DatabaseRow = {
    id,
    project_id: project.id,
    name: input.name,
    location,
    managed_by: 'howdah',
    labels: input.labels ?? {},
    parameters: input.parameters ?? {},
    is_hibernated: false,
    restart_token: '',
    generation: 1,
    observed: null,
    failure: null,
    reason: '',
    message: '',
    since: now,
    version: input.version ?? capabilities.defaultVersion,
    instances: input.instances ?? 1,
    storage_gib: input.storageGib ?? capabilities.storage.defaultGib,
    cpu: input.cpu ?? capabilities.cpu.default,
    memory_mib: input.memoryMib ?? capabilities.memory.defaultMib,
    durability: input.durability ?? 'async',
    extensions: [...input.extensions ?? []],
    allowed_cidrs: [...input.allowedCidrs ?? defaultAllowedCidrs],
    deletion_protection: input.deletionProtection ?? false,
    backup: policy,
    expires_at: futureMoment(input.expiresAt),
    next_backup_at: capabilities.backup ? firstBackupAt(now) : null,
    next_drill_at: policy && nextDrillAt(policy, now),
    last_drill: null,
    maintenance_window: changedWindow(source?.row.maintenance_window ?? defaultWindow(id), input.maintenanceWindow ?? {}),
    scheduled_operation_id: null,
    main_db: main,
    owner: ownerName,
    origin: source?.origin ?? null,
    phase: 'provisioning',
    operation_id: null,
    created_at: now,
    updated_at: now,
  }
  const owner: DatabaseUserRow = {
    database_id: id,
    name: ownerName,
    access: 'owner',
    password: sealPassword(domain, project, id, ownerName, generatePassword()),
    next_password: null,
    is_owner: true,
    connection_limit: -1,
    phase: 'creating',
    message: '',
    operation_id: null,
    created_at: now,
    updated_at: now,
  }
  return { row, owner, plan: await planned(engine, specOf(domain, project, row, owner)) }
}

/** Refuses a moment that is over, which would make a database to delete it at once. */
export function futureMoment(text: string | null | undefined): Date | null {
  if (text === undefined || text === null)
    return null
  const at = new Date(text)
  if (at <= new Date())
    throw invalid('/expiresAt', 'Must be in the future')
  return at
}

function backupPolicy(id: string, likeness: StoredBackupPolicy | null, { backup }: DatabaseCreate, capabilities: Capabilities, location: string): StoredBackupPolicy | null {
  if (capabilities.backup)
    return changedPolicy(likeness ?? defaultPolicy(id), backup ?? {})
  if (backup)
    throw new AppError('unsupported', `The location ${location} keeps no backups.`)
  return null
}

/** Fields that a location's capabilities rule out. Ranges of parameters and the like are the engine's own to check. */
/** What a copy has from its original was not asked for. */
export function networkProblems({ allowedCidrs }: Capabilities, asked: Pick<DatabaseCreate, 'allowedCidrs'>): FieldError[] {
  return !allowedCidrs && asked.allowedCidrs ? [{ pointer: '/allowedCidrs', detail: 'Here a server does not see from which network a client comes' }] : []
}

export function capabilityProblems(capabilities: Capabilities, input: Partial<DatabaseCreate>): FieldError[] {
  const problems: FieldError[] = []
  const range = (pointer: string, value: number | undefined, min: number, max: number) => {
    if (value !== undefined && (value < min || value > max))
      problems.push({ pointer, detail: `Must be from ${min} to ${max} here` })
  }
  range('/instances', input.instances, 1, capabilities.maxInstances)
  range('/storageGib', input.storageGib, capabilities.storage.minGib, capabilities.storage.maxGib)
  range('/cpu', input.cpu, capabilities.cpu.min, capabilities.cpu.max)
  range('/memoryMib', input.memoryMib, capabilities.memory.minMib, capabilities.memory.maxMib)
  const majors = capabilities.versions.map(version => version.major)
  if (input.version !== undefined && !majors.includes(input.version))
    problems.push({ pointer: '/version', detail: `Must be one of ${majors.join(', ')} here` })
  if (input.durability !== undefined && !capabilities.durability.includes(input.durability))
    problems.push({ pointer: '/durability', detail: `Must be ${capabilities.durability.join(' or ')} here` })
  for (const [index, cidr] of (input.allowedCidrs ?? []).entries()) {
    const refused = refuseCidr(cidr)
    if (refused)
      problems.push({ pointer: `/allowedCidrs/${index}`, detail: refused })
  }
  return problems
}

/** Refuses what would exceed the project's quota. Creates of a project with a quota queue, so that two cannot both fit. */
export async function holdToQuota(change: Pick<Change, 'tx'>, projectId: string, wanted: { instances: number, storage_gib: number, cpu: number, memory_mib: number }, present?: { instances: number, storage_gib: number, cpu: number, memory_mib: number }): Promise<void> {
  // Held, as the rows that name it will hold it anyway: it may be being deleted.
  const project = await change.tx.selectFrom('projects').select('quota').where('id', '=', projectId).forKeyShare().executeTakeFirst()
  if (!project)
    throw new AppError('unauthenticated', 'The project of this credential was deleted. Sign in to another one.')
  const { quota } = project
  if (Object.values(quota).every(limit => limit === null || limit === undefined))
    return
  await change.tx.selectFrom('projects').select('id').where('id', '=', projectId).forNoKeyUpdate().execute()
  const usage = await usageOf(change.tx, projectId)
  const total = (size: typeof wanted, key: 'storage_gib' | 'cpu' | 'memory_mib') => size[key] * size.instances
  const after: Record<keyof Quota, number> = {
    databases: usage.databases + (present ? 0 : 1),
    storageGib: usage.storageGib + total(wanted, 'storage_gib') - (present ? total(present, 'storage_gib') : 0),
    cpu: usage.cpu + total(wanted, 'cpu') - (present ? total(present, 'cpu') : 0),
    memoryMib: usage.memoryMib + total(wanted, 'memory_mib') - (present ? total(present, 'memory_mib') : 0),
  }
  const over = (Object.keys(after) as (keyof Quota)[]).filter(key => quota[key] !== null && quota[key] !== undefined && after[key] > quota[key] && after[key] > usage[key])
  if (over.length > 0) {
    throw new AppError('quota-exceeded', 'An operator can raise the project\'s quota, or delete what is no longer needed.', {
      errors: over.map(key => ({ pointer: key === 'databases' ? '' : `/${key}`, detail: `The project would use ${after[key]} of ${String(quota[key])} ${key}` })),
    })
  }
}

function createdFields(row: DatabaseRow): Record<string, unknown> {
  const { version, instances, location, cpu, durability, labels, parameters, extensions } = row
  const fields = { version, instances, location, storageGib: row.storage_gib, cpu, memoryMib: row.memory_mib, durability, labels, parameters, extensions, allowedCidrs: row.allowed_cidrs, deletionProtection: row.deletion_protection, ...row.backup ? { backup: row.backup } : {}, maintenanceWindow: row.maintenance_window, ...row.origin ? { from: row.origin } : {}, ...row.expires_at ? { expiresAt: row.expires_at.toISOString() } : {} }
  return Object.fromEntries(Object.entries(fields).map(([field, to]) => [field, { from: null, to }]))
}
