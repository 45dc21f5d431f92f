import { planUpdateUser, resetPassword as reset } from '../../../domain/database-users.ts'
import { remember } from '../../../domain/idempotency.ts'
import { generatePassword } from '../../../domain/sealed.ts'
import { route } from '../../route.ts'
import { operationHeaders, operationView } from '../../views/operation.ts'
import { untilEnded } from '../../wait.ts'

export const resetPassword = route('users.resetPassword', async ({ domain, services, caller, params, query, idempotency, wait }) => {
  if (query.dryRun) {
    return { status: 200, body: await planUpdateUser(domain, caller, params.name, params.user, {
      password: generatePassword(),
    }) }
  }
  const operation = await reset(domain, caller, params.name, params.user, remember(domain, idempotency, value => ({
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
