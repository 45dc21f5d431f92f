import { deleteBackup, planDeleteBackup } from '../../../domain/backups.ts'
import { route } from '../../route.ts'
import { operationHeaders, operationView } from '../../views/operation.ts'
import { untilEnded } from '../../wait.ts'

export const remove = route('backups.delete', async ({ domain, services, caller, params, query, wait }) => {
  if (query.dryRun)
    return { status: 200, body: await planDeleteBackup(domain, caller, params.name, params.backup) }
  const operation = await deleteBackup(domain, caller, params.name, params.backup)
  const seen = await untilEnded(domain, services, caller, operation.id, wait) ?? operation
  return {
    status: 202,
    body: operationView(seen),
    headers: operationHeaders(seen),
  }
})
