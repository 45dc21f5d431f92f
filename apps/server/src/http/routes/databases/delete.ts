import { deleteDatabase, planDelete } from '../../../domain/delete-database.ts'
import { route } from '../../route.ts'
import { operationHeaders, operationView } from '../../views/operation.ts'
import { untilEnded } from '../../wait.ts'

export const remove = route('databases.delete', async ({ domain, services, caller, params, query, ifMatch, wait }) => {
  if (query.dryRun)
    return { status: 200, body: await planDelete(domain, caller, params.name, query, ifMatch) }
  const operation = await deleteDatabase(domain, caller, params.name, query, ifMatch)
  const seen = await untilEnded(domain, services, caller, operation.id, wait) ?? operation
  return {
    status: 202,
    body: operationView(seen),
    headers: operationHeaders(seen),
  }
})
