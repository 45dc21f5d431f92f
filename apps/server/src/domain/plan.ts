import type { Plan as WirePlan } from '@howdah/contract'
import type { DatabaseSpec, Engine, Plan } from '@howdah/engine'
import { AppError } from './errors.ts'

/** What the engine would do; refusals become the answer `invalid` with their pointers. */
export async function planned(engine: Engine, spec: DatabaseSpec): Promise<Plan> {
  const plan = await engine.plan(spec)
  if (plan.refusals.length > 0)
    throw new AppError('invalid', 'The location cannot do this as asked.', { errors: plan.refusals })
  return plan
}

/** The answer to `?dryRun=true`. */
export function dryRun(operation: string | null, plan: Pick<Plan, 'steps' | 'interruption' | 'reasons'>): WirePlan {
  return { dryRun: true, operation, steps: [...plan.steps], interruption: plan.interruption, reasons: [...plan.reasons] }
}
