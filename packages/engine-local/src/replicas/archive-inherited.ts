import type { Database } from '../database.ts'
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { segmentOf } from '@howdah/postgres'
import { archiveOf } from '../archive-site.ts'
import { archivedNames } from '../backup/wal-archive.ts'
import { hasCode } from '../files.ts'

/**
 * WAL that the old primary had finished and not archived yet is on its replicas too, where it counts as done. Let the new
 * primary archive what is missing, so that the restore window goes on over the change. Where the archive is away and cannot be asked, that is
 * all of it: what is there twice is the same.
 */
export async function archiveInherited(db: Database): Promise<void> {
  if (!db.installation.archives)
    return
  const status = join(db.paths.data, 'pg_wal', 'archive_status')
  const there = await archivedNames(archiveOf(db.installation, db.ref.id)).catch((error: unknown) => {
    db.installation.log.warn({ err: error, database: db.ref.id }, 'the archive does not say what it has')
    return new Set<string>()
  })
  for (const name of await readdir(status)) {
    const file = name.replace(/\.done$/, '')
    if (file === name || segmentOf(file) === undefined || there.has(file))
      continue
    try {
      await rename(join(status, name), join(status, `${file}.ready`))
    }
    catch (error) {
      // The server recycled it meanwhile.
      if (!hasCode(error, 'ENOENT'))
        throw error
    }
  }
}
