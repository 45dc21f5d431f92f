import type { MaintenanceWindowChange } from '@howdah/contract'
import type { StoredWindow } from '../store/schema.ts'
import { weekdays } from '@howdah/contract'
import { Cron } from 'croner'
import { invalid } from './errors.ts'
import { isTimeZone } from './time-zone.ts'

/** An hour of one night of the week, each database at a time of its own. */
export function defaultWindow(id: string): StoredWindow {
  const number = Number.parseInt(id.slice(0, 8), 16)
  return { days: [weekdays[number % 7]!], start: `0${1 + number % 5}:00`, durationMinutes: 60, timeZone: 'UTC' }
}

/** The window with what was asked for, checked. */
export function changedWindow(before: StoredWindow, change: MaintenanceWindowChange): StoredWindow {
  const after = { ...before, ...change }
  if (!isTimeZone(after.timeZone))
    throw invalid('/maintenanceWindow/timeZone', `There is no time zone "${after.timeZone}"; write it like Europe/Berlin`)
  return { ...after, days: weekdays.filter(day => after.days.includes(day)) }
}

/** When something may begin that waits for the window: now, where it is open, otherwise when it opens next. */
export function nextInWindow({ days, start, durationMinutes, timeZone }: StoredWindow, now: Date): Date {
  const [hour, minute] = start.split(':').map(Number)
  const openings = new Cron(`${minute} ${hour} * * ${days.map(day => day.slice(0, 3)).join(',')}`, { mode: '5-part', timezone: timeZone })
  // The first one that is not over.
  const opening = openings.nextRun(new Date(now.getTime() - durationMinutes * 60_000))
  if (!opening)
    throw new Error(`a window that never opens: ${days.join()} ${start} ${timeZone}`)
  return opening > now ? opening : now
}
