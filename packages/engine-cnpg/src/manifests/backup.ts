import type { DatabaseRef } from '@howdah/engine'
import type { Manifest } from '../kubernetes/objects.ts'
import { backupLabel, backupPlugin, ownLabels } from '../names.ts'

/** One base backup. The operator takes it of a replica where there is one, so that the primary has nothing to do with it. */
export function backupManifest(ref: DatabaseRef, namespace: string, id: string): Manifest & { readonly spec: object } {
  return {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Backup',
    metadata: { name: `${ref.name}-${id}`, namespace, labels: { ...ownLabels(ref), [backupLabel]: id } },
    spec: {
      cluster: { name: ref.name },
      method: 'plugin',
      pluginConfiguration: { name: backupPlugin },
    },
  }
}
