import { drillBackup, planDrill } from '../../../domain/backups.ts'
import { remember } from '../../../domain/idempotency.ts'
import { route } from '../../route.ts'
import { operationHeaders, operationView } from '../../views/operation.ts'
import { untilEnded } from '../../wait.ts'

export const drill = route('backups.drill', async ({ domain, services, caller, params, query, idempotency, wait }) => {
  if (query.dryRun)
    return { status: 200, body: await planDrill(domain, caller, params.name) }
  const operation = await drillBackup(domain, caller, params.name, remember(domain, idempotency, value => ({
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
