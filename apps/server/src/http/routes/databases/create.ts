import { createDatabase, planCreate } from '../../../domain/create-database.ts'
import { getDatabase } from '../../../domain/databases.ts'
import { remember } from '../../../domain/idempotency.ts'
import { route } from '../../route.ts'
import { databaseHeaders, databaseView } from '../../views/database.ts'
import { untilEnded } from '../../wait.ts'

export const create = route('databases.create', async ({ domain, services, caller, query, body, idempotency, wait }) => {
  if (query.dryRun)
    return { status: 200, body: await planCreate(domain, caller, body) }
  const { project } = caller.principal
  let row = await createDatabase(domain, caller, body, remember(domain, idempotency, value => ({
    status: 201,
    body: databaseView(project, value),
    headers: databaseHeaders(value),
  })))
  if (wait > 0 && row.operation_id) {
    await untilEnded(domain, services, caller, row.operation_id, wait)
    row = await getDatabase(domain, caller, row.name)
  }
  return {
    status: 201,
    body: databaseView(project, row),
    headers: databaseHeaders(row),
  }
})
