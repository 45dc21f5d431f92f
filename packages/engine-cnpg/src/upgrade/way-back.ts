import type { Progress } from '@howdah/engine'
import type { Database } from '../database.ts'
import type { BackedInstallation } from '../installation.ts'
import { Archive } from '../backup/archive.ts'
import { isNowReachable, readArchivedSpans } from '../backup/reach.ts'
import { takeBackup } from '../backup/take-backup.ts'

/** Have a backup that leads to what the database is now: where there is none, one of this id is taken. Undefined: it is there. */
export async function secureWayBack(installation: BackedInstallation, db: Database, id: string): Promise<Progress | undefined> {
  if (isNowReachable(await readArchivedSpans(installation, db.ref, db)))
    return undefined
  const taken = await takeBackup(installation, db, server => new Archive(installation.bucket, server), id)
  return taken.outcome === 'done' ? { outcome: 'wait', step: 'secure', afterMs: 1_000, reason: 'A backup was taken; what was written since is not in the archive yet.' } : taken
}
