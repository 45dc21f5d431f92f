import { enlargeDisk, giveDisk, takeDisk } from '../../testbed/cluster/faults.ts'
import { apply, kubectl } from './kubectl.ts'

/** A storage class with one volume, which is a disk of its own on a node: it has an end, as those of real storage have. */
export interface SmallDisk {
  /** Name of the volume, and of its class where that is its own. */
  readonly name: string
  readonly enlarge: (megabytes: number) => Promise<void>
  readonly remove: () => Promise<void>
}

/** The volume says that it has 1 GiB, however large the disk is. `storageClass`: of another one, beside which it is; undefined: one of its own. */
export async function smallDisk({ canGrow = false, megabytes, node, storageClass }: { readonly node: string, readonly megabytes: number, readonly canGrow?: boolean, readonly storageClass?: string }): Promise<SmallDisk> {
  const name = `small-${Math.random().toString(36).slice(2, 8)}`
  await giveDisk(node, name, megabytes)
  if (storageClass === undefined)
    await apply('default', { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer', allowVolumeExpansion: canGrow })
  await apply('default', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: storageClass ?? name,
      local: { path: `/mnt/${name}` },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }] } },
    },
  })
  return {
    name,
    enlarge: async larger => await enlargeDisk(node, name, larger),
    remove: async () => {
      await kubectl('delete', 'persistentvolume', name)
      if (storageClass === undefined)
        await kubectl('delete', 'storageclass', name)
      await takeDisk(node, name)
    },
  }
}
