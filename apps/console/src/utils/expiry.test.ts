import { expect, it } from 'vitest'
import { expiryIn, lifetimeFlag, lifetimes } from './expiry.ts'

const now = Date.parse('2026-11-25T12:00:00Z')

it('what is offered reads the same on the command line, also a moment later', () => {
  expect(lifetimes.map(({ hours }) => lifetimeFlag(expiryIn(hours, now), now + 900))).toEqual(['1h', '1d', '7d', '30d'])
})

it('an odd time is said in minutes, and what is over as soon as can be', () => {
  expect(lifetimeFlag('2026-11-25T13:35:00Z', now)).toBe('95m')
  expect(lifetimeFlag('2026-11-25T11:00:00Z', now)).toBe('1m')
})
