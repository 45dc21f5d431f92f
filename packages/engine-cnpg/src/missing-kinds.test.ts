import type { KubeObject, pathOf } from './kubernetes/objects.ts'
import { expect, it } from 'vitest'
import { ApiError } from './kubernetes/api.ts'
import { resources } from './kubernetes/objects.ts'
import { missingKind } from './missing-kinds.ts'

const place = { backups: { url: 's3://archives/prod' }, storageClass: 'fast', volumeSnapshotClass: 'fast-snapshots' }
const snapshots: KubeObject & { readonly driver: string } = { metadata: { name: 'fast-snapshots' }, driver: 'csi.example.org' }
const volumes: KubeObject & { readonly provisioner: string } = { metadata: { name: 'fast' }, provisioner: 'csi.example.org' }

const otherVolumes = { ...volumes, provisioner: 'other.example.org' }

/** A cluster with these classes; `isKnown`: it knows what a snapshot is. */
function cluster(objects: readonly KubeObject[], isKnown = true): Parameters<typeof missingKind>[0] {
  return {
    json: async <T>(path: string) => {
      if (!isKnown && path.includes('snapshot'))
        throw new ApiError(404, {}, path)
      return { resources: [{ name: 'objectstores' }, { name: 'volumesnapshots' }] } as T
    },
    get: async <T extends KubeObject>(resource: Parameters<typeof pathOf>[0], { name }: { readonly name: string }) =>
      objects.find(object => object.metadata.name === name && (resource === resources.storageClass) === 'provisioner' in object) as T | undefined,
  }
}

it.each<[string, Parameters<typeof missingKind>, RegExp | undefined]>([
  ['nothing is asked of a location that takes none', [cluster([], false), { ...place, volumeSnapshotClass: undefined }], undefined],
  ['a class of the driver that makes the volumes will do', [cluster([snapshots, volumes]), place], undefined],
  ['so will any for the default storage class', [cluster([snapshots]), { ...place, storageClass: undefined }], undefined],
  ['a cluster without snapshots is told what to install', [cluster([], false), place], /external snapshotter/],
  ['a class that is not there is named', [cluster([volumes]), place], /VolumeSnapshotClass "fast-snapshots".*none of that name/],
  ['so is one of another driver', [cluster([snapshots, otherVolumes]), place], /csi\.example\.org.*other\.example\.org/],
])('%s', async (_, asked, expected) => {
  const said = await missingKind(...asked)
  expected ? expect(said).toMatch(expected) : expect(said).toBeUndefined()
})
