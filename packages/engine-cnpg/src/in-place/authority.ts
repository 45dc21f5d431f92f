import type { DatabaseRef } from '@howdah/engine'
import type { Installation } from '../installation.ts'
import { ApiError } from '../kubernetes/api.ts'
import { resources } from '../kubernetes/objects.ts'
import { authoritySecretOf, namespaceOf, ownLabels } from '../names.ts'

/** Users verify the server by its authority: that stays when its Cluster goes. */
export async function keepAuthority(installation: Installation, ref: DatabaseRef): Promise<void> {
  await change(installation, { namespace: namespaceOf(installation.location, ref.project), name: ref.name }, { labels: ownLabels(ref), ownerReferences: null })
}

/** From now on it goes with this Cluster. */
export async function giveAuthority(installation: Installation, { name, namespace, uid }: { readonly name: string, readonly namespace: string, readonly uid: string }): Promise<void> {
  await change(installation, { namespace, name }, { ownerReferences: [{ ...ownerOf(name, uid), controller: true }] })
}

/** The operator takes one that is there, and makes another one where somebody deleted it. */
async function change({ api }: Installation, { name, namespace }: { readonly name: string, readonly namespace: string }, metadata: object): Promise<void> {
  try {
    await api.merge(resources.secret, { namespace, name: authoritySecretOf({ name }) }, { metadata })
  }
  catch (error) {
    if (!(error instanceof ApiError && error.status === 404))
      throw error
  }
}

function ownerOf(name: string, uid: string): object {
  return { apiVersion: resources.cluster.apiVersion, kind: 'Cluster', name, uid }
}
