import type { Operation, Schemas } from './models.ts'
import { errors } from './generated/registry.ts'

/** The closed set of error codes: what programs compare. */
export type ErrorCode = Schemas['Problem']['code']

/** What is wrong with one field. `pointer` is a JSON pointer into the body, `?name` a query parameter, `#name` a header. */
export type FieldProblem = Schemas['FieldProblem']

/** The API answered with a problem (RFC 9457). */
export class HowdahError extends Error {
  override readonly name = 'HowdahError'
  /** Stable; compare this, never the message. */
  readonly code: ErrorCode
  readonly status: number
  /** The same sentence for every problem of this code. */
  readonly title: string
  /** What happened this time, and the next step. */
  readonly detail: string
  /** Names the request in the server's log. Empty when a proxy answered in the server's place. */
  readonly requestId: string
  readonly errors: readonly FieldProblem[]
  /** The same request may succeed later, unchanged. */
  readonly retryable: boolean
  /** When the server wants to be asked again, in milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(problem: Omit<Schemas['Problem'], 'type'>, retryAfterMs?: number) {
    super(problem.detail)
    this.code = problem.code
    this.status = problem.status
    this.title = problem.title
    this.detail = problem.detail
    this.requestId = problem.requestId
    this.errors = problem.errors ?? []
    this.retryable = errors[problem.code].retryable
    this.retryAfterMs = retryAfterMs
  }
}

/** There was no answer of the API: not reachable, cut off, too slow, or not Howdah at all. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly url: string
  /** What the reader can do about it. */
  readonly nextStep: string

  constructor(url: string, message: string, nextStep: string, cause?: unknown) {
    super(message, cause === undefined
      ? undefined
      : { cause })
    this.url = url
    this.nextStep = nextStep
  }
}

/** A piece of work ended in `failed` or `cancelled`. */
export class OperationError extends Error {
  override readonly name = 'OperationError'
  readonly operation: Operation

  constructor(operation: Operation) {
    super(operation.error?.message ?? `${operation.type} of ${operation.database} was ${operation.phase}.`)
    this.operation = operation
  }

  /** What the reader can do about it; empty when the server has no advice. */
  get nextStep(): string {
    return this.operation.error?.nextStep ?? ''
  }
}

/** A database reached a phase from which it does not become what was waited for. */
export class PhaseError extends Error {
  override readonly name = 'PhaseError'
  readonly database: Schemas['Database']

  constructor(database: Schemas['Database']) {
    super(`${database.name} is ${database.phase}${database.message
      ? `: ${database.message}`
      : '.'}`)
    this.database = database
  }
}

/** What was waited for did not happen in time. The work itself goes on. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
  readonly deadlineMs: number

  constructor(what: string, deadlineMs: number) {
    super(`${what} took longer than ${deadlineMs} ms.`)
    this.deadlineMs = deadlineMs
  }
}

/** Is it a problem of the API, and of this code? */
export function isHowdahError(error: unknown, code?: ErrorCode): error is HowdahError {
  return error instanceof HowdahError && (code === undefined || error.code === code)
}

/** The error in an answer that is not a success. A proxy's page becomes the code that fits its status best. */
export async function problemOf(response: Response): Promise<HowdahError> {
  const retryAfterMs = retryAfter(response.headers.get('retry-after'))
  const text = await response.text()
  const problem = parseProblem(text)
  if (problem)
    return new HowdahError(problem, retryAfterMs)
  const code = codeForStatus(response.status)
  return new HowdahError({
    code,
    status: response.status,
    title: errors[code].title,
    detail: `Something between here and Howdah answered ${response.status} ${response.statusText}`.trim(),
    requestId: response.headers.get('x-request-id') ?? '',
  }, retryAfterMs)
}

function parseProblem(text: string): Schemas['Problem'] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isProblem = typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string'
      && value.code in errors && 'detail' in value && 'status' in value
    // The contract says the rest of what has a known code, a status and a detail.
    return isProblem ? value as Schemas['Problem'] : undefined
  }
  catch (error) {
    if (error instanceof SyntaxError)
      return undefined
    throw error
  }
}

function codeForStatus(status: number): ErrorCode {
  if ([502, 503, 504].includes(status))
    return 'unavailable'
  const codes = Object.keys(errors) as ErrorCode[]
  return codes.find(code => errors[code].status === status) ?? (status >= 500
    ? 'internal'
    : 'malformed-request')
}

/** Seconds or an HTTP date (RFC 9110). */
function retryAfter(header: string | null): number | undefined {
  if (!header)
    return undefined
  const ms = /^\d+$/.test(header)
    ? Number(header) * 1000
    : Date.parse(header) - Date.now()
  return Number.isFinite(ms)
    ? Math.max(0, ms)
    : undefined
}
