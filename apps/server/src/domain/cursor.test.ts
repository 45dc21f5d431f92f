import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCursor, decodePosition, encodeCursor, pageOf } from './cursor.ts'
import { AppError } from './errors.ts'

it('a cursor gives back its key and is safe in a URL', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }).filter(text => !text.includes('\0')), (key) => {
    const cursor = encodeCursor(key)
    expect(cursor).toMatch(/^[\w-]*$/)
    expect(decodeCursor(cursor)).toBe(key)
  }))
})

describe('what is no cursor of ours is refused as the parameter that it is', () => {
  const foreign = ['', 'x', '!!!', 'v1:orders', Buffer.from('v2:orders').toString('base64url'), Buffer.from('v1:a\0b').toString('base64url'), 'A'.repeat(512)]
  it.each(foreign)('%j', (cursor) => {
    expect(() => decodeCursor(cursor)).toThrow(AppError)
    try {
      decodeCursor(cursor)
    }
    catch (error) {
      expect(error).toMatchObject({ code: 'invalid', errors: [{ pointer: '?cursor' }] })
    }
  })
  it.each(['orders', '-1', '1.5', '1e3', '9'.repeat(16), ''])('a position of %j', (key) => {
    expect(() => decodePosition(encodeCursor(key))).toThrow(AppError)
  })
})

it('no cursor begins at the beginning', () => {
  expect(decodeCursor(undefined)).toBeUndefined()
  expect(decodePosition(undefined)).toBeUndefined()
})

describe('pageOf', () => {
  it('cuts the row too many and says where the next page begins', () => {
    expect(pageOf(['a', 'b', 'c'], 2, row => `after ${row}`)).toEqual({ rows: ['a', 'b'], nextCursor: 'after b' })
  })
  it('a page that is just full is the last one', () => {
    expect(pageOf(['a', 'b'], 2, String)).toEqual({ rows: ['a', 'b'], nextCursor: null })
    expect(pageOf([], 2, String)).toEqual({ rows: [], nextCursor: null })
  })
})
