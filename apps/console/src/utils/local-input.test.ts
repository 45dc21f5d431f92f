import { expect, it } from 'vitest'
import { fromLocalInput, toLocalInput } from './local-input.ts'

it('a time goes through the input and comes back the same', () => {
  for (const iso of ['2026-03-29T00:59:59.000Z', '2026-03-29T01:00:00.000Z', '2026-11-25T23:00:00.000Z'])
    expect(fromLocalInput(toLocalInput(iso))).toBe(iso)
})

it('what is no time is none', () => {
  expect(toLocalInput('')).toBe('')
  expect(toLocalInput('yesterday')).toBe('')
  expect(fromLocalInput('')).toBe('')
})
