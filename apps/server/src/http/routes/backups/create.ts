import { createBackup, planCreateBackup } from '../../../domain/backups.ts'
import { remember } from '../../../domain/idempotency.ts'
import { route } from '../../route.ts'
import { operationHeaders, operationView } from '../../views/operation.ts'
import { untilEnded } from '../../wait.ts'

export const create = route('backups.create', async ({ domain, services, caller, params, query, idempotency, wait }) => {
  const { dryRun, method = 'archive' } = query
  if (dryRun)
    return { status: 200, body: await planCreateBackup(domain, caller, params.name, method) }
  const operation = await createBackup(domain, caller, params.name, method, remember(domain, idempotency, value => ({
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
