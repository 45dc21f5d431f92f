import { enlargeDisk, giveDisk, takeDisk } from '../../testbed/cluster/faults.ts'
import { apply, kubectl } from './kubectl.ts'

/** A storage class with one volume, which is a disk of its own on a node: it has an end, as those of real storage have. */
export interface SmallDisk {
  /** Name of the class and of the volume. */
  readonly name: string
  readonly enlarge: (megabytes: number) => Promise<void>
  readonly remove: () => Promise<void>
}

/** The volume says that it has 1 GiB, however large the disk is. */
export async function smallDisk({ canGrow = false, megabytes, node }: { readonly node: string, readonly megabytes: number, readonly canGrow?: boolean }): Promise<SmallDisk> {
  const name = `small-${Math.random().toString(36).slice(2, 8)}`
  await giveDisk(node, name, megabytes)
  await apply('default', { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer', allowVolumeExpansion: canGrow })
  await apply('default', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: name,
      local: { path: `/mnt/${name}` },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }] } },
    },
  })
  return {
    name,
    enlarge: async larger => await enlargeDisk(node, name, larger),
    remove: async () => {
      await kubectl('delete', 'persistentvolume', name)
      await kubectl('delete', 'storageclass', name)
      await takeDisk(node, name)
    },
  }
}
