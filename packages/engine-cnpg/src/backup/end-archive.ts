import type { Database } from '../database.ts'
import type { BackedInstallation, Installation } from '../installation.ts'
import { EngineError } from '@howdah/engine'
import { isBacked } from '../installation.ts'
import { isArchivingFailing } from '../phase.ts'
import { archiveOfNow } from './archive.ts'
import { rememberEnd } from './memory.ts'
import { archiveSoFar } from './running.ts'

/** An archive that is slow is waited for; one that does not come keeps nothing from stopping. */
const patienceMs = 120_000

/**
 * Before a server stops: bring everything into the archive, and write down up to where that is. Without it the same can be
 * restored, but not to any moment since the last backup. False: not yet.
 */
export async function endArchive(installation: Installation, db: Database): Promise<boolean> {
  const { cluster, ref } = db
  if (!isBacked(installation) || !cluster.isOurs || !cluster.archive || isArchivingFailing(cluster))
    return true
  const begun = db.endingSince ??= performance.now()
  const end = await archivedEnd(installation, db)
  if (end?.isArchived)
    await rememberEnd(installation, ref, end)
  // Right after its primary changed a server that runs does not answer for a moment.
  const mayCome = end ? !end.isArchived : db.seen.pods.some(pod => pod.isInstance && pod.isReady)
  if (mayCome && performance.now() - begun < patienceMs)
    return false
  db.sealings.delete('end')
  db.endingSince = undefined
  return true
}

async function archivedEnd(installation: BackedInstallation, db: Database): ReturnType<typeof archiveSoFar> {
  try {
    return await archiveSoFar(db, archiveOfNow(installation.bucket, db), 'end')
  }
  catch (error) {
    if (!(error instanceof EngineError && error.code === 'unavailable'))
      throw error
    installation.log.warn({ err: error, database: db.ref.id }, 'the end of an archive is not known yet')
    return undefined
  }
}
