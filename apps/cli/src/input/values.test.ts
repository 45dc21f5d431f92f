import { expect, it } from 'vitest'
import { UsageError } from '../usage-error.ts'
import { duration, gibibytes, integer, mebibytes, moment } from './values.ts'

it('sizes have the unit of their field unless they name one', () => {
  expect([gibibytes('10'), gibibytes('10Gi'), gibibytes('2TiB'), gibibytes('512MiB')]).toEqual([10, 10, 2048, 0.5])
  expect([mebibytes('512'), mebibytes('2GiB'), mebibytes('1.5Gi')]).toEqual([512, 2048, 1536])
})

it('durations have a unit', () => {
  expect([duration('500ms'), duration('1.5s'), duration('10m'), duration('2h'), duration('7d')]).toEqual([500, 1500, 600_000, 7_200_000, 604_800_000])
})

it('a moment is a time, or a duration ago', () => {
  const now = Date.parse('2026-01-02T12:00:00Z')
  expect(moment('2h', now)).toBe('2026-01-02T10:00:00.000Z')
  expect(moment('2026-01-01T00:00:00+02:00', now)).toBe('2025-12-31T22:00:00.000Z')
})

it.each([
  ['integer', integer, ['1.5', '', 'ten', '1e3', ' 1']],
  ['size', gibibytes, ['', 'GiB', '10 GiB', '10GB', '-1', '1e3']],
  ['duration', duration, ['', '10', 'm', '10 m', '10min']],
  ['moment', (text: string) => moment(text, 0), ['', 'yesterday-ish', '10']],
] as const)('what is no %s is refused', (_, parse, words) => {
  for (const word of words)
    expect(() => parse(word), word).toThrow(UsageError)
})
