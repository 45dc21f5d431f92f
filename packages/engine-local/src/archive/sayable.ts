import { EnvelopeError } from './envelope.ts'
import { StoreError } from './store-error.ts'

/** Begins what is said of a store that may be there again later: then the same is tried again, and nothing is given up. */
export const awayMark = 'the archive is away: '

const filesystem: Readonly<Record<string, string>> = {
  ENOSPC: 'its disk is full',
  EDQUOT: 'its disk is full',
  EROFS: 'its disk is mounted read-only',
  EACCES: 'its folder belongs to somebody else',
  EPERM: 'its folder belongs to somebody else',
  EIO: 'its disk cannot be read or written',
}

/** Why something went wrong, for a log that the owner of the database reads: without paths. */
export function sayable(error: unknown): string {
  if (error instanceof EnvelopeError)
    return error.message
  if (error instanceof StoreError)
    return awayMark + error.message
  if (error instanceof Error && 'code' in error && typeof error.code === 'string')
    return `${awayMark}${filesystem[error.code] ?? `its folder cannot be used (${error.code})`}`
  return error instanceof Error ? error.message : String(error)
}
