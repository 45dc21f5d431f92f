import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { throttled } from './throttled.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('a burst is one call at once and one at the end, and quiet makes the next one immediate', () => {
  let calls = 0
  const ask = throttled(() => calls++, 1000)
  ask()
  vi.advanceTimersByTime(0)
  expect(calls).toBe(1)
  for (let count = 0; count < 50; count++) {
    ask()
    vi.advanceTimersByTime(10)
  }
  expect(calls).toBe(1)
  vi.advanceTimersByTime(500)
  expect(calls).toBe(2)
  vi.advanceTimersByTime(5000)
  expect(calls).toBe(2)
  ask()
  vi.advanceTimersByTime(0)
  expect(calls).toBe(3)
})
