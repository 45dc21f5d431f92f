import type { DatabaseRef } from '@howdah/engine'
import type { Database } from '../database.ts'
import type { Installation } from '../installation.ts'
import type { KubeObject } from '../kubernetes/objects.ts'
import type { BackupManifest } from '../manifests/backup.ts'
import type { BackupObject } from './taken.ts'
import { Buffer } from 'node:buffer'
import { parseLsn, segmentBefore, segmentName } from '@howdah/postgres'
import { ApiError } from '../kubernetes/api.ts'
import { resources } from '../kubernetes/objects.ts'
import { snapshotSection } from '../manifests/backup.ts'
import { idLabel, lookedAnnotation, managedBy, managedByLabel, namespaceOf, operatorName } from '../names.ts'
import { amountOf } from '../quota.ts'

interface SnapshotObject extends KubeObject {
  readonly status?: { readonly readyToUse?: boolean, readonly restoreSize?: string }
}

/** Names of the snapshots of a database that a volume can be made from, with how many bytes that has to have. The storage may have lost what a Backup tells of. */
export async function usableSnapshots({ api, location }: Installation, ref: DatabaseRef): Promise<ReadonlyMap<string, number>> {
  try {
    const snapshots = await api.list<SnapshotObject>(resources.volumeSnapshot, { namespace: namespaceOf(location, ref.project), labels: `${idLabel}=${ref.id}` })
    return new Map(snapshots
      .filter(({ metadata, status }) => status?.readyToUse === true && metadata.deletionTimestamp === undefined)
      .map(({ metadata, status }) => [metadata.name, amountOf(status?.restoreSize ?? '0')]))
  }
  catch (error) {
    // Whoever took the kind away took them all.
    if (error instanceof ApiError && error.isKindUnknown)
      return new Map()
    throw error
  }
}

/** Ask the operator for a snapshot. A Cluster says only now that it may: nothing of it that runs is changed by that. */
export async function beginSnapshot({ api, clusters, location: { volumeSnapshotClass } }: Installation, db: Database, backup: BackupManifest): Promise<void> {
  if (volumeSnapshotClass !== undefined && db.cluster.snapshotClass !== volumeSnapshotClass)
    clusters.note(await api.merge(resources.cluster, { namespace: db.namespace, name: db.ref.name }, { metadata: { uid: db.uid }, spec: snapshotSection(volumeSnapshotClass) }))
  await giveBackVolumes(api, db)
  await api.create(resources.backup, backup)
}

/** The operator takes snapshots of volumes that it manages by their label, and waits forever where it finds none. Older versions of ours wrote their own name over it. */
async function giveBackVolumes(api: Installation['api'], { namespace, ref }: Database): Promise<void> {
  for (const { metadata: { labels, name, uid } } of await api.list(resources.volumeClaim, { namespace, labels: `${idLabel}=${ref.id}` })) {
    if (labels?.[managedByLabel] === managedBy)
      await api.merge(resources.volumeClaim, { namespace, name }, { metadata: { uid, labels: { [managedByLabel]: operatorName } } })
  }
}

/** The operator looks again after 5 to 10 s otherwise, two or three times, and a snapshot may take less than one. */
export async function hurrySnapshot({ api }: Installation, { metadata: { name, namespace = '', uid } }: BackupObject): Promise<void> {
  await api.merge(resources.backup, { namespace, name }, { metadata: { uid, annotations: { [lookedAnnotation]: new Date().toISOString() } } })
}

export function isSnapshot({ spec }: BackupObject): boolean {
  return spec?.method === 'volumeSnapshot'
}

/** The operator only writes it into what PostgreSQL said when the backup began. */
export function timelineOf({ status = {} }: BackupObject): number {
  const label = Buffer.from(status.backupLabelFile ?? '', 'base64').toString()
  return Number(/^START TIMELINE: (\d+)$/m.exec(label)?.[1] ?? 1)
}

/** The last one that belongs to it. What the operator names is of when it began. */
export function endSegmentOf(backup: BackupObject): string {
  return segmentName({ timeline: timelineOf(backup), number: segmentBefore(parseLsn(backup.status?.endLSN ?? '') ?? 1n) })
}
