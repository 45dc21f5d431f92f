import { listServiceLogs } from '../../../domain/service-logs.ts'
import { route } from '../../route.ts'
import { serviceEventView } from '../../views/service-event.ts'

export const serviceLogs = route('databases.serviceLogs', async ({ domain, caller, params, query }) => {
  const { rows, nextCursor } = await listServiceLogs(domain, caller, params.name, query)
  return {
    status: 200,
    body: {
      items: rows.map(serviceEventView),
      nextCursor,
    },
  }
})
