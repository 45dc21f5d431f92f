import type { DbCreate, Plan as WirePlan } from '@howdah/contract'
import type { LogicalDatabaseObserved } from '@howdah/engine'
import type { DbRow } from '../store/database-users.ts'
import type { DatabaseRow } from '../store/databases.ts'
import type { Db, Tx } from '../store/db.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Caller } from './caller.ts'
import type { Remember } from './change.ts'
import type { Domain } from './domain.ts'
import { dbConstraint, findDatabaseUser, findDb, insertDb, listDbs as listRows, updateDb } from '../store/database-users.ts'
import { violatedConstraint } from '../store/db.ts'
import { holdToPhase } from './change-database.ts'
import { actorOf, change } from './change.ts'
import { refOf } from './database-spec.ts'
import { managed } from './database-users.ts'
import { getDatabase } from './databases.ts'
import { AppError, invalid, notFound } from './errors.ts'
import { refusedIdentifier } from './names.ts'
import { startOperation } from './operation-start.ts'
import { dryRun } from './plan.ts'
import { settle } from './settle.ts'

export interface SeenDb { readonly row: DbRow, readonly seen: LogicalDatabaseObserved | undefined }

export async function listDbs(domain: Domain, caller: Caller, name: string): Promise<SeenDb[]> {
  const database = await getDatabase(domain, caller, name)
  const [rows, seen] = await Promise.all([listRows(domain.store.db, database.id), seenDbs(domain, caller, database)])
  return rows.map(row => ({ row, seen: seen.get(row.name) }))
}

export async function getDb(domain: Domain, caller: Caller, name: string, db: string): Promise<SeenDb> {
  const found = (await listDbs(domain, caller, name)).find(({ row }) => row.name === db)
  if (!found)
    throw notFound()
  return found
}

/** Sizes and sessions are extra: a list must answer while the database does not. */
async function seenDbs(domain: Domain, caller: Caller, database: DatabaseRow): Promise<ReadonlyMap<string, LogicalDatabaseObserved>> {
  const engine = domain.engines.get(database.location)
  if (!engine || (database.phase !== 'ready' && database.phase !== 'degraded'))
    return new Map()
  try {
    return new Map((await engine.logicalDatabases(refOf(caller.principal.project, database))).map(db => [db.name, db]))
  }
  catch (error) {
    domain.log.debug({ err: error }, 'logical databases cannot be read now')
    return new Map()
  }
}

/** The owner that the new logical database gets, checked. */
async function ownerFor(db: Db | Tx, database: DatabaseRow, input: DbCreate): Promise<string> {
  const owner = input.owner ?? database.owner
  const row = await findDatabaseUser(db, database.id, owner)
  if (!row)
    throw invalid('/owner', 'Must be a user of this database')
  if (row.phase === 'deleting')
    throw invalid('/owner', 'This user is being dropped')
  return owner
}

function refuseName(name: string): void {
  const refused = refusedIdentifier(name)
  if (refused)
    throw invalid('/name', refused)
}

export async function planCreateDb(domain: Domain, caller: Caller, name: string, input: DbCreate): Promise<WirePlan> {
  refuseName(input.name)
  const database = await getDatabase(domain, caller, name)
  holdToPhase(database, 'manage')
  await ownerFor(domain.store.db, database, input)
  if (await findDb(domain.store.db, database.id, input.name))
    throw taken(input.name)
  return dryRun('db.create', { steps: ['db'], interruption: 'none', reasons: [] })
}

export async function createDb(domain: Domain, caller: Caller, name: string, input: DbCreate, remember?: Remember<DbRow>): Promise<DbRow> {
  const { project } = caller.principal
  refuseName(input.name)
  try {
    return await change(domain, project, actorOf(caller), async (change) => {
      const database = await managed(change, caller, name)
      const owner = await ownerFor(change.tx, database, input)
      const operation = await startOperation(change, caller, database, { type: 'db.create', target: input.name, steps: ['db'] })
      const row = await insertDb(change.tx, { database_id: database.id, name: input.name, owner, phase: 'creating', operation_id: operation.id })
      change.audit({ action: 'dbs.create', target: `database/${name}/db/${input.name}`, changes: { owner: { from: null, to: owner } } })
      await settle(change, project, database)
      return row
    }, remember)
  }
  catch (error) {
    if (violatedConstraint(error) === dbConstraint)
      throw taken(input.name)
    throw error
  }
}

export async function planDeleteDb(domain: Domain, caller: Caller, name: string, db: string): Promise<WirePlan> {
  const database = await getDatabase(domain, caller, name)
  holdToPhase(database, 'manage')
  const row = await findDb(domain.store.db, database.id, db)
  holdToDroppable(row)
  return dryRun('db.delete', { steps: ['db'], interruption: 'none', reasons: ['Its sessions end and its data is removed for good.'] })
}

export async function deleteDb(domain: Domain, caller: Caller, name: string, db: string): Promise<OperationRow> {
  const { project } = caller.principal
  return change(domain, project, actorOf(caller), async (change) => {
    const database = await managed(change, caller, name)
    const row = await findDb(change.tx, database.id, db)
    holdToDroppable(row)
    const operation = await startOperation(change, caller, database, { type: 'db.delete', target: db, steps: ['db'] })
    await updateDb(change.tx, database.id, db, { phase: 'deleting', operation_id: operation.id })
    change.audit({ action: 'dbs.delete', target: `database/${name}/db/${db}` })
    await settle(change, project, database)
    return operation
  })
}

function holdToDroppable(row: DbRow | undefined): asserts row is DbRow {
  if (!row)
    throw notFound()
  if (row.is_main)
    throw new AppError('in-use', 'This logical database was made with the database and goes with it.')
  if (row.phase !== 'ready' && row.phase !== 'failed')
    throw new AppError('wrong-phase', `The logical database is ${row.phase}; wait for its operation.`, { retryAfter: 1 })
}

function taken(name: string): AppError {
  return new AppError('name-taken', `The database has a logical database "${name}" already.`, { errors: [{ pointer: '/name', detail: 'Taken' }] })
}
