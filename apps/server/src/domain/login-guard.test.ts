import { expect, it } from 'vitest'
import { createLoginGuard } from './login-guard.ts'

function world() {
  let now = 1_000_000
  const guard = createLoginGuard(() => now)
  return {
    wait: (seconds: number) => void (now += seconds * 1000),
    /** Fails; answers the seconds to wait when it was not even let through. */
    guess(email: string, address: string): number {
      const attempt = guard.attempt(email, address)
      return attempt.allowed ? 0 : attempt.retryAfter
    },
    knows(email: string, address: string): boolean {
      const attempt = guard.attempt(email, address)
      if (attempt.allowed)
        attempt.succeeded()
      return attempt.allowed
    },
  }
}

it('five mistakes cost nothing; then the wait doubles up to a minute', () => {
  const { guess, wait } = world()
  for (let index = 0; index < 5; index++)
    expect(guess('ada', '192.0.2.1')).toBe(0)
  const waits: number[] = []
  for (let index = 0; index < 8; index++) {
    const seconds = guess('ada', '192.0.2.1')
    waits.push(seconds)
    wait(seconds)
    expect(guess('ada', '192.0.2.1')).toBe(0)
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
})

it('tries during a wait do not prolong it', () => {
  const { guess, wait } = world()
  for (let index = 0; index < 10; index++)
    guess('ada', '192.0.2.1')
  const before = guess('ada', '192.0.2.1')
  for (let index = 0; index < 100; index++)
    guess('ada', '192.0.2.1')
  expect(guess('ada', '192.0.2.1')).toBe(before)
  wait(before)
  expect(guess('ada', '192.0.2.1')).toBe(0)
})

it('a right password forgives the mistakes before it', () => {
  const { guess, knows } = world()
  for (let index = 0; index < 4; index++)
    guess('ada', '192.0.2.1')
  expect(knows('ada', '192.0.2.1')).toBe(true)
  for (let index = 0; index < 5; index++)
    expect(guess('ada', '192.0.2.1')).toBe(0)
})

it('time forgives', () => {
  const { guess, wait } = world()
  for (let index = 0; index < 5; index++)
    guess('ada', '192.0.2.1')
  wait(600)
  for (let index = 0; index < 5; index++)
    expect(guess('ada', '192.0.2.1')).toBe(0)
})

it('guessing one person from many addresses is slowed down, and does not keep out who was there before', () => {
  const { guess, knows } = world()
  expect(knows('ada', '192.0.2.1')).toBe(true)
  const waits = Array.from({ length: 40 }, (_item, index) => guess('ada', `198.51.100.${index}`))
  expect(waits.filter(wait => wait === 0)).toHaveLength(20)
  expect(knows('ada', '192.0.2.1')).toBe(true)
  expect(knows('ada', '203.0.113.1')).toBe(false)
})

it('guessing many people from one address is slowed down', () => {
  const { guess } = world()
  const waits = Array.from({ length: 50 }, (_item, index) => guess(`person ${index}`, '192.0.2.1'))
  expect(waits.filter(wait => wait === 0)).toHaveLength(30)
})

it('an office that signs in all morning is not slowed down', () => {
  const { knows } = world()
  for (let index = 0; index < 500; index++)
    expect(knows(`person ${index}`, '192.0.2.1')).toBe(true)
})

it('an IPv6 network counts as one address, and its spellings are one', () => {
  const { guess } = world()
  const spellings = ['2001:db8::1', '2001:db8:0:0:5::', '2001:0db8:0000:0000:aaaa:bbbb:cccc:dddd']
  for (let index = 0; index < 5; index++)
    expect(guess('ada', spellings[index % 3]!)).toBe(0)
  expect(guess('ada', '2001:db8::ffff')).toBeGreaterThan(0)
  expect(guess('ada', '2001:db8:0:1::1')).toBe(0)
})

it('only the first refusal of a row is worth an audit entry', () => {
  const guard = createLoginGuard(() => 0)
  for (let index = 0; index < 5; index++)
    guard.attempt('ada', '192.0.2.1')
  const begins = Array.from({ length: 3 }, () => guard.attempt('ada', '192.0.2.1')).map(attempt => !attempt.allowed && attempt.begins)
  expect(begins).toEqual([true, false, false])
})
