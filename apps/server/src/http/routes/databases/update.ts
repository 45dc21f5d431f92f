import { planUpdate, updateDatabase } from '../../../domain/change-database.ts'
import { getDatabase } from '../../../domain/databases.ts'
import { planScheduled, scheduleUpdate } from '../../../domain/scheduled-update.ts'
import { route } from '../../route.ts'
import { databaseHeaders, databaseView } from '../../views/database.ts'
import { untilEnded } from '../../wait.ts'

export const update = route('databases.update', async ({ domain, services, caller, params, query, body, ifMatch, wait }) => {
  const isScheduled = query.apply === 'maintenance-window'
  if (query.dryRun)
    return { status: 200, body: await (isScheduled ? planScheduled : planUpdate)(domain, caller, params.name, body, ifMatch) }
  let row = await (isScheduled ? scheduleUpdate : updateDatabase)(domain, caller, params.name, body, ifMatch)
  // One that waits for its window is not waited for.
  if (wait > 0 && row.operation_id && !isScheduled) {
    await untilEnded(domain, services, caller, row.operation_id, wait)
    row = await getDatabase(domain, caller, row.name)
  }
  return {
    status: 200,
    body: databaseView(caller.principal.project, row),
    headers: databaseHeaders(row),
  }
})
