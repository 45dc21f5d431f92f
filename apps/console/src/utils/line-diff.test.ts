import { expect, it } from 'vitest'
import { lineDiff } from './line-diff.ts'

const shown = (before: string, after: string) => lineDiff(before, after).map(({ kind, text }) => `${{ same: ' ', added: '+', removed: '-' }[kind]}${text}`)

it.each([
  ['a\nb\nc', 'a\nx\nc', [' a', '-b', '+x', ' c']],
  ['a\nb', 'a\nb', [' a', ' b']],
  ['', 'a', ['+a']],
  ['a', '', ['-a']],
  ['a\nb\nc', 'b\nc\nd', ['-a', ' b', ' c', '+d']],
  ['', '', []],
])('%j → %j', (before, after, expected) => {
  expect(shown(before, after)).toEqual(expected)
})
