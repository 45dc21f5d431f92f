import { changePassword } from '../../../domain/account.ts'
import { route } from '../../route.ts'

export const password = route('auth.password', async ({ domain, services, caller, body }) => {
  await changePassword(domain, services.access, caller, body)
  return { status: 204, body: undefined }
})
