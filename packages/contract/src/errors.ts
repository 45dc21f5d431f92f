/**
 * The closed registry of errors. `code` is stable and what programs compare; `title` is the same for each occurrence;
 * what happened this time stands in the problem's `detail`. `retryable`: the same request may succeed later, unchanged.
 */
export const errors = {
  'malformed-request': { status: 400, title: 'The request cannot be read', retryable: false },
  'unauthenticated': { status: 401, title: 'A valid credential is needed', retryable: false },
  'wrong-credentials': { status: 401, title: 'E-mail or password is wrong', retryable: false },
  'forbidden': { status: 403, title: 'This credential does not allow the action', retryable: false },
  'not-found': { status: 404, title: 'There is nothing here', retryable: false },
  'method-not-allowed': { status: 405, title: 'This path does not know the method', retryable: false },
  'not-acceptable': { status: 406, title: 'The answer is not available in the media type asked for', retryable: false },
  'name-taken': { status: 409, title: 'The name is taken', retryable: false },
  'wrong-phase': { status: 409, title: 'The present phase does not allow the action', retryable: true },
  'deletion-protected': { status: 409, title: 'Deletion protection is on', retryable: false },
  'managed-by-git': { status: 409, title: 'This database is changed in Git', retryable: false },
  'last-admin': { status: 409, title: 'The last admin cannot go', retryable: false },
  'not-empty': { status: 409, title: 'There is still something in it', retryable: false },
  'in-use': { status: 409, title: 'Something still uses it', retryable: false },
  'idempotency-conflict': { status: 409, title: 'The idempotency key was used for another request', retryable: false },
  'stale': { status: 412, title: 'It has changed since it was read', retryable: false },
  'too-large': { status: 413, title: 'The request is too large', retryable: false },
  'unsupported-media-type': { status: 415, title: 'The body must be JSON', retryable: false },
  'invalid': { status: 422, title: 'Some fields are not right', retryable: false },
  'unsupported': { status: 422, title: 'This location cannot do that', retryable: false },
  'quota-exceeded': { status: 422, title: 'The project\'s quota does not allow it', retryable: false },
  'rate-limited': { status: 429, title: 'Too many requests', retryable: true },
  'internal': { status: 500, title: 'Something is wrong on our side', retryable: true },
  'unavailable': { status: 503, title: 'It cannot be answered now', retryable: true },
  'out-of-capacity': { status: 507, title: 'The location has no room left', retryable: true },
} as const satisfies Record<string, { status: number, title: string, retryable: boolean }>

export type ErrorCode = keyof typeof errors

export const errorCodes = Object.keys(errors) as readonly ErrorCode[]
