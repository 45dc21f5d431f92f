import type { Session } from '@howdah/contract'
import type { SignedIn } from '../../domain/sign-in.ts'

/** A browser gets its tokens as cookies, so the body has none that a script could take. */
export function sessionView({ token, expiresAt, refreshToken, isCookie, user, project }: SignedIn): Session {
  return {
    ...(isCookie
      ? {}
      : { token, refreshToken }),
    expiresAt: expiresAt.toISOString(),
    user,
    project,
  }
}
