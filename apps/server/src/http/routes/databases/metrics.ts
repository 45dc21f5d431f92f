import { readMetrics } from '../../../domain/database-metrics.ts'
import { route } from '../../route.ts'

export const metrics = route('databases.metrics', async ({ domain, caller, params, query }) => ({
  status: 200,
  body: await readMetrics(domain, caller, params.name, query),
}))
