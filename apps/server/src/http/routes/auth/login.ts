import { AppError, invalid } from '../../../domain/errors.ts'
import { signIn } from '../../../domain/sign-in.ts'
import { isSameOrigin, setSessionCookies } from '../../cookies.ts'
import { route } from '../../route.ts'
import { sessionView } from '../../views/session.ts'

export const login = route('auth.login', async ({ domain, services, origin, body, request, reply }) => {
  // Another site must not sign a visitor in as somebody else.
  if (body.cookie && !isSameOrigin(request, services.publicUrl()))
    throw invalid('/cookie', 'A cookie session begins on a page of this address only. Programs leave "cookie" out.')
  const { metrics, access } = services
  const signedIn = await signIn(domain, access, origin, body).catch((error: unknown) => {
    metrics.logins.inc({
      outcome: error instanceof AppError
        ? error.code
        : 'error',
    })
    throw error
  })
  metrics.logins.inc({ outcome: 'success' })
  if (signedIn.isCookie)
    setSessionCookies(reply, services.publicUrl(), signedIn)
  return {
    status: 200,
    body: sessionView(signedIn),
  }
})
