import type { Lifecycle } from '../../../domain/change-database.ts'
import type { Input, Output } from '../../route.ts'
import { planLifecycle, runLifecycle } from '../../../domain/change-database.ts'
import { remember } from '../../../domain/idempotency.ts'
import { route } from '../../route.ts'
import { operationHeaders, operationView } from '../../views/operation.ts'
import { untilEnded } from '../../wait.ts'

type LifecycleId = 'databases.restart' | 'databases.hibernate' | 'databases.resume' | 'databases.rotateCredentials'

/** The four actions differ in the column of the spec that they change, and in nothing of HTTP. */
async function run(action: Lifecycle, { domain, services, caller, params, query, idempotency, wait }: Input<LifecycleId>): Promise<Output<LifecycleId>> {
  if (query.dryRun)
    return { status: 200, body: await planLifecycle(domain, caller, params.name, action) }
  const operation = await runLifecycle(domain, caller, params.name, action, remember(domain, idempotency, value => ({
    status: 202,
    body: operationView(value),
    headers: operationHeaders(value),
  })))
  const seen = await untilEnded(domain, services, caller, operation.id, wait) ?? operation
  return {
    status: 202,
    body: operationView(seen),
    headers: operationHeaders(seen),
  }
}

export const restart = route('databases.restart', input => run('restart', input))
export const hibernate = route('databases.hibernate', input => run('hibernate', input))
export const resume = route('databases.resume', input => run('resume', input))
export const rotateCredentials = route('databases.rotateCredentials', input => run('rotate-credentials', input))
