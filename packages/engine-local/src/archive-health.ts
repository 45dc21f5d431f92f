import type { Client } from 'pg'
import type { ArchiveRoom } from './archive-room.ts'
import type { DatabasePaths } from './paths.ts'
import { archiveComplaint } from './archive-complaint.ts'
import { archiveRoom } from './archive-room.ts'

/** How archiving goes, as the server itself sees it. */
export interface ArchiveHealth {
  /** The file that was last refused, undefined while all goes well. */
  readonly stuckAt: string | undefined
  /** Why, where that is known. */
  readonly complaint: string | undefined
  /** Finished WAL files that are not in the archive yet. */
  readonly waiting: number
  /** Undefined while all goes well. */
  readonly room: ArchiveRoom | undefined
}

export async function readArchiveHealth(client: Client, { data, log }: Pick<DatabasePaths, 'data' | 'log'>): Promise<ArchiveHealth> {
  const { rows: [row] } = await client.query<{ stuck: string | null, waiting: number }>(`
    select case when last_failed_time > coalesce(last_archived_time, '-infinity') then last_failed_wal end as stuck,
      (select count(*)::int from pg_ls_archive_statusdir() where name like '%.ready') as waiting
    from pg_stat_archiver`)
  const stuckAt = row?.stuck ?? undefined
  const waiting = row?.waiting ?? 0
  if (stuckAt === undefined)
    return { stuckAt, complaint: undefined, waiting, room: undefined }
  return { stuckAt, complaint: await archiveComplaint(log, stuckAt), waiting, room: await archiveRoom(data, waiting) }
}
