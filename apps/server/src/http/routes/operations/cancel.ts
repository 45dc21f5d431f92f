import { cancelOperation } from '../../../domain/operation-cancel.ts'
import { holdToUuid } from '../../../domain/operations.ts'
import { route } from '../../route.ts'
import { operationHeaders, operationView } from '../../views/operation.ts'
import { untilEnded } from '../../wait.ts'

export const cancel = route('operations.cancel', async ({ domain, services, caller, params, wait }) => {
  holdToUuid(params.id)
  const operation = await cancelOperation(domain, caller, params.id)
  const seen = await untilEnded(domain, services, caller, operation.id, wait) ?? operation
  return {
    status: 202,
    body: operationView(seen),
    headers: operationHeaders(seen),
  }
})
