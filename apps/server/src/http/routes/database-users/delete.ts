import { deleteUser, planDeleteUser } from '../../../domain/database-users.ts'
import { route } from '../../route.ts'
import { operationHeaders, operationView } from '../../views/operation.ts'
import { untilEnded } from '../../wait.ts'

export const remove = route('users.delete', async ({ domain, services, caller, params, query, wait }) => {
  if (query.dryRun)
    return { status: 200, body: await planDeleteUser(domain, caller, params.name, params.user) }
  const operation = await deleteUser(domain, caller, params.name, params.user)
  const seen = await untilEnded(domain, services, caller, operation.id, wait) ?? operation
  return {
    status: 202,
    body: operationView(seen),
    headers: operationHeaders(seen),
  }
})
