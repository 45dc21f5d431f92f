import type { Plan as WirePlan } from '@howdah/contract'
import type { DatabaseRow } from '../store/databases.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Caller } from './caller.ts'
import type { Change } from './change.ts'
import type { Domain } from './domain.ts'
import { lockDatabase } from '../store/databases.ts'
import { findOperation, openOperations, updateOperation } from '../store/operations.ts'
import { holdToGeneration, holdToGit } from './change-database.ts'
import { actorOf, change, system } from './change.ts'
import { engineOf } from './database-spec.ts'
import { getDatabase } from './databases.ts'
import { AppError, notFound } from './errors.ts'
import { cancelPending } from './operation-cancel.ts'
import { startOperation } from './operation-start.ts'
import { dryRun } from './plan.ts'
import { settle } from './settle.ts'

/** Target of a delete that keeps the volumes. */
export const allButVolumes = 'all but volumes'

interface DeleteOptions { readonly keepVolumes?: boolean }

export async function planDelete(domain: Domain, caller: Caller, name: string, { keepVolumes }: DeleteOptions, ifMatch?: number): Promise<WirePlan> {
  const row = await getDatabase(domain, caller, name)
  holdToGit(row)
  holdToGeneration(row, ifMatch)
  holdToProtection(row)
  if (keepVolumes)
    await holdToKeeping(domain, row)
  const reason = keepVolumes
    ? `The servers stop. The volumes stay in ${row.location} and count there; the name is free again when they were removed.`
    : 'The servers stop and the data is removed for good.'
  return dryRun('database.delete', { steps: ['destroy'], interruption: 'restart', reasons: [reason] })
}

/** Begins to remove a database, with its data unless its volumes are kept; of one that is being removed, answers the operation that does it. */
export async function deleteDatabase(domain: Domain, caller: Caller, name: string, options: DeleteOptions, ifMatch?: number): Promise<OperationRow> {
  if (options.keepVolumes)
    await holdToKeeping(domain, await getDatabase(domain, caller, name))
  return change(domain, caller.principal.project, actorOf(caller), async change => await beginDelete(change, caller, name, options, ifMatch))
}

/** The same for the platform itself: of a database that has gone since, or is protected by now, nothing. */
export async function deleteExpired(domain: Domain, project: { id: string, name: string }, name: string): Promise<void> {
  await change(domain, project, system, async (change) => {
    const row = await lockDatabase(change.tx, project.id, name)
    if (row?.expires_at && row.expires_at <= new Date() && !row.deletion_protection)
      await beginDelete(change, { principal: { label: system.label, project } }, name, {})
  })
}

async function beginDelete(change: Change, caller: { readonly principal: Pick<Caller['principal'], 'label' | 'project'> }, name: string, { keepVolumes = false }: DeleteOptions, ifMatch?: number): Promise<OperationRow> {
  const { project } = caller.principal
  const row = await lockDatabase(change.tx, project.id, name)
  if (!row)
    throw notFound()
  holdToGit(row)
  const open = await openOperations(change.tx, row.id)
  const deletion = open.find(operation => operation.type === 'database.delete')
  if (deletion) {
    if (keepVolumes && deletion.target !== allButVolumes)
      throw new AppError('wrong-phase', `"${name}" is being deleted with its volumes already. What its backups have can be restored.`)
    return deletion
  }
  holdToGeneration(row, ifMatch)
  holdToProtection(row)
  // What was still to be done to it is no longer wanted.
  const scheduled = row.scheduled_operation_id ? await findOperation(change.tx, project.id, row.scheduled_operation_id) : undefined
  for (const operation of scheduled ? [...open, scheduled] : open) {
    if (operation.phase !== 'running')
      await cancelPending(change, operation, 'The database is being deleted.')
    else
      await updateOperation(change.tx, operation.id, { cancel_requested: true })
  }
  const operation = await startOperation(change, caller, row, { type: 'database.delete', steps: ['destroy'], ...keepVolumes && { target: allButVolumes } })
  change.audit({ action: 'databases.delete', target: `database/${name}`, ...keepVolumes && { changes: { keepVolumes: { from: false, to: true } } } })
  await settle(change, project, row, { scheduled_operation_id: null, updated_at: new Date() })
  return operation
}

function holdToProtection(row: DatabaseRow): void {
  if (row.deletion_protection)
    throw new AppError('deletion-protected', `"${row.name}" is protected. Switch it off first: PATCH with { "deletionProtection": false }.`)
}

async function holdToKeeping(domain: Domain, { location }: DatabaseRow): Promise<void> {
  if (!(await engineOf(domain, location).capabilities()).keepVolumes)
    throw new AppError('unsupported', `The location ${location} cannot keep volumes. Take a backup: it outlives its database.`)
}
