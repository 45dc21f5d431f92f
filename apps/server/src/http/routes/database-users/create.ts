import { createUser, getUser, planCreateUser } from '../../../domain/database-users.ts'
import { remember } from '../../../domain/idempotency.ts'
import { route } from '../../route.ts'
import { databaseUserView } from '../../views/database-user.ts'
import { untilEnded } from '../../wait.ts'

export const create = route('users.create', async ({ domain, services, caller, params, query, body, idempotency, wait }) => {
  if (query.dryRun)
    return { status: 200, body: await planCreateUser(domain, caller, params.name, body) }
  const headers = { Location: `/api/databases/${params.name}/users/${body.name}` }
  const row = await createUser(domain, caller, params.name, body, remember(domain, idempotency, value => ({
    status: 201,
    body: databaseUserView({ row: value, seen: undefined }),
    headers,
  })))
  if (wait > 0 && row.operation_id) {
    await untilEnded(domain, services, caller, row.operation_id, wait)
    return {
      status: 201,
      body: databaseUserView(await getUser(domain, caller, params.name, row.name)),
      headers,
    }
  }
  return {
    status: 201,
    body: databaseUserView({ row, seen: undefined }),
    headers,
  }
})
