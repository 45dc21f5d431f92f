import type { Database, DatabaseCreate } from '@howdah/sdk'

type Policy = NonNullable<Database['backup']>
type PolicyChange = NonNullable<DatabaseCreate['backup']>

/** How a schedule is written that runs never, as in the command. */
const never = 'none'

/** Texts as they are typed; empty: as it is, or the server's default. */
export interface BackupDraft {
  schedule: string
  drillSchedule: string
  timeZone: string
  retentionDays: string
}

export function backupDraft(policy: Policy | null): BackupDraft {
  return policy
    ? { schedule: policy.schedule ?? never, drillSchedule: policy.drillSchedule ?? never, timeZone: policy.timeZone, retentionDays: String(policy.retentionDays) }
    : { schedule: '', drillSchedule: '', timeZone: '', retentionDays: '' }
}

/** Only what differs from before; undefined: nothing does. */
export function toPolicyChange(draft: BackupDraft, before: BackupDraft): PolicyChange | undefined {
  const isChanged = (name: keyof BackupDraft) => draft[name].trim() !== before[name] && draft[name].trim() !== ''
  const change = {
    ...(isChanged('schedule') && { schedule: draft.schedule.trim() === never ? null : draft.schedule.trim() }),
    ...(isChanged('drillSchedule') && { drillSchedule: draft.drillSchedule.trim() === never ? null : draft.drillSchedule.trim() }),
    ...(isChanged('timeZone') && { timeZone: draft.timeZone.trim() }),
    ...(isChanged('retentionDays') && { retentionDays: Number(draft.retentionDays) }),
  }
  return Object.keys(change).length > 0 ? change : undefined
}
