import { listDatabases } from '../../../domain/databases.ts'
import { route } from '../../route.ts'
import { databaseView } from '../../views/database.ts'

export const list = route('databases.list', async ({ domain, caller, query }) => {
  const { rows, nextCursor } = await listDatabases(domain, caller, query)
  return {
    status: 200,
    body: {
      items: rows.map(row => databaseView(caller.principal.project, row)),
      nextCursor,
    },
  }
})
