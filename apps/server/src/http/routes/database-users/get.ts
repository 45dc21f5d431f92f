import { getUser } from '../../../domain/database-users.ts'
import { route } from '../../route.ts'
import { databaseUserView } from '../../views/database-user.ts'

export const get = route('users.get', async ({ domain, caller, params }) => {
  return {
    status: 200,
    body: databaseUserView(await getUser(domain, caller, params.name, params.user)),
  }
})
