import type { Buffer } from 'node:buffer'
import type { SecretBox } from './sealed.ts'
import { createHash, createHmac, randomBytes } from 'node:crypto'

const mark = 'hwr_'
const pattern = /^hwr_[\w-]{43}$/

export interface RefreshToken { readonly token: string, readonly hash: Buffer }

/** The first one of a session. Only hashes are stored. */
export function makeRefreshToken(): RefreshToken {
  return of(randomBytes(32))
}

/**
 * The one that follows a token, always the same: a refresh that is asked for twice at the same time is answered twice
 * with the same token, so one session never has two lines of them. Whoever does not know the key cannot compute it.
 */
export function nextRefreshToken(box: SecretBox, token: string): RefreshToken {
  return of(createHmac('sha256', box.derive('refresh tokens')).update(token).digest())
}

/** What a client sent; undefined when it is none of ours. */
export function parseRefreshToken(token: string): RefreshToken | undefined {
  return pattern.test(token)
    ? hashed(token)
    : undefined
}

function of(bytes: Buffer): RefreshToken {
  return hashed(mark + bytes.toString('base64url'))
}

function hashed(token: string): RefreshToken {
  return {
    token,
    hash: createHash('sha256').update(token).digest(),
  }
}
