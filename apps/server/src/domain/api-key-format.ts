import type { Buffer } from 'node:buffer'
import { createHash, randomBytes } from 'node:crypto'

const mark = 'hwd_'
const pattern = /^hwd_[\w-]{40}$/
const shownLength = mark.length + 4

/** `hwd_` and 40 url-safe characters: 240 bits, so a fast hash is enough to store it. Secret scanners know the mark. */
export function makeApiKey(): { key: string, prefix: string, lastFour: string, hash: Buffer } {
  const key = mark + randomBytes(30).toString('base64url')
  return {
    key,
    prefix: key.slice(0, shownLength),
    lastFour: key.slice(-4),
    hash: hashOfApiKey(key),
  }
}

export function isApiKey(credential: string): boolean {
  return pattern.test(credential)
}

export function hashOfApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
