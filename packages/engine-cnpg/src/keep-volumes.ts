import type { DatabaseRef } from '@howdah/engine'
import type { KubeApi } from './kubernetes/api.ts'
import type { Location } from './location.ts'
import { resources } from './kubernetes/objects.ts'
import { clusterLabel, idLabel, keptOfLabel, namespaceOf } from './names.ts'

/**
 * Take the volumes away from a Cluster that is deleted next: Kubernetes removes what it owns. The operator's labels stay, by which
 * people find them, and by which we see that the name is not free. What the operator took again after a kill of ours is taken once more.
 */
export async function keepVolumesOf({ api, location }: { readonly api: KubeApi, readonly location: Pick<Location, 'namespacePrefix'> }, ref: DatabaseRef): Promise<void> {
  const namespace = namespaceOf(location, ref.project)
  const volumes = await api.list(resources.volumeClaim, { namespace, labels: `${clusterLabel}=${ref.name}` })
  for (const { metadata: { labels = {}, name, uid } } of volumes) {
    if (labels[idLabel] === ref.id || labels[keptOfLabel] === ref.id)
      await api.merge(resources.volumeClaim, { namespace, name }, { metadata: { uid, ownerReferences: null, labels: { [idLabel]: null, [keptOfLabel]: ref.id } } })
  }
}
