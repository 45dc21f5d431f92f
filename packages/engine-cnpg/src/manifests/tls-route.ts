import type { Manifest } from '../kubernetes/objects.ts'
import type { RoutedLocation } from '../location.ts'
import type { ClusterSpec } from './cluster.ts'
import { namespaceOf, ownLabels } from '../names.ts'
import { externalHost } from './cluster.ts'

/** Leads whoever asks for the name of a database to it, with TLS from end to end. It goes with the Cluster that it leads to: `owner` is its uid. */
export function tlsRouteManifest(spec: Pick<ClusterSpec, 'id' | 'name' | 'project'>, { domain, namespacePrefix, tlsRoute }: RoutedLocation, owner: string): Manifest & { readonly spec: object } {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'TLSRoute',
    metadata: {
      name: spec.name,
      namespace: namespaceOf({ namespacePrefix }, spec.project),
      labels: ownLabels(spec),
      ownerReferences: [{ apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: spec.name, uid: owner }],
    },
    spec: {
      parentRefs: [{
        group: 'gateway.networking.k8s.io',
        kind: 'Gateway',
        name: tlsRoute.gateway,
        namespace: tlsRoute.namespace,
        ...tlsRoute.sectionName === undefined ? {} : { sectionName: tlsRoute.sectionName },
      }],
      hostnames: [externalHost(spec, domain)],
      rules: [{ backendRefs: [{ name: `${spec.name}-rw`, port: 5432 }] }],
    },
  }
}
