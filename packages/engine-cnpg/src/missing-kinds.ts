import type { KubeApi } from './kubernetes/api.ts'
import type { KubeObject } from './kubernetes/objects.ts'
import type { Location } from './location.ts'
import { findMissing } from './kubernetes/definitions.ts'
import { resources } from './kubernetes/objects.ts'

type Asked = Pick<KubeApi, 'get' | 'json'>

/** What the settings of a location ask for and its cluster does not have; undefined: it has all. */
export async function missingKind(api: Asked, location: Pick<Location, 'backups' | 'storageClass' | 'volumeSnapshotClass'>): Promise<string | undefined> {
  return (location.backups && await findMissing(api, resources.objectStore)) ?? await missingSnapshots(api, location)
}

/** Why no snapshots can be taken where the settings ask for them. */
async function missingSnapshots(api: Asked, { storageClass, volumeSnapshotClass: name }: Pick<Location, 'storageClass' | 'volumeSnapshotClass'>): Promise<string | undefined> {
  if (name === undefined)
    return undefined
  const missing = await findMissing(api, resources.volumeSnapshot)
  if (missing !== undefined)
    return missing
  const [snapshots, volumes] = await Promise.all([
    api.get<KubeObject & { readonly driver?: string }>(resources.volumeSnapshotClass, { name }),
    storageClass === undefined ? undefined : api.get<KubeObject & { readonly provisioner?: string }>(resources.storageClass, { name: storageClass }),
  ])
  if (!snapshots)
    return `The settings of the location name the VolumeSnapshotClass "${name}", and the cluster has none of that name. Make it, or name another one.`
  return volumes?.provisioner === undefined || volumes.provisioner === snapshots.driver
    ? undefined
    : `The VolumeSnapshotClass "${name}" is of the driver ${snapshots.driver}, and volumes of the storage class "${storageClass}" are made by ${volumes.provisioner}: it takes no snapshots of them. Name the one of that driver.`
}
