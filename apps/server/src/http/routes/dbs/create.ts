import { createDb, getDb, planCreateDb } from '../../../domain/dbs.ts'
import { remember } from '../../../domain/idempotency.ts'
import { route } from '../../route.ts'
import { dbView } from '../../views/database-user.ts'
import { untilEnded } from '../../wait.ts'

export const create = route('dbs.create', async ({ domain, services, caller, params, query, body, idempotency, wait }) => {
  if (query.dryRun)
    return { status: 200, body: await planCreateDb(domain, caller, params.name, body) }
  const headers = { Location: `/api/databases/${params.name}/dbs/${body.name}` }
  const row = await createDb(domain, caller, params.name, body, remember(domain, idempotency, value => ({
    status: 201,
    body: dbView({ row: value, seen: undefined }),
    headers,
  })))
  if (wait > 0 && row.operation_id) {
    await untilEnded(domain, services, caller, row.operation_id, wait)
    return {
      status: 201,
      body: dbView(await getDb(domain, caller, params.name, row.name)),
      headers,
    }
  }
  return {
    status: 201,
    body: dbView({ row, seen: undefined }),
    headers,
  }
})
