import type { Endpoint } from '@howdah/contract'
import type { IncomingHttpHeaders } from 'node:http'
import type { FieldError } from '../domain/errors.ts'

export interface ParsedHeaders {
  readonly idempotencyKey: string | undefined
  readonly ifMatch: number | undefined
  readonly wait: number
}

/** Reads the headers that the endpoint takes; the rest is ignored, as HTTP has it. */
export function parseHeaders(endpoint: Endpoint, headers: IncomingHttpHeaders, problems: FieldError[]): ParsedHeaders {
  let idempotencyKey: string | undefined
  let ifMatch: number | undefined
  let wait = 0
  const key = headers['idempotency-key']
  if (endpoint.idempotent && key !== undefined) {
    if (typeof key === 'string' && /^[\x21-\x7E]{1,128}$/.test(key))
      idempotencyKey = key
    else
      problems.push({ pointer: '#Idempotency-Key', detail: 'Must be 1 to 128 visible ASCII characters' })
  }
  const match = headers['if-match']
  if (endpoint.ifMatch && match !== undefined && match !== '*') {
    const parsed = /^"(\d{1,15})"$/.exec(match)
    if (parsed)
      ifMatch = Number(parsed[1])
    else
      problems.push({ pointer: '#If-Match', detail: 'Must be the ETag of a GET, such as "3", or *' })
  }
  const prefer = headers.prefer
  if (endpoint.wait && prefer !== undefined) {
    const preference = (Array.isArray(prefer)
      ? prefer.join(',')
      : prefer).split(',').map(part => part.trim()).find(part => part.startsWith('wait='))
    const seconds = Number(preference?.slice('wait='.length))
    if (preference !== undefined && !(Number.isInteger(seconds) && seconds >= 0 && seconds <= 60))
      problems.push({ pointer: '#Prefer', detail: 'wait must be a whole number of seconds from 0 to 60' })
    else if (preference !== undefined)
      wait = seconds
  }
  return { idempotencyKey, ifMatch, wait }
}
