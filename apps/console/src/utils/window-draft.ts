import type { Database, DatabaseCreate } from '@howdah/sdk'

type Window = Database['maintenanceWindow']
export type Weekday = Window['days'][number]

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const satisfies readonly Weekday[]

/** As it is typed and ticked; empty: as it is, or the server's default. */
export interface WindowDraft {
  days: Weekday[]
  start: string
  durationMinutes: string
  timeZone: string
}

export function windowDraft(window: Window | null): WindowDraft {
  return window
    ? { days: [...window.days], start: window.start, durationMinutes: String(window.durationMinutes), timeZone: window.timeZone }
    : { days: [], start: '', durationMinutes: '', timeZone: '' }
}

/** Only what differs from before; undefined: nothing does. */
export function toWindowChange(draft: WindowDraft, before: WindowDraft): DatabaseCreate['maintenanceWindow'] {
  const isChanged = (name: 'start' | 'durationMinutes' | 'timeZone') => draft[name].trim() !== before[name] && draft[name].trim() !== ''
  // In the order of the week, whatever was ticked first.
  const days = weekdays.filter(day => draft.days.includes(day))
  const change = {
    ...(days.length > 0 && days.join() !== before.days.join() && { days }),
    ...(isChanged('start') && { start: draft.start.trim() }),
    ...(isChanged('durationMinutes') && { durationMinutes: Number(draft.durationMinutes) }),
    ...(isChanged('timeZone') && { timeZone: draft.timeZone.trim() }),
  }
  return Object.keys(change).length > 0 ? change : undefined
}
