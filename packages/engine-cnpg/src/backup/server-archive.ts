import type { Database } from '../database.ts'
import type { ArchiveView } from './archive.ts'
import { maintenanceDatabase, segmentOf } from '@howdah/postgres'

/** The archive of a Cluster that Git owns: its bucket is not ours to open, so what is in it is what the server says that writes it. */
export class ServerArchive implements ArchiveView {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** A server archives in the order in which it writes; what a primary before it wrote is before all that is its own. */
  async hasSegment(name: string): Promise<boolean> {
    const [row] = await this.#db.asSuperuser(maintenanceDatabase, async session =>
      await session.query<{ last: string | null }>('select last_archived_wal as last from pg_stat_archiver'))
    // The last one may be the label of a backup, which is named after a segment, or the history of a timeline.
    const [last, asked] = [segmentOf((row?.last ?? '').slice(0, 24)), segmentOf(name)]
    return last !== undefined && asked !== undefined && last.number >= asked.number
  }

  async sizeOf(): Promise<null> {
    return null
  }
}
