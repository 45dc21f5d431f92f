import type { DatabaseRef } from '@howdah/engine'
import type { Installation } from './installation.ts'
import type { KubeObject } from './kubernetes/objects.ts'
import { resources } from './kubernetes/objects.ts'
import { idLabel, namespaceOf } from './names.ts'

/** The pods and volumes of a database, asked of the API itself: what is not in a cache may be there all the same. */
export async function readRemains({ api, location }: Pick<Installation, 'api' | 'location'>, ref: DatabaseRef): Promise<{ readonly pods: readonly KubeObject[], readonly volumes: readonly KubeObject[] }> {
  const place = { namespace: namespaceOf(location, ref.project), labels: `${idLabel}=${ref.id}` }
  const [pods, volumes] = await Promise.all([api.list(resources.pod, place), api.list(resources.volumeClaim, place)])
  return { pods, volumes }
}

/** Whether it goes by itself, because its Cluster is gone. What somebody has kept from that when he deleted the Cluster stays. */
export function isLeaving({ metadata: { deletionTimestamp, ownerReferences = [] } }: KubeObject): boolean {
  return deletionTimestamp !== undefined || ownerReferences.some(({ kind }) => kind === 'Cluster')
}
