import type { BackupMethod, Progress } from '@howdah/engine'
import type { Database } from '../database.ts'
import type { Installation } from '../installation.ts'
import type { ArchiveView } from './archive.ts'
import type { BackupObject, Taken } from './taken.ts'
import { maintenanceDatabase } from '@howdah/postgres'
import { resources } from '../kubernetes/objects.ts'
import { backupManifest } from '../manifests/backup.ts'
import { serverAnnotation, takenAnnotation } from '../names.ts'
import { serverOfNow } from './archive.ts'
import { archiveSegment } from './running.ts'
import { beginSnapshot, endSegmentOf, hurrySnapshot, isSnapshot } from './snapshots.ts'

const lookAgainMs = 1_000
/** A snapshot is in no archive. */
const nowhere: Pick<ArchiveView, 'sizeOf'> = { sizeOf: async () => null }

/** Move one step towards a backup of this id being there, with the WAL that belongs to it. `archiveOf`: a server of the archive. */
export async function takeBackup(installation: Installation, db: Database, archiveOf: (server: string) => ArchiveView, id: string, method: BackupMethod = 'archive'): Promise<Progress> {
  const { api } = installation
  const { namespace, ref } = db
  // What Git takes away takes with it what we made of it.
  const manifest = db.cluster.isOurs ? backupManifest(ref, namespace, id, { server: serverOfNow(db), isSnapshot: method === 'snapshot' }) : backupManifest(ref, namespace, id, { owner: db.uid })
  const { name } = manifest.metadata
  const backup = await api.get<BackupObject>(resources.backup, { namespace, name })
  if (backup?.metadata.annotations?.[takenAnnotation] !== undefined)
    return { outcome: 'done' }
  if (!backup) {
    if (db.cluster.isHibernationAsked)
      return { outcome: 'failed', step: 'copy', reason: 'NotRunning', message: 'No server of it runs.', nextStep: 'Resume it, then take the backup.' }
    if (!db.cluster.archive)
      return { outcome: 'failed', step: 'copy', reason: 'NotArchiving', message: 'It was made before this location had a place for archives.', nextStep: 'Restart it, and it begins to archive.' }
    await (method === 'snapshot' ? beginSnapshot(installation, db, manifest) : api.create(resources.backup, manifest))
    return { outcome: 'continue', step: 'begin' }
  }
  const { status = {} } = backup
  switch (status.phase) {
    case 'failed':
      // Of no use to anybody, and in the way of nothing.
      await api.delete(resources.backup, { namespace, name }, { uid: backup.metadata.uid ?? '' })
      return { outcome: 'failed', step: 'copy', reason: 'BackupFailed', message: `The backup was not taken: ${status.error ?? 'the operator does not say why'}.`, nextStep: 'Look at the events of the database, then take another one.' }
    case 'completed': {
      const server = serverOf(backup, db)
      const archive = archiveOf(server ?? ref.id)
      const endWal = isSnapshot(backup) ? endSegmentOf(backup) : status.endWal ?? ''
      if (!await archiveSegment(db, archive, endWal))
        return { outcome: 'wait', step: 'archive', afterMs: lookAgainMs, reason: `Waits for ${endWal} in the archive.` }
      await api.merge(resources.backup, { namespace, name }, {
        metadata: { annotations: { [takenAnnotation]: JSON.stringify(await measure(db, isSnapshot(backup) ? nowhere : archive, status.backupId ?? '')), [serverAnnotation]: server ?? null } },
      })
      return { outcome: 'done' }
    }
    default:
      if (isSnapshot(backup))
        await hurrySnapshot(installation, backup)
      return { outcome: 'wait', step: 'copy', afterMs: lookAgainMs, reason: `The operator says: ${status.phase ?? 'nothing yet'}.` }
  }
}

/** Other data may have taken the place of its own since. Undefined: the first one, or somebody else's. */
function serverOf({ metadata, status }: BackupObject, db: Database): string | undefined {
  if (!db.cluster.isOurs)
    return undefined
  // What is asked for by snapshot has it from the beginning; the operator does not say of which Cluster it is.
  const server = status?.pluginMetadata?.clusterUID === db.uid ? serverOfNow(db) : metadata.annotations?.[serverAnnotation]
  return server === db.ref.id ? undefined : server
}

async function measure(db: Database, archive: Pick<ArchiveView, 'sizeOf'>, barmanId: string): Promise<Taken> {
  const [[row], storedBytes] = await Promise.all([
    db.asSuperuser(maintenanceDatabase, async session => await session.query<{ bytes: string, version: string }>(
      'select sum(pg_database_size(oid)) as bytes, split_part(current_setting(\'server_version\'), \' \', 1) as version from pg_database',
    )),
    archive.sizeOf(barmanId),
  ])
  return { dataBytes: Number(row?.bytes ?? 0), storedBytes, serverVersion: row?.version ?? '' }
}
