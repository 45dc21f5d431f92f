import type { Manifest } from '../kubernetes/objects.ts'
import { managedBy, managedByLabel } from '../names.ts'

/** What all databases of a project may take together, as the operator of the location decided. */
export function resourceQuotaManifest(namespace: string, hard: Readonly<Record<string, string>>): Manifest & { readonly spec: object } {
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'howdah', namespace, labels: { [managedByLabel]: managedBy } },
    spec: { hard },
  }
}
