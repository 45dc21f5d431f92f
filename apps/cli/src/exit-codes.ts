import { ConnectionError, DeadlineError, HowdahError } from '@howdah/sdk'
import { NotSignedIn } from './connect/connection.ts'
import { SignInInUse } from './connect/sign-in-in-use.ts'
import { Missing } from './missing.ts'
import { Interrupted } from './process-terminal.ts'
import { UsageError } from './usage-error.ts'

/** What scripts can tell apart; also printed by `howdah help`. */
export const exitCodes = {
  ok: [0, 'done'],
  failed: [1, 'an operation failed, or something unexpected happened'],
  usage: [2, 'the command line is not right'],
  denied: [3, 'not signed in, or not allowed'],
  missing: [4, 'there is no such thing, or it may not be seen'],
  conflict: [5, 'the present state does not allow it, or has changed meanwhile'],
  invalid: [6, 'the server refused a value'],
  unreachable: [7, 'the server cannot be reached, or cannot answer now'],
  late: [8, 'not done within --timeout; it goes on'],
  interrupted: [130, 'interrupted'],
} as const satisfies Record<string, readonly [code: number, meaning: string]>

export type Outcome = keyof typeof exitCodes

export function outcomeOf(error: unknown): Outcome {
  if (error instanceof HowdahError)
    return outcomeOfProblem(error)
  if (error instanceof UsageError)
    return 'usage'
  if (error instanceof NotSignedIn)
    return 'denied'
  if (error instanceof Missing)
    return 'missing'
  if (error instanceof SignInInUse)
    return 'conflict'
  if (error instanceof ConnectionError)
    return 'unreachable'
  if (error instanceof DeadlineError)
    return 'late'
  if (error instanceof Interrupted)
    return 'interrupted'
  return 'failed'
}

function outcomeOfProblem({ code, status }: HowdahError): Outcome {
  if (status === 401 || status === 403)
    return 'denied'
  if (status === 404)
    return 'missing'
  if (status === 409 || status === 412)
    return 'conflict'
  if (code === 'rate-limited' || code === 'unavailable')
    return 'unreachable'
  return status < 500 ? 'invalid' : 'failed'
}
