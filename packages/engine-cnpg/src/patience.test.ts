import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Patience } from './patience.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => vi.useRealTimers())

it('is over when it has lasted, and begins anew for what went on meanwhile or was forgotten', () => {
  const patience = new Patience(1000)
  expect(patience.isOver('a')).toBe(false)
  vi.advanceTimersByTime(1001)
  expect(patience.isOver('b')).toBe(false)
  expect(patience.isOver('a')).toBe(true)
  expect(patience.isOver('a', false)).toBe(false)
  expect(patience.isOver('a')).toBe(false)
  vi.advanceTimersByTime(1001)
  patience.forget('a')
  expect(patience.isOver('a')).toBe(false)
})
