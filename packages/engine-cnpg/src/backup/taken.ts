import type { Backup, DatabaseRef } from '@howdah/engine'
import type { Database } from '../database.ts'
import type { Installation } from '../installation.ts'
import type { KubeObject } from '../kubernetes/objects.ts'
import { parseProof } from '@howdah/postgres'
import { resources } from '../kubernetes/objects.ts'
import { backupLabel, idLabel, namespaceOf, proofAnnotation, serverAnnotation, takenAnnotation } from '../names.ts'
import { isSnapshot, timelineOf, usableSnapshots } from './snapshots.ts'

/** A backup that is whole, with the operator's words for it. */
export interface TakenBackup extends Backup {
  /** Name of its object. */
  readonly object: string
  /** What Barman calls it. */
  readonly barmanId: string
  /** Of the archive, that it is of. */
  readonly server: string
  /** Bytes that the volume of a snapshot has; undefined: it is in the archive. */
  readonly volumeBytes?: number
}

export interface BackupObject extends KubeObject {
  readonly spec?: { readonly cluster?: { readonly name?: string }, readonly method?: string }
  readonly status?: {
    readonly phase?: string
    readonly error?: string
    readonly backupId?: string
    /** To the second. */
    readonly startedAt?: string
    readonly stoppedAt?: string
    readonly beginLSN?: string
    readonly endLSN?: string
    readonly endWal?: string
    /** Of a snapshot: what PostgreSQL wants to find beside the files, in base64. */
    readonly backupLabelFile?: string
    readonly pluginMetadata?: { readonly timeline?: string, readonly clusterUID?: string }
  }
}

/** What we add when we saw that it is whole. */
export type Taken = Pick<Backup, 'dataBytes' | 'storedBytes' | 'serverVersion'>

/** Instead of that, in the same place: it is none any more, and what is left of it goes. */
export const removedMark = 'removed'

/** Also of a database that is gone. */
export async function backupObjects({ api, location }: Installation, ref: DatabaseRef): Promise<readonly BackupObject[]> {
  return await api.list<BackupObject>(resources.backup, { namespace: namespaceOf(location, ref.project), labels: `${idLabel}=${ref.id}` })
}

/** Oldest first. `lost`: the storage has nothing of them any more. */
export async function takenBackups(installation: Installation, ref: DatabaseRef): Promise<{ readonly backups: readonly TakenBackup[], readonly lost: readonly TakenBackup[] }> {
  const objects = await backupObjects(installation, ref)
  const snapshots = objects.some(isSnapshot) ? await usableSnapshots(installation, ref) : new Map<string, number>()
  const taken = inOrder(objects.flatMap(object => takenBackup(object, ref.id) ?? []))
  const isThere = ({ method, object }: TakenBackup): boolean => method === 'archive' || snapshots.has(object)
  return {
    backups: taken.filter(isThere).map(backup => ({ ...backup, ...backup.method === 'archive' ? {} : { volumeBytes: snapshots.get(backup.object) ?? 0 } })),
    lost: taken.filter(backup => !isThere(backup)),
  }
}

/** The same of a Cluster that Git owns, with those that nobody of ours took: by a schedule, say. */
export async function deliveredBackups({ api }: Installation, { cluster, namespace, ref, uid }: Database): Promise<readonly TakenBackup[]> {
  const objects = await api.list<BackupObject>(resources.backup, { namespace })
  const server = cluster.archive?.server ?? ref.name
  const unmeasured: Taken = { dataBytes: null, storedBytes: null, serverVersion: String(cluster.delivered?.version ?? '') }
  return inOrder(objects
    .filter(({ spec, status }) => spec?.cluster?.name === ref.name && status?.phase === 'completed' && status.pluginMetadata?.clusterUID === uid)
    .flatMap(object => takenBackup(object, server) ?? (object.metadata.labels?.[backupLabel] === undefined ? asBackup(object, unmeasured, { id: object.metadata.uid ?? '', server }) : [])))
}

function inOrder(backups: TakenBackup[]): readonly TakenBackup[] {
  return backups.sort((a, b) => a.finishedAt.getTime() - b.finishedAt.getTime() || a.startLsn.localeCompare(b.startLsn))
}

/** `server`: where it says none itself. */
function takenBackup(object: BackupObject, server: string): TakenBackup | undefined {
  const { annotations, labels } = object.metadata
  const taken = annotations?.[takenAnnotation]
  return taken === undefined || taken === removedMark
    ? undefined
    : asBackup(object, JSON.parse(taken) as Taken, { id: labels?.[backupLabel] ?? '', server: annotations?.[serverAnnotation] ?? server }) // our own annotation
}

function asBackup(object: BackupObject, taken: Taken, { id, server }: Pick<TakenBackup, 'id' | 'server'>): TakenBackup {
  const { metadata, status = {} } = object
  const proof = metadata.annotations?.[proofAnnotation]
  return {
    ...taken,
    ...proof === undefined ? {} : { proof: parseProof(proof) },
    id,
    method: isSnapshot(object) ? 'snapshot' : 'archive',
    object: metadata.name,
    barmanId: status.backupId ?? '',
    server,
    startedAt: new Date(status.startedAt ?? 0),
    // What was cut off of it counts as before: nothing is promised of a moment in which it was not finished.
    finishedAt: new Date(Date.parse(status.stoppedAt ?? '') + 999),
    startLsn: status.beginLSN ?? '',
    stopLsn: status.endLSN ?? '',
    timeline: isSnapshot(object) ? timelineOf(object) : Number(status.pluginMetadata?.timeline ?? 1),
  }
}
