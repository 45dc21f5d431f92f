import { planUpdate, updateDatabase } from '../../../domain/change-database.ts'
import { getDatabase } from '../../../domain/databases.ts'
import { route } from '../../route.ts'
import { databaseHeaders, databaseView } from '../../views/database.ts'
import { untilEnded } from '../../wait.ts'

export const update = route('databases.update', async ({ domain, services, caller, params, query, body, ifMatch, wait }) => {
  if (query.dryRun)
    return { status: 200, body: await planUpdate(domain, caller, params.name, body, ifMatch) }
  let row = await updateDatabase(domain, caller, params.name, body, ifMatch)
  if (wait > 0 && row.operation_id) {
    await untilEnded(domain, services, caller, row.operation_id, wait)
    row = await getDatabase(domain, caller, row.name)
  }
  return {
    status: 200,
    body: databaseView(caller.principal.project, row),
    headers: databaseHeaders(row),
  }
})
