import { expect, it } from 'vitest'
import { backupDraft, toPolicyChange } from './backup-draft.ts'

const nightly = { schedule: '30 2 * * *', drillSchedule: '0 6 * * 0', timeZone: 'Europe/Berlin', retentionDays: 7 }

it('what was not touched is not asked for', () => {
  expect(toPolicyChange(backupDraft(nightly), backupDraft(nightly))).toBeUndefined()
  expect(toPolicyChange(backupDraft(null), backupDraft(null))).toBeUndefined()
})

it('a schedule that runs never goes to the form and back', () => {
  const without = backupDraft({ ...nightly, schedule: null })
  expect(without.schedule).toBe('none')
  expect(toPolicyChange(without, backupDraft(nightly))).toEqual({ schedule: null })
  expect(toPolicyChange(backupDraft(nightly), without)).toEqual({ schedule: '30 2 * * *' })
})

it('one field is changed without the others', () => {
  expect(toPolicyChange({ ...backupDraft(nightly), retentionDays: '30' }, backupDraft(nightly))).toEqual({ retentionDays: 30 })
})
