import type { OperationType, Restore, Plan as WirePlan } from '@howdah/contract'
import type { Plan } from '@howdah/engine'
import type { DatabaseRow } from '../store/databases.ts'
import type { OperationRow } from '../store/operations.ts'
import type { StoredOrigin, StoredRestore } from '../store/schema.ts'
import type { Caller } from './caller.ts'
import type { Remember } from './change.ts'
import type { Domain } from './domain.ts'
import { lockDatabase } from '../store/databases.ts'
import { holdToGit, holdToPhase } from './change-database.ts'
import { actorOf, change } from './change.ts'
import { engineOf, refOf, sourceOf } from './database-spec.ts'
import { getDatabase } from './databases.ts'
import { AppError, invalid, notFound } from './errors.ts'
import { startOperation } from './operation-start.ts'
import { dryRun } from './plan.ts'
import { settle } from './settle.ts'
import { undoMoment } from './undo-moment.ts'

/** What is asked for of a database that becomes other than it is, and what that takes. */
interface Wanted {
  readonly type: Extract<OperationType, 'database.restore' | 'database.undo-restore' | 'database.reset'>
  readonly restore: StoredRestore
  readonly plan: Pick<Plan, 'steps' | 'interruption' | 'reasons'>
  /** For the audit. */
  readonly changes?: Readonly<Record<string, unknown>>
}
type Want = (row: DatabaseRow) => Promise<Wanted>

export function toRestore(domain: Domain, caller: Caller, input: Restore): Want {
  return async (row) => {
    const targets = (['at', 'lsn', 'name', 'backup'] as const).filter(field => input[field] !== undefined)
    const [target, another] = targets
    if (target === undefined)
      throw invalid('', 'One of at, lsn, name and backup says what it becomes')
    if (another !== undefined)
      throw invalid(`/${another}`, `Only one of at, lsn, name and backup can be asked for; there is ${target} already`)
    const value = input[target] ?? ''
    const from: StoredOrigin = { id: row.id, database: row.name, kind: target === 'at' ? 'time' : target, value }
    const undoUntil = undoMoment(input.undoUntil)
    const plan = await planned(domain, caller, row, from, detail => invalid(`/${target}`, detail))
    return { type: 'database.restore', restore: { from, undoUntil }, plan, changes: { [target]: { from: null, to: value }, undoUntil: { from: null, to: undoUntil } } }
  }
}

export function toReset(domain: Domain, caller: Caller): Want {
  return async (row) => {
    if (!row.origin)
      throw new AppError('unsupported', `"${row.name}" did not begin as another database, so there is none that it could become.`)
    const from: StoredOrigin = { id: row.origin.id, database: row.origin.database, kind: 'latest', value: '' }
    const plan = await planned(domain, caller, row, from, detail => new AppError('unsupported', `"${from.database}" cannot be reached: ${detail}`))
    return { type: 'database.reset', restore: { from, undoUntil: undoMoment(undefined) }, plan }
  }
}

export function toUndo(domain: Domain): Want {
  return async (row) => {
    await holdToCapability(domain, row)
    const undo = row.observed?.undo
    if (!undo)
      throw new AppError('wrong-phase', `Nothing is kept of "${row.name}" that could be brought back.`)
    return {
      type: 'database.undo-restore',
      restore: { undoes: undo.id, version: undo.version ?? row.version },
      plan: {
        steps: ['replay', 'swap', ...row.instances > 1 ? ['replicas'] : [], 'credentials', 'login'],
        interruption: 'restart',
        reasons: ['Its sessions end once. What was written since is in it no more.', ...(undo.version ?? row.version) === row.version ? [] : [`It has PostgreSQL ${undo.version} again.`]],
      },
    }
  }
}

export async function planInPlace(domain: Domain, caller: Caller, name: string, want: Want): Promise<WirePlan> {
  const { plan, type } = await wanted(domain, caller, name, want)
  return dryRun(type, plan)
}

/** Begins it. Until the engine has all that it needs, the database serves on. */
export async function beginInPlace(domain: Domain, caller: Caller, name: string, want: Want, remember?: Remember<OperationRow>): Promise<OperationRow> {
  const { project } = caller.principal
  const { changes, id, plan, restore, type } = await wanted(domain, caller, name, want)
  return change(domain, project, actorOf(caller), async (change) => {
    const row = await lockDatabase(change.tx, project.id, name)
    // It was planned for the one of then.
    if (row?.id !== id)
      throw notFound()
    holdToPhase(row, 'restore')
    const operation = await startOperation(change, caller, row, { type, restore, steps: plan.steps })
    change.audit({ action: type.replace('.', 's.'), target: `database/${name}`, ...changes ? { changes } : {} })
    await settle(change, project, row)
    return operation
  }, remember)
}

async function wanted(domain: Domain, caller: Caller, name: string, want: Want): Promise<Wanted & { id: string }> {
  const row = await getDatabase(domain, caller, name)
  holdToGit(row)
  holdToPhase(row, 'restore')
  return { ...await want(row), id: row.id }
}

async function planned(domain: Domain, caller: Caller, row: DatabaseRow, from: StoredOrigin, refused: (detail: string) => AppError): Promise<Plan> {
  const engine = await holdToCapability(domain, row)
  const plan = await engine.planRestore(refOf(caller.principal.project, row), sourceOf(from))
  const [refusal] = plan.refusals
  if (refusal)
    throw refused(refusal.detail)
  return plan
}

async function holdToCapability(domain: Domain, row: DatabaseRow) {
  const engine = engineOf(domain, row.location)
  if (!(await engine.capabilities()).restoreInPlace)
    throw new AppError('unsupported', `The location ${row.location} cannot restore a database in place. Make a new one: POST /api/databases with { "from": { "database": "${row.name}" } }.`)
  return engine
}
