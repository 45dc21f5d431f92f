import { signOut } from '../../../domain/account.ts'
import { clearSessionCookies, sessionCookie } from '../../cookies.ts'
import { route } from '../../route.ts'

export const logout = route('auth.logout', async ({ domain, services, caller, request, reply }) => {
  await signOut(domain, services.access, caller)
  if (request.cookies[sessionCookie] !== undefined)
    clearSessionCookies(reply, services.publicUrl())
  return { status: 204, body: undefined }
})
