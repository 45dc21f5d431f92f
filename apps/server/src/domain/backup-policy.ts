import type { BackupPolicyChange } from '@howdah/contract'
import type { StoredBackupPolicy } from '../store/schema.ts'
import { Cron } from 'croner'
import { invalid } from './errors.ts'
import { isTimeZone } from './time-zone.ts'

const defaultRetentionDays = 7
/** A database that was just made is left alone for so long: its first minute belongs to whoever made it. */
const firstAfterMs = 60_000

/** A backup every night and a drill every week, each database at a time of its own, so that they do not all begin at once. */
export function defaultPolicy(id: string): StoredBackupPolicy {
  const number = Number.parseInt(id.slice(0, 8), 16)
  return { schedule: `${number % 60} ${1 + number % 5} * * *`, drillSchedule: `${number % 60} ${6 + number % 12} * * ${number % 7}`, timeZone: 'UTC', retentionDays: defaultRetentionDays }
}

/** The policy with what was asked for, checked. */
export function changedPolicy(before: StoredBackupPolicy, change: BackupPolicyChange): StoredBackupPolicy {
  // Archives that were kept from before there were drills say nothing of them.
  const after = { ...before, drillSchedule: before.drillSchedule ?? null, ...change }
  if (!isTimeZone(after.timeZone))
    throw invalid('/backup/timeZone', `There is no time zone "${after.timeZone}"; write it like Europe/Berlin`)
  for (const field of ['schedule', 'drillSchedule'] as const) {
    const schedule = after[field]
    if (schedule !== null && !isSchedule(schedule))
      throw invalid(`/backup/${field}`, 'Must be five fields of cron that come true some day, such as 30 2 * * *')
  }
  return after
}

/** When the first backup of a new database is due: soon, because nothing can be restored before it. */
export function firstBackupAt(now: Date): Date {
  return new Date(now.getTime() + firstAfterMs)
}

export function nextBackupAt({ schedule, timeZone }: StoredBackupPolicy, after: Date): Date | null {
  return schedule === null ? null : cronOf(schedule, timeZone).nextRun(after)
}

export function nextDrillAt({ drillSchedule, timeZone }: StoredBackupPolicy, after: Date): Date | null {
  return drillSchedule === null ? null : cronOf(drillSchedule, timeZone).nextRun(after)
}

function isSchedule(schedule: string): boolean {
  try {
    return cronOf(schedule, 'UTC').nextRun() !== null
  }
  catch {
    // The parser throws for what it cannot read; why, is in the words of its own.
    return false
  }
}

function cronOf(schedule: string, timezone: string): Cron {
  return new Cron(schedule, { mode: '5-part', timezone })
}
