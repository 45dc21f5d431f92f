import { remember } from '../../../domain/idempotency.ts'
import { planSwitchover, switchOver } from '../../../domain/switchover.ts'
import { route } from '../../route.ts'
import { operationHeaders, operationView } from '../../views/operation.ts'
import { untilEnded } from '../../wait.ts'

export const switchover = route('databases.switchover', async ({ domain, services, caller, params, query, idempotency, wait }) => {
  if (query.dryRun)
    return { status: 200, body: await planSwitchover(domain, caller, params.name, query.to) }
  const operation = await switchOver(domain, caller, params.name, query.to, remember(domain, idempotency, value => ({
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
})
