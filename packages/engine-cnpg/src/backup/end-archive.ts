import type { Database } from '../database.ts'
import type { Installation } from '../installation.ts'
import { EngineError } from '@howdah/engine'
import { isBacked } from '../installation.ts'
import { Archive } from './archive.ts'
import { rememberEnd } from './memory.ts'
import { archiveSoFar, presentOf } from './running.ts'

/**
 * Before a server stops: bring everything into the archive, and write down up to where that is. Without it the same can be
 * restored, but not to any moment since the last backup. A server or an archive that is away keeps nothing from stopping.
 */
export async function endArchive(installation: Installation, db: Database): Promise<void> {
  const { cluster, ref } = db
  const isFailing = cluster.conditions.some(({ status, type }) => type === 'ContinuousArchiving' && status === 'False')
  if (!isBacked(installation) || !cluster.isOurs || !cluster.isArchived || isFailing)
    return
  try {
    const present = await presentOf(db)
    if (present && await archiveSoFar(db, new Archive(installation.bucket, ref.id)))
      await rememberEnd(installation, ref, present)
  }
  catch (error) {
    if (!(error instanceof EngineError && error.code === 'unavailable'))
      throw error
    installation.log.warn({ err: error, database: ref.id }, 'the end of an archive could not be written down')
  }
}
