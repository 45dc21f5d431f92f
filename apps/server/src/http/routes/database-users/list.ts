import { listUsers } from '../../../domain/database-users.ts'
import { route } from '../../route.ts'
import { databaseUserView } from '../../views/database-user.ts'

export const list = route('users.list', async ({ domain, caller, params }) => {
  const found = await listUsers(domain, caller, params.name)
  return {
    status: 200,
    body: {
      items: found.map(databaseUserView),
      nextCursor: null,
    },
  }
})
