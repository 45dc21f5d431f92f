import { expect, it } from 'vitest'
import { keyStep, nearest, place, ticksOf, viewAround } from './timeline.ts'

const whole = { from: Date.parse('2026-11-20T00:00:00Z'), to: Date.parse('2026-11-27T00:00:00Z') }
const hour = 3_600_000

it('shows all of it with room at both ends, so that the ends can be pointed at', () => {
  const view = viewAround(whole, whole.to)
  expect(place(whole.from, view)).toBeGreaterThan(0)
  expect(place(whole.to, view)).toBeLessThan(100)
})

it('a part has the chosen time in it, and never lies outside of what there is', () => {
  expect(viewAround(whole, whole.from + 50 * hour, hour)).toEqual({ from: whole.from + 49.5 * hour, to: whole.from + 50.5 * hour })
  const last = viewAround(whole, whole.to, hour)
  expect(last.to - last.from).toBe(hour)
  expect(place(whole.to, last)).toBeLessThanOrEqual(100)
})

it('a part that is longer than the whole is the whole', () => {
  expect(viewAround({ from: 0, to: 1000 }, 500, hour)).toEqual(viewAround({ from: 0, to: 1000 }, 500))
})

it('the axis has few, round, ascending times, however long it is', () => {
  for (const length of [3000, 60_000, hour, 24 * hour, 7 * 24 * hour, 400 * 24 * hour]) {
    const view = { from: whole.from + 1234, to: whole.from + 1234 + length }
    const ticks = ticksOf(view, 6)
    expect(ticks.length).toBeLessThanOrEqual(7)
    expect(ticks.length).toBeGreaterThan(0)
    expect(ticks.every(tick => tick >= view.from && tick <= view.to && tick % 1000 === 0)).toBe(true)
  }
})

it('an arrow moves by whole seconds, at least one', () => {
  expect(keyStep({ from: 0, to: 10_000 })).toBe(1000)
  expect(keyStep({ from: 0, to: 24 * hour }) % 1000).toBe(0)
})

it('a mark is taken when it is near, and else the time itself', () => {
  const marks = [{ time: 100 }, { time: 200 }]
  expect(nearest(marks, 190, 20)).toEqual({ time: 200 })
  expect(nearest(marks, 150, 20)).toBeUndefined()
  expect(nearest([], 150, 20)).toBeUndefined()
})
