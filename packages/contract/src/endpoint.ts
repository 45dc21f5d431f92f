import type { TObject, TSchema } from 'typebox'
import type { ErrorCode } from './errors.ts'
import type { Action } from './permissions.ts'

/** Who may call: `public` needs no credential, `any` a valid one of whatever role, an action a credential that allows it. */
export type Access = 'public' | 'any' | Action

/** One method on one path. Routes, OpenAPI, SDK and the permission tests all come from this. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** With `{name}` for parameters, as OpenAPI writes it. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly access: Access
  readonly params?: TObject
  readonly query?: TObject
  readonly body?: TObject
  /** Status → body; null for no body. */
  readonly responses: Readonly<Record<number, TSchema | null>>
  /** Errors of its own; those that every endpoint of its kind can answer are added. */
  readonly errors?: readonly ErrorCode[]
  /** Takes `Idempotency-Key`. */
  readonly idempotent?: boolean
  /** Takes `If-Match`. */
  readonly ifMatch?: boolean
  /** Takes `Prefer: wait=N`. */
  readonly wait?: boolean
  /** Also answers this media type, when asked for by `Accept`. */
  readonly stream?: boolean
  /** Media type of the answer where it is not JSON. */
  readonly produces?: string
}

/** Errors that follow from what an endpoint is, so that no entry of the table repeats them. */
export function errorsOf(endpoint: Endpoint): readonly ErrorCode[] {
  const codes = new Set<ErrorCode>(endpoint.errors ?? [])
  codes.add('internal')
  // Unknown query parameters are refused everywhere.
  codes.add('invalid')
  codes.add('rate-limited')
  // Headers and the query count too.
  codes.add('too-large')
  codes.add('unavailable')
  if (endpoint.access !== 'public')
    codes.add('unauthenticated')
  if (endpoint.access !== 'public' && endpoint.access !== 'any')
    codes.add('forbidden')
  if (endpoint.params)
    codes.add('not-found')
  if (endpoint.method !== 'GET') {
    codes.add('malformed-request')
    codes.add('unsupported-media-type')
  }
  if (endpoint.idempotent)
    codes.add('idempotency-conflict')
  if (endpoint.ifMatch)
    codes.add('stale')
  if (endpoint.stream || endpoint.produces)
    codes.add('not-acceptable')
  return [...codes].sort()
}
