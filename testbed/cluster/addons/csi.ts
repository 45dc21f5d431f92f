import { join } from 'node:path'
import { goModuleFolder } from '../../../tools/needs/go-program.ts'
import { csiVersions } from '../versions.ts'
import { readManifest } from './upstream.ts'

export const csiDriver = 'csi.howdah.dev'

const kinds = ['volumesnapshotclasses', 'volumesnapshotcontents', 'volumesnapshots'] as const

/** Names of the definitions that the snapshot controller wants to find. */
export const snapshotDefinitions: readonly string[] = kinds.map(kind => `customresourcedefinitions/${kind}.snapshot.storage.k8s.io`)

export async function snapshotApi(): Promise<object[]> {
  const folder = await goModuleFolder({ module: 'github.com/kubernetes-csi/external-snapshotter/client/v8', version: csiVersions.externalSnapshotter })
  const read = await Promise.all(kinds.map(async kind => await readManifest(join(folder, 'config/crd', `snapshot.storage.k8s.io_${kind}.yaml`))))
  return read.flat()
}

/** Volumes are to be had on every node, so they are made as soon as they are asked for, and nothing is attached. */
export const csiClasses: readonly object[] = [
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: csiDriver },
    spec: { attachRequired: false, podInfoOnMount: false, fsGroupPolicy: 'File', volumeLifecycleModes: ['Persistent'] },
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'csi' },
    provisioner: csiDriver,
    volumeBindingMode: 'Immediate',
    reclaimPolicy: 'Delete',
    allowVolumeExpansion: true,
  },
  {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotClass',
    metadata: { name: 'csi' },
    driver: csiDriver,
    deletionPolicy: 'Delete',
  },
]
