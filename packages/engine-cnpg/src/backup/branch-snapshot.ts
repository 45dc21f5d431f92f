import type { DatabaseRef, DatabaseSpec, Progress } from '@howdah/engine'
import type { Database } from '../database.ts'
import type { BackedInstallation, Installation } from '../installation.ts'
import type { ArchiveOrigin } from '../manifests/bootstrap.ts'
import type { BackupObject } from './taken.ts'
import { resources } from '../kubernetes/objects.ts'
import { branchSnapshotManifest, branchSnapshotOf } from '../manifests/backup.ts'
import { branchLabel, namespaceOf } from '../names.ts'
import { isArchivingFailing } from '../phase.ts'
import { archiveOfNow } from './archive.ts'
import { archiveSegment } from './running.ts'
import { beginSnapshot, endSegmentOf, hurrySnapshot, timelineOf } from './snapshots.ts'

const lookAgainMs = 500
/** Of one that nobody makes a branch from after so long, nobody will. */
const abandonedAfterMs = 3_600_000

/** Whether a branch of what it is now can begin from a snapshot: what is written meanwhile has to reach the archive, and Kubernetes makes no smaller volume. */
export function canBeginFromSnapshot({ location }: Installation, { cluster }: Database, { storageGib }: Pick<DatabaseSpec, 'storageGib'>): boolean {
  const size = cluster.state.spec?.storageGib ?? Number.POSITIVE_INFINITY
  return location.volumeSnapshotClass !== undefined && cluster.isOurs && cluster.archive !== undefined && !isArchivingFailing(cluster)
    && (storageGib === size || (storageGib > size && location.storageGrows))
}

/**
 * What a branch of the present moment begins from: a snapshot of the parent's primary that is taken for it, and the WAL up to its end, which
 * is after everything that was acknowledged before the branch was asked for. Progress: not yet.
 */
export async function branchOrigin(installation: BackedInstallation, parent: Database, { id }: Pick<DatabaseSpec, 'id'>): Promise<ArchiveOrigin | Progress> {
  const { api, bucket } = installation
  const { cluster: { archive }, namespace, ref, uid } = parent
  const name = branchSnapshotOf(id)
  const backup = await api.get<BackupObject>(resources.backup, { namespace, name })
  if (!backup || !archive) {
    await beginSnapshot(installation, parent, branchSnapshotManifest(ref, namespace, id, uid))
    return { outcome: 'continue', step: 'secure' }
  }
  const { error, phase } = backup.status ?? {}
  switch (phase) {
    case 'failed':
      await api.delete(resources.backup, { namespace, name }, { uid: backup.metadata.uid ?? '' })
      return { outcome: 'failed', step: 'secure', reason: 'SnapshotFailed', message: `No snapshot was taken of "${ref.name}": ${error ?? 'the operator does not say why'}.`, nextStep: 'Look at the events of the database that it branches from, then make the branch again.' }
    case 'completed':
      return await archiveSegment(parent, archiveOfNow(bucket, parent), endSegmentOf(backup))
        ? { kind: 'archive', archive, snapshot: name, target: { targetImmediate: true, targetTLI: String(timelineOf(backup)) } }
        : wait('What was written while the snapshot was taken is not in the archive yet.')
    default:
      await hurrySnapshot(installation, backup)
      return wait(`A snapshot is being taken. The operator says: ${phase ?? 'nothing yet'}.`)
  }
}

/** The branch needs it no more: it is there, or is not wanted any more. */
export async function endBranchSnapshot({ api, location }: Installation, { id, project }: Pick<DatabaseRef, 'id' | 'project'>): Promise<void> {
  if (location.volumeSnapshotClass !== undefined)
    await api.delete(resources.backup, { namespace: namespaceOf(location, project), name: branchSnapshotOf(id) })
}

/** Remove those that branches do not need any more: what was done, and what nobody goes on with. */
export async function sweepBranchSnapshots({ api, location }: Installation, find: (id: string) => Database | undefined): Promise<void> {
  if (location.volumeSnapshotClass === undefined)
    return
  for (const { metadata } of await api.list<BackupObject>(resources.backup, { labels: branchLabel })) {
    const { creationTimestamp = '', name, namespace = '', uid = '' } = metadata
    const branch = find(metadata.labels?.[branchLabel] ?? '')
    const isOver = branch ? branch.cluster.state.isProven : Date.now() - Date.parse(creationTimestamp) > abandonedAfterMs
    if (isOver && namespace.startsWith(location.namespacePrefix))
      await api.delete(resources.backup, { namespace, name }, { uid })
  }
}

function wait(reason: string): Progress {
  return { outcome: 'wait', step: 'secure', afterMs: lookAgainMs, reason }
}
