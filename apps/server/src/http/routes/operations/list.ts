import { listOperations } from '../../../domain/operations.ts'
import { route } from '../../route.ts'
import { operationView } from '../../views/operation.ts'

export const list = route('operations.list', async ({ domain, caller, query }) => {
  const { rows, nextCursor } = await listOperations(domain, caller, query)
  return {
    status: 200,
    body: {
      items: rows.map(operationView),
      nextCursor,
    },
  }
})
