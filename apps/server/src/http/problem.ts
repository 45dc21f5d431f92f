import type { ErrorCode, Problem } from '@howdah/contract'
import { errors } from '@howdah/contract'
import { AppError } from '../domain/errors.ts'
import { asFailure } from '../domain/failures.ts'

/** What can be answered about an error; undefined for a bug. */
export function asAppError(error: unknown): AppError | undefined {
  return asFailure(error) ?? fromFramework(error)
}

/** Errors that Fastify raises before a handler runs. */
function fromFramework(error: unknown): AppError | undefined {
  const { code, statusCode } = (error ?? {}) as { code?: unknown, statusCode?: unknown }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new AppError('too-large', 'The body may have at most 256 KiB.')
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new AppError('unsupported-media-type', 'Send the body as Content-Type: application/json.')
  if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY')
    return new AppError('malformed-request', 'The body is empty; a JSON object is needed.')
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY' || (error instanceof SyntaxError && statusCode === 400))
    return new AppError('malformed-request', 'The body is not valid JSON.')
  if (typeof statusCode === 'number' && statusCode === 400)
    return new AppError('malformed-request', 'The request cannot be read.')
  if (statusCode === 413 || statusCode === 414 || statusCode === 431)
    return new AppError('too-large', 'The request is too large.')
  return undefined
}

export function problem(error: AppError | undefined, requestId: string): Problem {
  const code: ErrorCode = error?.code ?? 'internal'
  const { status, title } = errors[code]
  return {
    type: `/api/docs#error-${code}`,
    title,
    status,
    code,
    detail: error?.message ?? 'Something went wrong on our side. Tell the operator the request id.',
    requestId,
    ...(error && error.errors.length > 0
      ? {
          errors: error.errors.map(({ pointer, detail }) => ({ pointer, detail })),
        }
      : {}),
  }
}
