import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoteIdentifier, quoteLiteral } from './sql.ts'

describe('text in SQL', () => {
  it('is quoted', () => {
    expect(quoteIdentifier('a"b')).toBe('"a""b"')
    expect(quoteLiteral('it\'s')).toBe('\'it\'\'s\'')
    expect(quoteLiteral('a\\\'b')).toBe(' E\'a\\\\\'\'b\'')
  })

  it('is refused where PostgreSQL would cut it or cannot store it', () => {
    for (const name of ['', 'a\0b', 'x'.repeat(64), 'ü'.repeat(32)])
      expect(() => quoteIdentifier(name)).toThrow(/1 to 63 bytes/)
    expect(() => quoteLiteral('a\0b')).toThrow(/NUL/)
  })

  it('never ends its own quotes', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 15 }).filter(text => text !== '' && Buffer.byteLength(text) <= 63 && !text.includes('\0')), (text) => {
      expect(quoteIdentifier(text).slice(1, -1).replaceAll('""', '')).not.toContain('"')
      const literal = quoteLiteral(text)
      const inside = literal.slice(literal.indexOf('\'') + 1, -1)
      expect(inside.replaceAll('\'\'', '')).not.toContain('\'')
    }))
  })
})
