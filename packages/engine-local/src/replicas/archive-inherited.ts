import type { Database } from '../database.ts'
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { segmentAt, segmentOf } from '@howdah/postgres'
import { archiveOf } from '../archive-site.ts'
import { archivedNames } from '../backup/wal-archive.ts'
import { hasCode, writeAtomically } from '../files.ts'

/**
 * WAL that the old primary had finished and not archived yet is on its replicas too: what was streamed to them counts as done, and
 * what came with the copy that they began as is nobody's. Let the new primary archive what is missing, so that the restore window goes on over
 * the change. Where the archive is away and cannot be asked, that is all of it: what is there twice is the same. `forkLsn`: where its own
 * history begins.
 */
export async function archiveInherited(db: Database, forkLsn: bigint): Promise<void> {
  if (!db.installation.archives)
    return
  const wal = join(db.paths.data, 'pg_wal')
  const status = join(wal, 'archive_status')
  const there = await archivedNames(archiveOf(db.installation, db.ref.id)).catch((error: unknown) => {
    db.installation.log.warn({ err: error, database: db.ref.id }, 'the archive does not say what it has')
    return new Set<string>()
  })
  const statuses = await readdir(status)
  const finished = (await readdir(wal)).filter(name => (segmentOf(name)?.number ?? Infinity) < segmentAt(forkLsn))
  for (const name of finished) {
    if (!there.has(name) && !statuses.includes(`${name}.done`) && !statuses.includes(`${name}.ready`))
      await writeAtomically(join(status, `${name}.ready`), '', { mode: 0o600, owner: db.installation.account, durable: false })
  }
  for (const name of statuses) {
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
