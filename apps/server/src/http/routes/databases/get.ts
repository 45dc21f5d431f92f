import { notFound } from '../../../domain/errors.ts'
import { route } from '../../route.ts'
import { databaseHeaders, keptDatabaseView } from '../../views/database.ts'

export const get = route('databases.get', async ({ domain, caller, params }) => {
  const row = await domain.readDatabase(caller.principal.project.id, params.name)
  if (!row)
    throw notFound()
  return {
    status: 200,
    body: keptDatabaseView(caller.principal.project, row),
    headers: databaseHeaders(row),
  }
})
