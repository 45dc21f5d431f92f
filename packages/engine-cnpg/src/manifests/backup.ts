import type { DatabaseRef } from '@howdah/engine'
import type { Manifest } from '../kubernetes/objects.ts'
import { backupLabel, backupPlugin, branchLabel, managedBy, managedByLabel, ownLabels, projectLabel, serverAnnotation } from '../names.ts'

export type BackupManifest = Manifest & { readonly metadata: { readonly namespace: string }, readonly spec: object }

interface BackupPlan {
  readonly isSnapshot?: boolean
  /** uid of the Cluster with which it goes. */
  readonly owner?: string
  /** Of the archive. */
  readonly server?: string
}

const apiVersion = 'postgresql.cnpg.io/v1'
const kind = 'Backup'
/** A checkpoint that takes its time would be most of the time of a snapshot. Whether the WAL is in the archive is looked at by us. */
const snapshotMethod = { method: 'volumeSnapshot', online: true, onlineConfiguration: { immediateCheckpoint: true, waitForArchive: false } }

/** One base backup. The operator takes it of a replica where there is one, so that the primary has nothing to do with it. */
export function backupManifest(ref: DatabaseRef, namespace: string, id: string, { isSnapshot = false, owner, server = ref.id }: BackupPlan = {}): BackupManifest {
  return {
    apiVersion,
    kind,
    metadata: {
      // The operator makes a label of a snapshot of it, and those have 63 characters.
      name: isSnapshot ? `snapshot-${id}` : `${ref.name}-${id}`,
      namespace,
      labels: { ...ownLabels(ref), [backupLabel]: id },
      ...server === ref.id ? {} : { annotations: { [serverAnnotation]: server } },
      ...owner === undefined ? {} : { ownerReferences: [ownedBy(ref.name, owner)] },
    },
    spec: {
      cluster: { name: ref.name },
      ...isSnapshot ? snapshotMethod : { method: 'plugin', pluginConfiguration: { name: backupPlugin } },
    },
  }
}

/** What a branch begins from. Of the primary: a replica may not have what was acknowledged before. `owner`: uid of the Cluster of the parent. */
export function branchSnapshotManifest(parent: DatabaseRef, namespace: string, branch: string, owner: string): BackupManifest {
  return {
    apiVersion,
    kind,
    metadata: {
      name: branchSnapshotOf(branch),
      namespace,
      // No id of the parent: it is none of its backups.
      labels: { [managedByLabel]: managedBy, [projectLabel]: parent.project, [branchLabel]: branch },
      ownerReferences: [ownedBy(parent.name, owner)],
    },
    spec: { cluster: { name: parent.name }, target: 'primary', ...snapshotMethod },
  }
}

/** Name of the Backup, and of its snapshot. */
export function branchSnapshotOf(branch: string): string {
  return `branch-${branch}`
}

/** What a Cluster has to say for snapshots to be taken of it, and not to say any more if it was made by an older version. Nothing that runs is changed by it. */
export function snapshotSection(className: string): object {
  // Whoever removes the Backup removes the snapshot: also after the Cluster is gone, and no sooner.
  return {
    backup: { volumeSnapshot: { className, snapshotOwnerReference: 'backup' } },
    inheritedMetadata: { labels: { [managedByLabel]: null } },
  }
}

function ownedBy(name: string, uid: string): { readonly apiVersion: string, readonly kind: string, readonly name: string, readonly uid: string } {
  return { apiVersion, kind: 'Cluster', name, uid }
}
