import { describe, expect, it } from 'vitest'
import { changesBetween } from './schema-diff.ts'

const table = (name: string, definition: string) => ({ kind: 'table', schema: 'public', name, definition })

describe('the difference between two schemas', () => {
  it('is what came, what went and what is otherwise, and nothing that is alike', () => {
    expect(changesBetween([table('a', 'x'), table('b', 'x'), table('c', 'x')], [table('a', 'x'), table('b', 'y'), table('d', 'x')])).toEqual([
      { change: 'changed', kind: 'table', schema: 'public', name: 'b', before: 'x', after: 'y' },
      { change: 'removed', kind: 'table', schema: 'public', name: 'c', before: 'x', after: null },
      { change: 'added', kind: 'table', schema: 'public', name: 'd', before: null, after: 'x' },
    ])
  })

  it('tells objects of one name in other schemas and of other kinds apart', () => {
    expect(changesBetween([table('a', 'x')], [{ ...table('a', 'x'), schema: 'other' }, { ...table('a', 'x'), kind: 'view' }])).toHaveLength(3)
  })
})
