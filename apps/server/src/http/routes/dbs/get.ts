import { getDb } from '../../../domain/dbs.ts'
import { route } from '../../route.ts'
import { dbView } from '../../views/database-user.ts'

export const get = route('dbs.get', async ({ domain, caller, params }) => {
  return {
    status: 200,
    body: dbView(await getDb(domain, caller, params.name, params.db)),
  }
})
