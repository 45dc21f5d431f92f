import type { DatabaseRef } from '@howdah/engine'
import type { Installation } from '../installation.ts'
import { ApiError } from '../kubernetes/api.ts'
import { resources } from '../kubernetes/objects.ts'
import { authoritySecretOf, namespaceOf, ownLabels } from '../names.ts'

/** Users verify the server by its authority: that stays when its Cluster goes. The operator takes one that is there, and makes another one where somebody deleted it. */
export async function keepAuthority({ api, location }: Installation, ref: DatabaseRef): Promise<void> {
  try {
    await api.merge(resources.secret, { namespace: namespaceOf(location, ref.project), name: authoritySecretOf(ref) }, {
      metadata: { labels: ownLabels(ref), ownerReferences: null },
    })
  }
  catch (error) {
    if (!(error instanceof ApiError && error.status === 404))
      throw error
  }
}

/** From now on it goes with this Cluster. */
export async function giveAuthority({ api }: Installation, { name, namespace, uid }: { readonly name: string, readonly namespace: string, readonly uid: string }): Promise<void> {
  await api.merge(resources.secret, { namespace, name: authoritySecretOf({ name }) }, {
    metadata: { ownerReferences: [{ ...ownerOf(name, uid), controller: true }] },
  })
}

function ownerOf(name: string, uid: string): object {
  return { apiVersion: resources.cluster.apiVersion, kind: 'Cluster', name, uid }
}
