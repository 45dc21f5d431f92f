import { getOperation } from '../../../domain/operations.ts'
import { route } from '../../route.ts'
import { operationView } from '../../views/operation.ts'

export const get = route('operations.get', async ({ domain, caller, params }) => {
  return {
    status: 200,
    body: operationView(await getOperation(domain, caller, params.id)),
  }
})
