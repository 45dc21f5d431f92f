import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { compile } from './validation.ts'

const time = compile(Type.Object({ at: Type.String({ format: 'date-time' }) }), 'body')
const free = compile(Type.Object({}, { additionalProperties: true }), 'body')
const query = compile(Type.Object({ actor: Type.String() }), 'query')

describe('times', () => {
  it.each(['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.123456+02:00', '0001-01-01T00:00:00Z'])('%s is one', (at) => {
    expect(time({ at })).toEqual([])
  })
  it.each(['2026-02-30T12:00:00Z', '2026-01-31', '1990-12-31T23:59:60Z', 'tomorrow', ''])('"%s" is none', (at) => {
    expect(time({ at })).toMatchObject([{ pointer: '/at' }])
  })
})

describe('texts that the store cannot hold', () => {
  it.each([
    [{ a: 'x\0y' }, '/a'],
    [{ a: ['ok', { 'b/c': '\uD800' }] }, '/a/1/b~1c'],
    [{ a: { '\0': 1 } }, '/a'],
  ])('%j is refused at %s', (body, pointer) => {
    expect(free(body)).toMatchObject([{ pointer }])
  })
  it('is told as a parameter of the query', () => {
    expect(query({ actor: '\0' })).toMatchObject([{ pointer: '?actor' }])
  })
  it('are no others: emoji, controls and unassigned characters pass', () => {
    expect(free({ a: '🐘 \u0001 \uFFFE' })).toEqual([])
  })
})
