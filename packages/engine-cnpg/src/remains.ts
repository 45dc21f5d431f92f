import type { DatabaseRef } from '@howdah/engine'
import type { Installation } from './installation.ts'
import type { KubeObject } from './kubernetes/objects.ts'
import { resources } from './kubernetes/objects.ts'
import { clusterLabel, idLabel, namespaceOf } from './names.ts'

/** The pods and volumes of a database, asked of the API itself: what is not in a cache may be there all the same. */
export async function readRemains({ api, location }: Pick<Installation, 'api' | 'location'>, ref: DatabaseRef): Promise<{ readonly pods: readonly KubeObject[], readonly volumes: readonly KubeObject[] }> {
  const place = { namespace: namespaceOf(location, ref.project), labels: `${idLabel}=${ref.id}` }
  const [pods, volumes] = await Promise.all([api.list(resources.pod, place), api.list(resources.volumeClaim, place)])
  return { pods, volumes }
}

/**
 * Names of volumes that somebody kept of an earlier database of this name. The operator gives the first Cluster of the name whatever is in
 * them, which nobody expects of a new database.
 */
export async function keptVolumes({ api, location }: Pick<Installation, 'api' | 'location'>, ref: DatabaseRef): Promise<string[]> {
  const volumes = await api.list(resources.volumeClaim, { namespace: namespaceOf(location, ref.project), labels: `${clusterLabel}=${ref.name}` })
  return volumes
    .filter(volume => !isLeaving(volume) && volume.metadata.labels?.[idLabel] !== ref.id)
    .map(({ metadata }) => metadata.name)
    .sort()
}

/** Whether it goes by itself, because its Cluster is gone. What somebody has kept from that when he deleted the Cluster stays. */
export function isLeaving({ metadata: { deletionTimestamp, ownerReferences = [] } }: KubeObject): boolean {
  return deletionTimestamp !== undefined || ownerReferences.some(({ kind }) => kind === 'Cluster')
}
