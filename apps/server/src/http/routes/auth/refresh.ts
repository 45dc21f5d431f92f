import { AppError } from '../../../domain/errors.ts'
import { refreshSession } from '../../../domain/refresh.ts'
import { clearSessionCookies, isSameOrigin, refreshCookie, setSessionCookies } from '../../cookies.ts'
import { route } from '../../route.ts'
import { sessionView } from '../../views/session.ts'

export const refresh = route('auth.refresh', async ({ domain, services, origin, body, request, reply }) => {
  const cookie = body.refreshToken === undefined
    ? request.cookies[refreshCookie]
    : undefined
  const token = body.refreshToken ?? cookie
  if (token === undefined || (cookie !== undefined && !isSameOrigin(request, services.publicUrl())))
    throw new AppError('unauthenticated', 'Send refreshToken, or the cookie from a page of this address.')
  const signedIn = await refreshSession(domain, services.access, origin, token, body.project).catch((error: unknown) => {
    if (cookie !== undefined && error instanceof AppError && error.code === 'unauthenticated')
      clearSessionCookies(reply, services.publicUrl())
    throw error
  })
  if (signedIn.isCookie)
    setSessionCookies(reply, services.publicUrl(), signedIn)
  return {
    status: 200,
    body: sessionView(signedIn),
  }
})
