import { EngineError } from '@howdah/engine'
import { hasCode } from '@howdah/machine'

/** Whether an error says that the disk is full: ours, the file system's, PostgreSQL's, or that of a program we ran. */
export function isDiskFull(error: unknown): boolean {
  if (error instanceof EngineError && error.code === 'exhausted')
    return error.cause === undefined || isDiskFull(error.cause) || hasCode(error.cause, '53100')
  if (hasCode(error, 'ENOSPC', 'EDQUOT', '53100'))
    return true
  return error instanceof Error && (('stderr' in error && isDiskFullText(String(error.stderr))) || isDiskFullText(error.message))
}

export function isDiskFullText(text: string): boolean {
  return /No space left on device|Disk quota exceeded/.test(text)
}
