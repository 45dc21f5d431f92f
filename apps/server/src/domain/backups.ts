import type { RestorePointCreate, RestoreWindow, Plan as WirePlan } from '@howdah/contract'
import type { Backup, BackupMethod, RestoreWindow as EngineRestoreWindow, RestorePoint } from '@howdah/engine'
import type { DatabaseRow } from '../store/databases.ts'
import type { DeletedDatabaseRow } from '../store/deleted-databases.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Caller } from './caller.ts'
import type { Change, Remember } from './change.ts'
import type { Domain } from './domain.ts'
import { randomUUID } from 'node:crypto'
import { lockDatabase } from '../store/databases.ts'
import { findDeletedDatabase, listDeletedDatabases } from '../store/deleted-databases.ts'
import { holdToPhase } from './change-database.ts'
import { actorOf, change } from './change.ts'
import { engineOf, refOf } from './database-spec.ts'
import { getDatabase } from './databases.ts'
import { AppError, notFound } from './errors.ts'
import { idOf } from './ids.ts'
import { startOperation } from './operation-start.ts'
import { dryRun } from './plan.ts'
import { settle } from './settle.ts'

const createSteps = ['checkpoint', 'copy', 'wal']
const deleteSteps = ['backup']
const drillSteps = ['canary', 'fetch', 'replay', 'check', 'remove']

export async function listBackups(domain: Domain, caller: Caller, name: string): Promise<readonly Backup[]> {
  const { engine, ref } = await archived(domain, caller, name)
  return engine.backups(ref)
}

export async function getBackup(domain: Domain, caller: Caller, name: string, id: string): Promise<Backup> {
  const found = (await listBackups(domain, caller, name)).find(backup => backup.id === id)
  if (!found)
    throw notFound()
  return found
}

export async function planCreateBackup(domain: Domain, caller: Caller, name: string, method: BackupMethod): Promise<WirePlan> {
  const place = await archived(domain, caller, name)
  await holdToArchive(place)
  await holdToMethod(place, method)
  holdToPhase(place.row, 'backup')
  return dryRun('backup.create', { steps: createSteps, interruption: 'none', reasons: [] })
}

export async function createBackup(domain: Domain, caller: Caller, name: string, method: BackupMethod, remember?: Remember<OperationRow>): Promise<OperationRow> {
  const place = await archived(domain, caller, name)
  await holdToArchive(place)
  await holdToMethod(place, method)
  return change(domain, caller.principal.project, actorOf(caller), async (change) => {
    const row = await lockDatabase(change.tx, caller.principal.project.id, name)
    if (!row)
      throw notFound()
    holdToPhase(row, 'backup')
    return startBackup(change, caller.principal.project, row, caller.principal.label, method)
  }, remember)
}

/** Begins a backup of a locked row, for whoever asks: a person, or the schedule. */
export async function startBackup(change: Change, project: { id: string }, row: DatabaseRow, requestedBy: string, method: BackupMethod = 'archive'): Promise<OperationRow> {
  const target = randomUUID()
  const operation = await startOperation(change, { principal: { label: requestedBy } }, row, { type: 'backup.create', target, steps: createSteps, ...method === 'snapshot' ? { restore: { method } } : {} })
  change.audit({ action: 'backups.create', target: `database/${row.name}/backup/${target}` })
  await settle(change, project, row)
  return operation
}

export async function planDrill(domain: Domain, caller: Caller, name: string): Promise<WirePlan> {
  await drillable(domain, caller, name)
  return dryRun('backup.drill', { steps: drillSteps, interruption: 'none', reasons: ['The newest backup is restored beside the database, which needs as much space for as long.'] })
}

export async function drillBackup(domain: Domain, caller: Caller, name: string, remember?: Remember<OperationRow>): Promise<OperationRow> {
  await drillable(domain, caller, name)
  return change(domain, caller.principal.project, actorOf(caller), async (change) => {
    const row = await lockDatabase(change.tx, caller.principal.project.id, name)
    if (!row)
      throw notFound()
    return startDrill(change, caller.principal.project, row, caller.principal.label)
  }, remember)
}

/** Begins a drill with the newest backup of a locked row, for whoever asks: a person, or the schedule. */
export async function startDrill(change: Change, project: { id: string }, row: DatabaseRow, requestedBy: string): Promise<OperationRow> {
  const target = randomUUID()
  const operation = await startOperation(change, { principal: { label: requestedBy } }, row, { type: 'backup.drill', target, steps: drillSteps })
  change.audit({ action: 'backups.drill', target: `database/${row.name}/drill/${target}` })
  await settle(change, project, row)
  return operation
}

async function drillable(domain: Domain, caller: Caller, name: string): Promise<void> {
  const { engine, ref, row } = await archived(domain, caller, name)
  if (!(await engine.capabilities()).drill)
    throw new AppError('unsupported', `The location ${row.location} cannot restore a backup to prove it.`)
  // A drill restores as after the storage was lost.
  if (!(await engine.backups(ref)).some(({ method }) => method === 'archive'))
    throw new AppError('wrong-phase', `"${name}" has no backup yet that could be restored; take one first.`)
}

async function holdToMethod({ engine, row }: Awaited<ReturnType<typeof archived>>, method: BackupMethod): Promise<void> {
  if (method === 'archive' || (row.managed_by !== 'git' && (await engine.capabilities()).snapshot))
    return
  const detail = row.managed_by === 'git'
    ? `The Cluster of "${row.name}" is kept in Git, and snapshots of its volumes are for that to ask for: what is possible here is \`archive\`.`
    : `The location ${row.location} takes no snapshots of volumes: what is possible is \`archive\`.`
  throw new AppError('invalid', detail, { errors: [{ pointer: '?method', detail }] })
}

export async function planDeleteBackup(domain: Domain, caller: Caller, name: string, id: string): Promise<WirePlan> {
  await getBackup(domain, caller, name, id)
  const { managed_by } = await getDatabase(domain, caller, name)
  return dryRun('backup.delete', { steps: deleteSteps, interruption: 'none', reasons: [
    managed_by === 'git'
      ? 'It is in no list any more. What it takes in the store stays there for as long as the retention says that is kept in Git.'
      : 'What only this backup made restorable is not any more.',
  ] })
}

export async function deleteBackup(domain: Domain, caller: Caller, name: string, id: string): Promise<OperationRow> {
  await getBackup(domain, caller, name, id)
  return change(domain, caller.principal.project, actorOf(caller), async (change) => {
    const row = await lockDatabase(change.tx, caller.principal.project.id, name)
    if (!row)
      throw notFound()
    const operation = await startOperation(change, caller, row, { type: 'backup.delete', target: id, steps: deleteSteps })
    change.audit({ action: 'backups.delete', target: `database/${name}/backup/${id}` })
    await settle(change, caller.principal.project, row)
    return operation
  })
}

export async function readRestoreWindow(domain: Domain, caller: Caller, name: string): Promise<RestoreWindow> {
  const { engine, ref } = await archived(domain, caller, name)
  return windowOf(await engine.restoreWindow(ref))
}

/** The same of a deleted one, as long as its archive is kept. */
export async function readDeletedWindow(domain: Domain, caller: Caller, id: string): Promise<RestoreWindow> {
  const { project } = caller.principal
  const deleted = await findDeletedDatabase(domain.store.db, project.id, idOf(id))
  if (!deleted)
    throw notFound()
  return windowOf(await engineOf(domain, deleted.location).restoreWindow(refOf(project, deleted)))
}

function windowOf(spans: EngineRestoreWindow): RestoreWindow {
  const [first, last] = [spans[0], spans.at(-1)]
  return {
    earliest: first?.from.toISOString() ?? null,
    latest: last?.to.toISOString() ?? null,
    earliestLsn: first?.fromLsn ?? null,
    latestLsn: last?.toLsn ?? null,
    // What follows at once is no gap: a restore in place may begin another past there.
    gaps: spans.slice(1).map((span, index) => ({ before: spans[index]!, span })).filter(({ before, span }) => before.to < span.from).map(({ before, span }) => (
      { from: before.to.toISOString(), to: span.from.toISOString(), fromLsn: before.toLsn, toLsn: span.fromLsn }
    )),
  }
}

export async function listRestorePoints(domain: Domain, caller: Caller, name: string): Promise<readonly RestorePoint[]> {
  const { engine, ref } = await archived(domain, caller, name)
  return engine.restorePoints(ref)
}

/** Done when it is answered: the point is in the WAL then. The audit entry comes after it, because it says where it is. */
export async function createRestorePoint(domain: Domain, caller: Caller, name: string, input: RestorePointCreate, remember?: Remember<RestorePoint>): Promise<RestorePoint> {
  const { engine, ref, row } = await archived(domain, caller, name)
  holdToPhase(row, 'backup')
  return change(domain, caller.principal.project, actorOf(caller), async (change) => {
    const point = await engine.createRestorePoint(ref, input.name)
    change.audit({ action: 'restorePoints.create', target: `database/${name}/restore-point/${point.name}`, changes: { lsn: { from: null, to: point.lsn } } })
    return point
  }, remember)
}

export function listDeleted(domain: Domain, caller: Caller): Promise<DeletedDatabaseRow[]> {
  return listDeletedDatabases(domain.store.db, caller.principal.project.id)
}

/** The database with the engine that keeps its archive. */
async function archived(domain: Domain, caller: Caller, name: string) {
  const row: DatabaseRow = await getDatabase(domain, caller, name)
  const engine = engineOf(domain, row.location)
  // One that Git owns brings an archive of its own, or none.
  if (row.managed_by !== 'git' && !(await engine.capabilities()).backup)
    throw new AppError('unsupported', `The location ${row.location} keeps no backups.`)
  return { row, engine, ref: refOf(caller.principal.project, row) }
}

/** What keeps one that Git owns from being backed up is changed there. */
async function holdToArchive({ engine, ref, row }: Awaited<ReturnType<typeof archived>>): Promise<void> {
  const refusal = row.managed_by === 'git' ? (await engine.observe(ref))?.delivered?.backupRefusal : undefined
  if (refusal !== undefined)
    throw new AppError('managed-by-git', refusal)
}
