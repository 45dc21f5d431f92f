import type { Backup } from '@howdah/sdk'
import type { Moment } from './moment.ts'
import { localTime, utcTime } from './format.ts'

/** What the new database will hold, in words. */
export function momentText({ kind, value }: Moment, backups: readonly Backup[] = []): string {
  switch (kind) {
    case 'latest': return 'Everything that is committed when the restore begins.'
    case 'at': return value ? `Every commit up to ${localTime(value)} (${utcTime(value)}), and none after it.` : 'Enter a time.'
    case 'lsn': return value ? `All that was written before the position ${value} in the WAL.` : 'Enter a position, as pg_current_wal_lsn() says it.'
    case 'name': return `Every commit before the restore point ${value}.`
    case 'backup': {
      const at = backups.find(({ id }) => id === value)?.finishedAt
      return at ? `Every commit until this backup was finished, ${localTime(at)}.` : 'Every commit until this backup was finished.'
    }
  }
}
