import { expect, it } from 'vitest'
import { age, bytes, elapsed, printable } from './format.ts'

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [512 * 1024 ** 2, '512 MiB'],
  [10 * 1024 ** 3, '10 GiB'],
  [1.25 * 1024 ** 4, '1.3 TiB'],
])('%i bytes read as %s', (count, text) => expect(bytes(count)).toBe(text))

it.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1000, '1 s'],
  [12_340, '12.3 s'],
  [59_960, '1m'],
  [75_000, '1m 15s'],
  [3_600_000, '1h'],
  [90_061_000, '1d 1h'],
])('%i ms read as %s', (ms, text) => expect(elapsed(ms)).toBe(text))

it.each([
  [-5, '0s'],
  [119, '119s'],
  [120, '2m'],
  [7_200, '2h'],
  [172_800, '2d'],
])('%i seconds ago read as %s', (seconds, text) => {
  const now = Date.parse('2026-01-02T00:00:00Z')
  expect(age(new Date(now - seconds * 1000).toISOString(), now)).toBe(text)
})

it('control characters are shown, and tabs and line ends stay', () => {
  expect(printable('a\tb\nc\u001B[2J\u009B1m\u0000')).toBe('a\tb\nc␛[2J␡1m␀')
})
