import { expect, it } from 'vitest'
import { toWindowChange, windowDraft } from './window-draft.ts'

const window = windowDraft({ days: ['sunday'], start: '03:00', durationMinutes: 60, timeZone: 'UTC' })

it('sends only what differs, days in the order of the week', () => {
  expect(toWindowChange(window, window)).toBeUndefined()
  expect(toWindowChange({ ...window, days: ['sunday', 'monday'], durationMinutes: '90' }, window)).toEqual({ days: ['monday', 'sunday'], durationMinutes: 90 })
})

it('leaves to the server what was not filled in', () => {
  const empty = windowDraft(null)
  expect(toWindowChange(empty, empty)).toBeUndefined()
  expect(toWindowChange({ ...empty, start: '04:30' }, empty)).toEqual({ start: '04:30' })
  expect(toWindowChange({ ...window, days: [] }, window)).toBeUndefined()
})
