import type { ErrorCode } from '@howdah/contract'

export interface FieldError { readonly pointer: string, readonly detail: string }

/**
 * An error that has an answer in the contract. `detail` is for the caller; `cause` and what is logged are not.
 * Anything else that is thrown is a bug and answers 500.
 */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly errors: readonly FieldError[]
  /** Seconds after which a retry makes sense. */
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, detail: string, options: { errors?: readonly FieldError[], retryAfter?: number, cause?: unknown } = {}) {
    super(detail, options.cause === undefined
      ? undefined
      : { cause: options.cause })
    this.code = code
    this.errors = options.errors ?? []
    this.retryAfter = options.retryAfter
  }
}

/** The one answer for what does not exist and for what the caller may not know about. */
export function notFound(): AppError {
  return new AppError('not-found', 'There is no such thing, or this credential may not see it.')
}

export function invalid(pointer: string, detail: string): AppError {
  return new AppError('invalid', detail, {
    errors: [
      { pointer, detail },
    ],
  })
}
