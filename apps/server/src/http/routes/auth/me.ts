import { whoAmI } from '../../../domain/account.ts'
import { route } from '../../route.ts'
import { meView } from '../../views/me.ts'

export const me = route('auth.me', async ({ domain, caller }) => {
  return { status: 200, body: meView(caller.principal, await whoAmI(domain, caller)) }
})
