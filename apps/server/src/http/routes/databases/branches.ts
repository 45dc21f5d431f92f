import { listBranches } from '../../../domain/databases.ts'
import { route } from '../../route.ts'
import { databaseView } from '../../views/database.ts'

export const branches = route('databases.branches', async ({ domain, caller, params }) => ({
  status: 200,
  body: { items: (await listBranches(domain, caller, params.name)).map(row => databaseView(caller.principal.project, row)), nextCursor: null },
}))
