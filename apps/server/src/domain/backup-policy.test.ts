import { describe, expect, it } from 'vitest'
import { changedPolicy, defaultPolicy, nextBackupAt, nextDrillAt } from './backup-policy.ts'

const nightly = { schedule: '30 2 * * *', drillSchedule: '0 6 * * 0', timeZone: 'Europe/Berlin', retentionDays: 7 }

describe('the next backup', () => {
  it.each([
    ['in winter', '2026-01-10T12:00:00Z', '2026-01-11T01:30:00.000Z'],
    ['in summer', '2026-07-10T12:00:00Z', '2026-07-11T00:30:00.000Z'],
    ['in the night when 2:30 does not exist, as soon as there is a time again', '2026-03-28T12:00:00Z', '2026-03-29T01:00:00.000Z'],
  ])('is when the clock on the wall says so: %s', (_, after, at) => {
    expect(nextBackupAt(nightly, new Date(after))?.toISOString()).toBe(at)
  })

  it('and the next drill is never without a schedule', () => {
    expect(nextDrillAt(nightly, new Date('2026-01-10T12:00:00Z'))?.toISOString()).toBe('2026-01-11T05:00:00.000Z')
    expect(nextDrillAt({ ...nightly, drillSchedule: null }, new Date())).toBeNull()
    expect(nextBackupAt({ ...nightly, schedule: null }, new Date())).toBeNull()
  })

  it('of a database that nobody asked about is at night, each at its own minute', () => {
    const policies = Array.from({ length: 200 }, () => defaultPolicy(crypto.randomUUID()))
    expect(new Set(policies.map(({ schedule }) => schedule)).size).toBeGreaterThan(20)
    for (const policy of policies)
      expect([1, 2, 3, 4, 5]).toContain(nextBackupAt(policy, new Date())?.getUTCHours())
  })
})

describe('a policy', () => {
  it('changes in what is named', () => {
    expect(changedPolicy(nightly, { retentionDays: 30 })).toEqual({ ...nightly, retentionDays: 30 })
    expect(changedPolicy(nightly, { schedule: null })).toEqual({ ...nightly, schedule: null })
  })

  it.each([['61 2 * * *'], ['* * * * * *'], ['every night'], ['0 0 31 2 *'], ['@daily; drop table']])('refuses the schedule %s', (schedule) => {
    expect(() => changedPolicy(nightly, { schedule })).toThrow(expect.objectContaining({ errors: [expect.objectContaining({ pointer: '/backup/schedule' })] }))
  })

  it('of an archive from before there were drills has none', () => {
    const before = { schedule: nightly.schedule, timeZone: nightly.timeZone, retentionDays: 7 } as typeof nightly
    expect(changedPolicy(before, { retentionDays: 30 }).drillSchedule).toBeNull()
    expect(() => changedPolicy(nightly, { drillSchedule: 'weekly' })).toThrow(expect.objectContaining({ errors: [expect.objectContaining({ pointer: '/backup/drillSchedule' })] }))
  })

  it('refuses a time zone that is none', () => {
    expect(() => changedPolicy(nightly, { timeZone: 'Mars/Olympus' })).toThrow(expect.objectContaining({ errors: [expect.objectContaining({ pointer: '/backup/timeZone' })] }))
  })
})
