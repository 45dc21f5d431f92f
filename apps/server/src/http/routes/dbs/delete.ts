import { deleteDb, planDeleteDb } from '../../../domain/dbs.ts'
import { route } from '../../route.ts'
import { operationHeaders, operationView } from '../../views/operation.ts'
import { untilEnded } from '../../wait.ts'

export const remove = route('dbs.delete', async ({ domain, services, caller, params, query, wait }) => {
  if (query.dryRun)
    return { status: 200, body: await planDeleteDb(domain, caller, params.name, params.db) }
  const operation = await deleteDb(domain, caller, params.name, params.db)
  const seen = await untilEnded(domain, services, caller, operation.id, wait) ?? operation
  return {
    status: 202,
    body: operationView(seen),
    headers: operationHeaders(seen),
  }
})
