import type { DatabaseRef } from '@howdah/engine'
import type { Manifest } from '../kubernetes/objects.ts'
import { backupLabel, backupPlugin, ownLabels, serverAnnotation } from '../names.ts'

/** One base backup. The operator takes it of a replica where there is one, so that the primary has nothing to do with it. `owner`: uid of the Cluster with which it goes. */
export function backupManifest(ref: DatabaseRef, namespace: string, id: string, owner?: string, server: string = ref.id): Manifest & { readonly spec: object } {
  const apiVersion = 'postgresql.cnpg.io/v1'
  return {
    apiVersion,
    kind: 'Backup',
    metadata: {
      name: `${ref.name}-${id}`,
      namespace,
      labels: { ...ownLabels(ref), [backupLabel]: id },
      ...server === ref.id ? {} : { annotations: { [serverAnnotation]: server } },
      ...owner === undefined ? {} : { ownerReferences: [{ apiVersion, kind: 'Cluster', name: ref.name, uid: owner }] },
    },
    spec: {
      cluster: { name: ref.name },
      method: 'plugin',
      pluginConfiguration: { name: backupPlugin },
    },
  }
}
