import type { StoredWindow } from '../store/schema.ts'
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { changedWindow, defaultWindow, nextInWindow } from './maintenance-window.ts'

const window: StoredWindow = { days: ['wednesday', 'sunday'], start: '23:30', durationMinutes: 60, timeZone: 'Europe/Berlin' }
const next = (now: string, change: Partial<StoredWindow> = {}) => nextInWindow({ ...window, ...change }, new Date(now)).toISOString()

describe('what waits for the window begins', () => {
  it.each([
    ['on the next of its days, in its time zone', '2026-01-05T12:00:00Z', '2026-01-07T22:30:00.000Z'],
    ['at once, while it is open', '2026-01-07T22:45:00Z', '2026-01-07T22:45:00.000Z'],
    ['at once, after midnight too', '2026-01-07T23:15:00Z', '2026-01-07T23:15:00.000Z'],
    ['not any more when it has just closed', '2026-01-07T23:30:00Z', '2026-01-11T22:30:00.000Z'],
    ['at the same hour of the wall clock in summer', '2026-07-06T12:00:00Z', '2026-07-08T21:30:00.000Z'],
  ])('%s', (_, now, expected) => {
    expect(next(now)).toBe(expected)
  })

  it('at the end of the hour that the clock leaves out, where that is its own', () => {
    expect(next('2026-03-28T12:00:00Z', { start: '02:30' })).toBe('2026-03-29T01:00:00.000Z')
  })

  it('at once in a window that never closes', () => {
    expect(next('2026-01-05T12:34:00Z', { days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'], durationMinutes: 1440 })).toBe('2026-01-05T12:34:00.000Z')
  })
})

describe('a window', () => {
  it('is one of the hours of the night by default, and opens within a week', () => {
    for (const id of Array.from({ length: 50 }, () => randomUUID())) {
      const own = defaultWindow(id)
      expect(own).toEqual({ days: [expect.any(String)], start: expect.stringMatching(/^0[1-5]:00$/), durationMinutes: 60, timeZone: 'UTC' })
      const now = new Date()
      expect(nextInWindow(own, now).getTime() - now.getTime()).toBeLessThanOrEqual(7 * 86_400_000)
    }
  })

  it('keeps what is not named, and its days in the order of the week', () => {
    expect(changedWindow(window, { days: ['sunday', 'monday'] })).toEqual({ ...window, days: ['monday', 'sunday'] })
  })

  it('is in a time zone that there is', () => {
    expect(() => changedWindow(window, { timeZone: 'Mars/Olympus' })).toThrowError(expect.objectContaining({ code: 'invalid', errors: [{ pointer: '/maintenanceWindow/timeZone', detail: expect.stringContaining('Europe/Berlin') }] }))
  })
})
