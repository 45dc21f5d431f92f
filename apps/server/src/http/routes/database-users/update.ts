import { getUser, planUpdateUser, updateUser } from '../../../domain/database-users.ts'
import { route } from '../../route.ts'
import { databaseUserView } from '../../views/database-user.ts'
import { untilEnded } from '../../wait.ts'

export const update = route('users.update', async ({ domain, services, caller, params, query, body, wait }) => {
  if (query.dryRun)
    return { status: 200, body: await planUpdateUser(domain, caller, params.name, params.user, body) }
  const row = await updateUser(domain, caller, params.name, params.user, body)
  if (wait > 0 && row.operation_id)
    await untilEnded(domain, services, caller, row.operation_id, wait)
  return {
    status: 200,
    body: databaseUserView(wait > 0
      ? await getUser(domain, caller, params.name, params.user)
      : { row, seen: undefined }),
  }
})
