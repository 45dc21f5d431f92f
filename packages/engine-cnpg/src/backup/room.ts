import type { Installation } from '../installation.ts'
import type { ClusterManifest } from '../manifests/cluster.ts'
import { EngineError } from '@howdah/engine'
import { sidecarResources } from '../manifests/object-store.ts'
import { amountOf, shortages } from '../quota.ts'
import { clusterView } from '../views.ts'

/** Kubernetes tells a quota that is full to nobody but the operator, and a copy that waits for room takes it from others. */
export function holdToQuota({ quotasOf }: Installation, manifest: ClusterManifest): void {
  const { namespace, needs: { pod, volume } } = clusterView(manifest)
  const needs: Record<string, number> = { ...pod, ...volume }
  // Barman is in the pod that restores.
  for (const [kind, quantities] of Object.entries(sidecarResources)) {
    for (const [name, quantity] of Object.entries(quantities))
      needs[`${kind}.${name}`] = (needs[`${kind}.${name}`] ?? 0) + amountOf(quantity)
  }
  const short = shortages(quotasOf(namespace), needs)
  if (short.length > 0)
    throw new EngineError('exhausted', `A copy of it is restored beside the database, and the quota of the project's namespace leaves no room for it: ${short.join(', ')}.`)
}
