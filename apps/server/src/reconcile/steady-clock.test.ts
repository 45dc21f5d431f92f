import { beforeEach, expect, it } from 'vitest'
import { SteadyClock } from './steady-clock.ts'

let now: number
let elapsed: number
let clock: SteadyClock
beforeEach(() => {
  now = Date.UTC(2026, 0, 1)
  elapsed = 0
  clock = new SteadyClock(() => now, () => elapsed)
})

function pass(ms: number, moved = 0): void {
  elapsed += ms
  now += ms + moved
}

it('a clock that goes on as time does is steady, also one that is set right by a little', () => {
  pass(10_000)
  expect(clock.look()).toEqual({ isSteady: true, leapMs: 0 })
  pass(7_200_000, 500)
  expect(clock.look()).toEqual({ isSteady: true, leapMs: 0 })
})

it('one that is moved ahead is not, for an hour', () => {
  pass(10_000, 30 * 86_400_000)
  expect(clock.look()).toEqual({ isSteady: false, leapMs: 30 * 86_400_000 })
  pass(3_590_000)
  expect(clock.look()).toEqual({ isSteady: false, leapMs: 0 })
  pass(10_000)
  expect(clock.look()).toEqual({ isSteady: true, leapMs: 0 })
})

it('one that is set back makes nothing old, and to set it right afterwards is a leap', () => {
  pass(10_000, -86_400_000)
  expect(clock.look().isSteady).toBe(true)
  pass(10_000, 86_400_000)
  expect(clock.look().isSteady).toBe(false)
})
