import type { DatabaseUserCreate, DatabaseUserUpdate, Plan as WirePlan } from '@howdah/contract'
import type { RoleObserved } from '@howdah/engine'
import type { DatabaseUserRow } from '../store/database-users.ts'
import type { DatabaseRow } from '../store/databases.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Caller } from './caller.ts'
import type { Change, Remember } from './change.ts'
import type { Domain } from './domain.ts'
import { databaseUserConstraint, findDatabaseUser, insertDatabaseUser, listDatabaseUsers, listDbs, updateDatabaseUser } from '../store/database-users.ts'
import { lockDatabase } from '../store/databases.ts'
import { violatedConstraint } from '../store/db.ts'
import { holdToPhase } from './change-database.ts'
import { actorOf, change } from './change.ts'
import { refOf, sealPassword } from './database-spec.ts'
import { getDatabase } from './databases.ts'
import { AppError, invalid, notFound } from './errors.ts'
import { refusedIdentifier } from './names.ts'
import { startOperation } from './operation-start.ts'
import { dryRun } from './plan.ts'
import { generatePassword } from './sealed.ts'
import { settle } from './settle.ts'

/** A user with what PostgreSQL says of it now; undefined when the database cannot be asked. */
export interface SeenUser { readonly row: DatabaseUserRow, readonly seen: RoleObserved | undefined }

const noInterruption = { interruption: 'none', reasons: [] } as const

export async function listUsers(domain: Domain, caller: Caller, name: string): Promise<SeenUser[]> {
  const database = await getDatabase(domain, caller, name)
  const [rows, seen] = await Promise.all([listDatabaseUsers(domain.store.db, database.id), seenRoles(domain, caller, database)])
  return rows.map(row => ({ row, seen: seen.get(row.name) }))
}

export async function getUser(domain: Domain, caller: Caller, name: string, user: string): Promise<SeenUser> {
  const found = (await listUsers(domain, caller, name)).find(({ row }) => row.name === user)
  if (!found)
    throw notFound()
  return found
}

/** What PostgreSQL knows is extra: a list must answer while the database does not. */
async function seenRoles(domain: Domain, caller: Caller, database: DatabaseRow): Promise<ReadonlyMap<string, RoleObserved>> {
  const engine = domain.engines.get(database.location)
  if (!engine || (database.phase !== 'ready' && database.phase !== 'degraded'))
    return new Map()
  try {
    return new Map((await engine.roles(refOf(caller.principal.project, database))).map(role => [role.name, role]))
  }
  catch (error) {
    domain.log.debug({ err: error }, 'roles cannot be read now')
    return new Map()
  }
}

function refuseName(name: string): void {
  const refused = refusedIdentifier(name)
  if (refused)
    throw invalid('/name', refused)
}

export async function planCreateUser(domain: Domain, caller: Caller, name: string, input: DatabaseUserCreate): Promise<WirePlan> {
  refuseName(input.name)
  const database = await getDatabase(domain, caller, name)
  holdToPhase(database, 'manage')
  if (await findDatabaseUser(domain.store.db, database.id, input.name))
    throw taken(input.name)
  return dryRun('user.create', { steps: ['role'], ...noInterruption })
}

export async function createUser(domain: Domain, caller: Caller, name: string, input: DatabaseUserCreate, remember?: Remember<DatabaseUserRow>): Promise<DatabaseUserRow> {
  const { project } = caller.principal
  refuseName(input.name)
  try {
    return await change(domain, project, actorOf(caller), async (change) => {
      const database = await managed(change, caller, name)
      const operation = await startOperation(change, caller, database, { type: 'user.create', target: input.name, steps: ['role'] })
      const row = await insertDatabaseUser(change.tx, {
        database_id: database.id,
        name: input.name,
        access: input.access ?? 'read-write',
        connection_limit: input.connectionLimit ?? -1,
        password: sealPassword(domain, project, database.id, input.name, input.password ?? generatePassword()),
        next_password: null,
        phase: 'creating',
        operation_id: operation.id,
      })
      change.audit({ action: 'users.create', target: `database/${name}/user/${input.name}`, changes: { access: { from: null, to: row.access }, connectionLimit: { from: null, to: row.connection_limit } } })
      await settle(change, project, database)
      return row
    }, remember)
  }
  catch (error) {
    if (violatedConstraint(error) === databaseUserConstraint)
      throw taken(input.name)
    throw error
  }
}

export async function planUpdateUser(domain: Domain, caller: Caller, name: string, user: string, update: DatabaseUserUpdate): Promise<WirePlan> {
  const database = await getDatabase(domain, caller, name)
  holdToPhase(database, 'manage')
  const row = await findDatabaseUser(domain.store.db, database.id, user)
  holdToChangeable(row, update)
  return dryRun('user.update', { steps: ['role'], ...noInterruption })
}

export async function updateUser(domain: Domain, caller: Caller, name: string, user: string, update: DatabaseUserUpdate): Promise<DatabaseUserRow> {
  const { row } = await changeUser(domain, caller, name, user, update, 'users.update')
  return row
}

/** A new generated password: the old one opens no new connection once the operation has succeeded. */
export async function resetPassword(domain: Domain, caller: Caller, name: string, user: string, remember?: Remember<OperationRow>): Promise<OperationRow> {
  const { operation } = await changeUser(domain, caller, name, user, { password: generatePassword() }, 'users.reset-password', remember && { begin: remember.begin, finish: (tx, value) => remember.finish(tx, value.operation) })
  return operation
}

async function changeUser(domain: Domain, caller: Caller, name: string, user: string, update: DatabaseUserUpdate, action: string, remember?: Remember<{ row: DatabaseUserRow, operation: OperationRow }>): Promise<{ row: DatabaseUserRow, operation: OperationRow }> {
  const { project } = caller.principal
  return change(domain, project, actorOf(caller), async (change) => {
    const database = await managed(change, caller, name)
    const before = await findDatabaseUser(change.tx, database.id, user)
    holdToChangeable(before, update)
    const operation = await startOperation(change, caller, database, { type: 'user.update', target: user, steps: ['role'], undo: { access: before.access, connection_limit: before.connection_limit } })
    const row = await updateDatabaseUser(change.tx, database.id, user, {
      ...(update.access === undefined ? {} : { access: update.access }),
      ...(update.connectionLimit === undefined ? {} : { connection_limit: update.connectionLimit }),
      ...(update.password === undefined ? {} : { next_password: sealPassword(domain, project, database.id, user, update.password) }),
      phase: 'updating',
      operation_id: operation.id,
      updated_at: new Date(),
    })
    change.audit({
      action,
      target: `database/${name}/user/${user}`,
      changes: {
        ...(update.access === undefined ? {} : { access: { from: before.access, to: update.access } }),
        ...(update.connectionLimit === undefined ? {} : { connectionLimit: { from: before.connection_limit, to: update.connectionLimit } }),
        ...(update.password === undefined ? {} : { password: { from: 'old', to: 'new' } }),
      },
    })
    await settle(change, project, database)
    return { row: row!, operation }
  }, remember)
}

export async function planDeleteUser(domain: Domain, caller: Caller, name: string, user: string): Promise<WirePlan> {
  const database = await getDatabase(domain, caller, name)
  holdToPhase(database, 'manage')
  const row = await findDatabaseUser(domain.store.db, database.id, user)
  holdToDroppable(row)
  return dryRun('user.delete', { steps: ['role'], interruption: 'none', reasons: ['Its sessions end; what it owns goes to the database\'s owner.'] })
}

export async function deleteUser(domain: Domain, caller: Caller, name: string, user: string): Promise<OperationRow> {
  const { project } = caller.principal
  return change(domain, project, actorOf(caller), async (change) => {
    const database = await managed(change, caller, name)
    const row = await findDatabaseUser(change.tx, database.id, user)
    holdToDroppable(row)
    const owned = (await listDbs(change.tx, database.id)).filter(db => db.owner === user)
    if (owned.length > 0)
      throw new AppError('in-use', `It owns ${owned.map(db => db.name).join(', ')}. Drop these first, or keep the user.`)
    const operation = await startOperation(change, caller, database, { type: 'user.delete', target: user, steps: ['role'] })
    await updateDatabaseUser(change.tx, database.id, user, { phase: 'deleting', operation_id: operation.id })
    change.audit({ action: 'users.delete', target: `database/${name}/user/${user}` })
    await settle(change, project, database)
    return operation
  })
}

/** The database, locked, in a phase in which its users and logical databases can be changed. */
export async function managed(change: Change, caller: Caller, name: string): Promise<DatabaseRow> {
  const database = await lockDatabase(change.tx, caller.principal.project.id, name)
  if (!database)
    throw notFound()
  holdToPhase(database, 'manage')
  return database
}

function holdToChangeable(row: DatabaseUserRow | undefined, update: DatabaseUserUpdate): asserts row is DatabaseUserRow {
  if (!row)
    throw notFound()
  if (row.is_owner)
    throw invalid(`/${Object.keys(update)[0]}`, 'This is the database\'s owner: its password changes with POST …/rotate-credentials, and it keeps its access')
  if (row.phase !== 'ready' && row.phase !== 'failed')
    throw new AppError('wrong-phase', `The user is ${row.phase}; wait for its operation.`, { retryAfter: 1 })
}

function holdToDroppable(row: DatabaseUserRow | undefined): asserts row is DatabaseUserRow {
  if (!row)
    throw notFound()
  if (row.is_owner)
    throw new AppError('in-use', 'This is the database\'s owner; it goes with the database.')
  if (row.phase !== 'ready' && row.phase !== 'failed')
    throw new AppError('wrong-phase', `The user is ${row.phase}; wait for its operation.`, { retryAfter: 1 })
}

function taken(name: string): AppError {
  return new AppError('name-taken', `The database has a user "${name}" already.`, { errors: [{ pointer: '/name', detail: 'Taken' }] })
}
