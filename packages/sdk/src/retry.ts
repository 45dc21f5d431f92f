import { ConnectionError, HowdahError } from './errors.ts'
import { backOffMs } from './timing.ts'

/** How often and how long a request that is safe to repeat is repeated. */
export interface RetryPolicy {
  /** Repeats after the first attempt. Default: 4 */
  readonly most: number
  /** The first pause is at most this, the next twice that, and so on. Default: 200 ms */
  readonly firstDelayMs: number
  /** No pause is longer; a server that asks for more with `Retry-After` gets none. Default: 20 s */
  readonly mostDelayMs: number
}

export const defaultRetryPolicy: RetryPolicy = { most: 4, firstDelayMs: 200, mostDelayMs: 20_000 }

const passing: readonly number[] = [429, 502, 503, 504]

/** How long to wait before the same request again; undefined: it makes no sense. */
export function retryDelayMs(error: unknown, attempt: number, policy: RetryPolicy): number | undefined {
  if (attempt >= policy.most)
    return undefined
  if (error instanceof ConnectionError)
    return backOffMs(attempt, policy.firstDelayMs, policy.mostDelayMs)
  if (!(error instanceof HowdahError) || !passing.includes(error.status))
    return undefined
  if (error.retryAfterMs === undefined)
    return backOffMs(attempt, policy.firstDelayMs, policy.mostDelayMs)
  return error.retryAfterMs <= policy.mostDelayMs
    ? error.retryAfterMs
    : undefined
}
