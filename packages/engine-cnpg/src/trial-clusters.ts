import type { DatabaseRef } from '@howdah/engine'
import type { Installation } from './installation.ts'
import type { ClusterView } from './views.ts'
import { resources } from './kubernetes/objects.ts'
import { drillLabel, namespaceOf, rehearsalLabel } from './names.ts'
import { clusterView } from './views.ts'

/**
 * Clusters beside a database in which something of it is tried, and which are no databases. `label`: what is tried, with the id of the
 * database as its value. Asked of the API itself: what is not in a cache may be there all the same.
 */
export async function trialsOf({ api, clusters, location }: Installation, ref: DatabaseRef, label: string): Promise<readonly ClusterView[]> {
  const objects = await api.list(resources.cluster, placeOf(location, ref, label))
  for (const object of objects)
    clusters.note(object)
  return objects.map(clusterView)
}

/** Everything that the operator made for them goes with them. */
export async function removeTrials({ api }: Installation, trials: readonly ClusterView[]): Promise<void> {
  for (const { isDeleting, name, namespace, uid } of trials) {
    if (!isDeleting)
      await api.delete(resources.cluster, { namespace, name }, { uid })
  }
}

/** Call off whatever is tried of a database; how many are still being removed. */
export async function callOffTrials(installation: Installation, ref: DatabaseRef): Promise<number> {
  const trials = (await Promise.all([drillLabel, rehearsalLabel].map(async label => await trialsOf(installation, ref, label)))).flat()
  await removeTrials(installation, trials)
  return trials.length
}

/** Nothing is left of those that were removed. */
export async function areTrialsGone({ api, location }: Installation, ref: DatabaseRef, label: string): Promise<boolean> {
  const place = placeOf(location, ref, label)
  const left = await Promise.all([api.list(resources.pod, place), api.list(resources.volumeClaim, place)])
  return left.flat().length === 0
}

function placeOf(location: Installation['location'], ref: DatabaseRef, label: string): { readonly namespace: string, readonly labels: string } {
  return { namespace: namespaceOf(location, ref.project), labels: `${label}=${ref.id}` }
}
