import type { ErrorCode } from '@howdah/contract'
import type { EngineErrorCode } from '@howdah/engine'
import { EngineError } from '@howdah/engine'
import { isStoreUnavailable } from '../store/db.ts'
import { AppError } from './errors.ts'

const engineCodes: Readonly<Record<EngineErrorCode, ErrorCode>> = {
  'not-found': 'not-found',
  'conflict': 'name-taken',
  'invalid': 'invalid',
  'unavailable': 'unavailable',
  'exhausted': 'out-of-capacity',
  'unsupported': 'unsupported',
}

/** The answer to what an engine or the store could not do; undefined for what neither of them says: a bug. */
export function asFailure(error: unknown): AppError | undefined {
  if (error instanceof AppError)
    return error
  if (error instanceof EngineError) {
    return new AppError(engineCodes[error.code], error.message, {
      ...(error.pointer ? { errors: [{ pointer: error.pointer, detail: error.message }] } : {}),
      ...(error.code === 'unavailable' ? { retryAfter: 2 } : {}),
      cause: error,
    })
  }
  if (isStoreUnavailable(error))
    return new AppError('unavailable', 'The store does not answer. Nothing was changed that was not acknowledged; try again.', { retryAfter: 2, cause: error })
  return undefined
}
