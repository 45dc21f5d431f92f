import type { DatabaseSpec } from '@howdah/engine'
import type { Installation } from './installation.ts'
import type { KubeObject } from './kubernetes/objects.ts'
import { resources } from './kubernetes/objects.ts'
import { isRouted } from './location.ts'
import { tlsRouteManifest } from './manifests/tls-route.ts'
import { namespaceOf } from './names.ts'
import { isSubset } from './subset.ts'

/** Whether the gateway leads to the database, where one should. `cluster`: undefined before it is there. */
export async function isRouteSame({ api, location }: Installation, spec: DatabaseSpec, cluster: KubeObject | undefined): Promise<boolean> {
  if (!isRouted(location) || !cluster)
    return true
  return isSubset(tlsRouteManifest(spec, location, cluster.metadata.uid ?? ''), await api.get(resources.tlsRoute, placeOf(location, spec)))
}

export async function applyRoute({ api, location }: Installation, spec: DatabaseSpec, cluster: KubeObject): Promise<void> {
  if (isRouted(location))
    await api.apply(resources.tlsRoute, tlsRouteManifest(spec, location, cluster.metadata.uid ?? ''))
}

interface TlsRouteObject extends KubeObject {
  readonly status?: { readonly parents?: readonly { readonly conditions?: readonly { readonly type?: string, readonly status?: string, readonly message?: string }[] }[] }
}

/** Why the gateway does not lead there, as far as it says so. */
export async function routeComplaint({ api, location }: Pick<Installation, 'api' | 'location'>, spec: Pick<DatabaseSpec, 'project' | 'name'>): Promise<string | undefined> {
  if (!isRouted(location))
    return undefined
  const { gateway, namespace } = location.tlsRoute
  const { parents = [] } = (await api.get<TlsRouteObject>(resources.tlsRoute, placeOf(location, spec)))?.status ?? {}
  if (parents.length === 0)
    return `No controller has looked at its TLSRoute: is there a Gateway "${gateway}" in "${namespace}", and does something run it?`
  const refused = parents.flatMap(({ conditions = [] }) => conditions).find(({ status, type }) => status === 'False' && (type === 'Accepted' || type === 'ResolvedRefs'))
  return refused && `The Gateway "${gateway}" does not lead to it: ${refused.message ?? 'it does not say why'}`
}

function placeOf(location: Installation['location'], { name, project }: Pick<DatabaseSpec, 'project' | 'name'>): { readonly namespace: string, readonly name: string } {
  return { namespace: namespaceOf(location, project), name }
}
