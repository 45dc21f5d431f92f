import type { Database } from '@howdah/sdk'
import { count } from './format.ts'

/** What a delete takes, and for how long it could be brought back: its archive stays for the retention. */
export function deletionText({ backup }: Pick<Database, 'backup'>): string {
  return backup
    ? `The database and its data are deleted. Its backups are kept for ${count(backup.retentionDays, 'day')}: until then it can be restored, after that never.`
    : 'The database and all its data are deleted. This cannot be undone.'
}
