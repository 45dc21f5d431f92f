import type { Client } from 'pg'
import { archiveComplaint } from './archive-complaint.ts'

/** How archiving goes, as the server itself sees it. */
export interface ArchiveHealth {
  /** The file that was last refused, undefined while all goes well. */
  readonly stuckAt: string | undefined
  /** Why, where that is known. */
  readonly complaint: string | undefined
  /** Finished WAL files that are not in the archive yet. */
  readonly waiting: number
}

export async function readArchiveHealth(client: Client, logFolder: string): Promise<ArchiveHealth> {
  const { rows: [row] } = await client.query<{ stuck: string | null, waiting: number }>(`
    select case when last_failed_time > coalesce(last_archived_time, '-infinity') then last_failed_wal end as stuck,
      (select count(*)::int from pg_ls_archive_statusdir() where name like '%.ready') as waiting
    from pg_stat_archiver`)
  const stuckAt = row?.stuck ?? undefined
  return { stuckAt, complaint: stuckAt && await archiveComplaint(logFolder, stuckAt), waiting: row?.waiting ?? 0 }
}
