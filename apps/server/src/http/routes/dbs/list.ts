import { listDbs } from '../../../domain/dbs.ts'
import { route } from '../../route.ts'
import { dbView } from '../../views/database-user.ts'

export const list = route('dbs.list', async ({ domain, caller, params }) => {
  const found = await listDbs(domain, caller, params.name)
  return {
    status: 200,
    body: {
      items: found.map(dbView),
      nextCursor: null,
    },
  }
})
