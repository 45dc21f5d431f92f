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
    const seconds = waitOf(prefer)
    if (seconds === undefined || seconds <= 60)
      wait = seconds ?? 0
    else
      problems.push({ pointer: '#Prefer', detail: 'wait must be a whole number of seconds from 0 to 60' })
  }
  return { idempotencyKey, ifMatch, wait }
}

/** Seconds of the preference `wait` as RFC 7240 writes it; undefined without one, NaN for one that is no number. */
function waitOf(prefer: string | string[]): number | undefined {
  const preferences = [prefer].flat().join(',').split(',')
  const [wait] = preferences.map(preference => preference.split(';')[0]!).filter(preference => /^\s*wait\s*(?:=|$)/i.test(preference))
  if (wait === undefined)
    return undefined
  const [, digits] = /=\s*("?)(\d{1,4})\1\s*$/.exec(wait)?.slice(1) ?? []
  return Number(digits ?? Number.NaN)
}
