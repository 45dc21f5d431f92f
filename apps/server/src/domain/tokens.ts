import type { SecretBox } from './sealed.ts'
import { createHash, createSecretKey } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import { AppError } from './errors.ts'
import { createLru } from './lru.ts'

/** Short, because only the store can end one earlier. */
const lifetimeSeconds = 600
const algorithm = 'HS256'
const type = 'at+jwt'
const audience = 'howdah-api'
const mostRemembered = 20_000

/** What an access token says. What its bearer may do is asked at each request, not written in it. */
export interface AccessClaims {
  readonly personId: string
  readonly sessionId: string
  readonly projectId: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Signs and checks access tokens: JWTs as RFC 9068 profiles them. */
export interface Tokens {
  issue: (claims: Omit<AccessClaims, 'expiresAt'>) => Promise<{ token: string, expiresAt: Date }>
  /** Throws `unauthenticated`. `hash`: see `tokenHash`. */
  verify: (token: string, hash: string) => Promise<AccessClaims>
}

/** The installation is the issuer: a token of another one is not good here, even with the same key. */
export function createTokens(box: SecretBox, installationId: string): Tokens {
  const secret = box.derive('access tokens')
  const key = createSecretKey(secret)
  const kid = createHash('sha256').update('howdah token key').update(secret).digest('base64url').slice(0, 12)
  const issuer = `howdah:${installationId}`
  // Checking a signature costs 30 times what looking one up costs.
  const good = createLru<AccessClaims>(mostRemembered)

  return {
    async issue({ personId, sessionId, projectId }) {
      const issuedAt = Math.floor(Date.now() / 1000)
      const token = await new SignJWT({ sid: sessionId, pid: projectId })
        .setProtectedHeader({ alg: algorithm, typ: type, kid })
        .setSubject(personId)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeSeconds)
        .sign(key)
      return {
        token,
        expiresAt: new Date((issuedAt + lifetimeSeconds) * 1000),
      }
    },
    async verify(token, hash) {
      const known = good.get(hash)
      if (known && known.expiresAt > Date.now())
        return known
      good.delete(hash)
      const { payload } = await jwtVerify(token, (header) => {
        if (header.kid !== kid)
          throw new errors.JWKSNoMatchingKey()
        return key
      }, {
        algorithms: [algorithm],
        typ: type,
        issuer,
        audience,
        requiredClaims: ['sub', 'sid', 'pid', 'iat', 'exp'],
      }).catch((error: unknown) => {
        if (error instanceof errors.JWTExpired)
          throw new AppError('unauthenticated', 'The token has expired. Refresh it or sign in again.')
        if (error instanceof errors.JOSEError)
          throw new AppError('unauthenticated', 'The token is not valid here. Sign in again.')
        throw error
      })
      const claims = {
        personId: payload.sub!,
        // We signed it, so they are what issue() put in.
        sessionId: payload.sid as string,
        projectId: payload.pid as string,
        expiresAt: payload.exp! * 1000,
      }
      good.set(hash, claims)
      return claims
    },
  }
}
