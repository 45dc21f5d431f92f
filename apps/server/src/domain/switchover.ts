import type { Plan as WirePlan } from '@howdah/contract'
import type { Plan } from '@howdah/engine'
import type { DatabaseRow } from '../store/databases.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Caller } from './caller.ts'
import type { Remember } from './change.ts'
import type { Domain } from './domain.ts'
import { lockDatabase } from '../store/databases.ts'
import { holdToGit, holdToPhase } from './change-database.ts'
import { actorOf, change } from './change.ts'
import { engineOf, refOf } from './database-spec.ts'
import { getDatabase } from './databases.ts'
import { AppError, notFound } from './errors.ts'
import { startOperation } from './operation-start.ts'
import { dryRun } from './plan.ts'
import { settle } from './settle.ts'

export async function planSwitchover(domain: Domain, caller: Caller, name: string, to: string | undefined): Promise<WirePlan> {
  return dryRun('database.switchover', await planned(domain, caller, await getDatabase(domain, caller, name), to))
}

/** Makes another instance the primary. The spec stays: it does not say which one is. */
export async function switchOver(domain: Domain, caller: Caller, name: string, to: string | undefined, remember?: Remember<OperationRow>): Promise<OperationRow> {
  const { project } = caller.principal
  const { steps } = await planned(domain, caller, await getDatabase(domain, caller, name), to)
  return change(domain, project, actorOf(caller), async (change) => {
    const row = await lockDatabase(change.tx, project.id, name)
    if (!row)
      throw notFound()
    holdToGit(row)
    holdToPhase(row, 'switchover')
    const operation = await startOperation(change, caller, row, { type: 'database.switchover', target: to ?? '', steps })
    change.audit({ action: 'databases.switchover', target: `database/${name}`, ...to === undefined ? {} : { changes: { to: { from: null, to } } } })
    await settle(change, project, row)
    return operation
  }, remember)
}

async function planned(domain: Domain, caller: Caller, row: DatabaseRow, to: string | undefined): Promise<Plan> {
  holdToGit(row)
  holdToPhase(row, 'switchover')
  const engine = engineOf(domain, row.location)
  if (!(await engine.capabilities()).switchover)
    throw new AppError('unsupported', `The location ${row.location} chooses the primary by itself.`)
  const plan = await engine.planSwitchover(refOf(caller.principal.project, row), to)
  const [refusal] = plan.refusals
  if (refusal)
    throw new AppError('invalid', refusal.detail, { errors: [{ pointer: '?to', detail: refusal.detail }] })
  return plan
}
