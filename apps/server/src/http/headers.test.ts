import type { FieldError } from '../domain/errors.ts'
import { endpoints } from '@howdah/contract'
import { describe, expect, it } from 'vitest'
import { parseHeaders } from './headers.ts'

const { 'databases.create': create, 'databases.update': update, 'databases.get': get } = endpoints

function parse(endpoint: Parameters<typeof parseHeaders>[0], headers: Record<string, string>) {
  const problems: FieldError[] = []
  return { ...parseHeaders(endpoint, headers, problems), problems }
}
const nothing = { idempotencyKey: undefined, ifMatch: undefined, wait: 0, problems: [] }

it('without headers nothing is asked', () => {
  expect(parse(create, {})).toEqual(nothing)
})

it('an endpoint ignores headers that it does not take, right or wrong', () => {
  expect(parse(get, { 'idempotency-key': 'a b', 'if-match': 'x', 'prefer': 'wait=x' })).toEqual(nothing)
})

describe('Idempotency-Key', () => {
  it.each(['a', 'a'.repeat(128), '3f0c-~!"#'])('%j is one', (key) => {
    expect(parse(create, { 'idempotency-key': key })).toEqual({ ...nothing, idempotencyKey: key })
  })
  it.each(['', 'a'.repeat(129), 'a b', 'ä', 'a, b'])('%j is none', (key) => {
    expect(parse(create, { 'idempotency-key': key }).problems).toMatchObject([{ pointer: '#Idempotency-Key' }])
  })
})

describe('If-Match', () => {
  it('is the generation that an ETag names', () => {
    expect(parse(update, { 'if-match': '"17"' })).toEqual({ ...nothing, ifMatch: 17 })
  })
  it('* is whatever there is', () => {
    expect(parse(update, { 'if-match': '*' })).toEqual(nothing)
  })
  it.each(['17', 'W/"17"', '""', '"x"', '"1", "2"', '"-1"', `"${'9'.repeat(16)}"`])('%j is none', (etag) => {
    expect(parse(update, { 'if-match': etag }).problems).toMatchObject([{ pointer: '#If-Match' }])
  })
})

describe('Prefer', () => {
  it.each([['wait=0', 0], ['wait=60', 60], ['respond-async, wait=5', 5], ['Wait=7', 7], ['wait = 7', 7], ['wait="7"', 7], ['wait=5; foo=bar', 5]])('%j waits %i s', (value, wait) => {
    expect(parse(create, { prefer: value })).toEqual({ ...nothing, wait })
  })
  it.each(['wait=61', 'wait=-1', 'wait=', 'wait=x', 'wait=1.5', 'wait'])('%j is refused', (value) => {
    expect(parse(create, { prefer: value }).problems).toMatchObject([{ pointer: '#Prefer' }])
  })
  it('other preferences are ignored, as RFC 7240 has it', () => {
    expect(parse(create, { prefer: 'return=minimal' })).toEqual(nothing)
  })
})
