/** What every object of the Kubernetes API has, as far as we read it. */
export interface KubeObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: Metadata
}

export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  /** What it goes with. */
  readonly ownerReferences?: readonly { readonly kind: string }[]
  /** Who set which field. */
  readonly managedFields?: readonly { readonly fieldsV1?: object }[]
}

/** An object as we want it: what is sent to the API. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly ownerReferences?: readonly { readonly apiVersion: string, readonly kind: string, readonly name: string, readonly uid: string }[]
  }
}

/** A kind of object, and where the API has it. */
export interface Resource {
  readonly apiVersion: string
  readonly plural: string
  readonly isNamespaced: boolean
}

export const resources = {
  cluster: { apiVersion: 'postgresql.cnpg.io/v1', plural: 'clusters', isNamespaced: true },
  imageCatalog: { apiVersion: 'postgresql.cnpg.io/v1', plural: 'clusterimagecatalogs', isNamespaced: false },
  backup: { apiVersion: 'postgresql.cnpg.io/v1', plural: 'backups', isNamespaced: true },
  objectStore: { apiVersion: 'barmancloud.cnpg.io/v1', plural: 'objectstores', isNamespaced: true },
  tlsRoute: { apiVersion: 'gateway.networking.k8s.io/v1', plural: 'tlsroutes', isNamespaced: true },
  podMonitor: { apiVersion: 'monitoring.coreos.com/v1', plural: 'podmonitors', isNamespaced: true },
  namespace: { apiVersion: 'v1', plural: 'namespaces', isNamespaced: false },
  pod: { apiVersion: 'v1', plural: 'pods', isNamespaced: true },
  secret: { apiVersion: 'v1', plural: 'secrets', isNamespaced: true },
  service: { apiVersion: 'v1', plural: 'services', isNamespaced: true },
  volumeClaim: { apiVersion: 'v1', plural: 'persistentvolumeclaims', isNamespaced: true },
  networkPolicy: { apiVersion: 'networking.k8s.io/v1', plural: 'networkpolicies', isNamespaced: true },
  resourceQuota: { apiVersion: 'v1', plural: 'resourcequotas', isNamespaced: true },
  /** Renewed by each node's kubelet. */
  lease: { apiVersion: 'coordination.k8s.io/v1', plural: 'leases', isNamespaced: true },
  volumeSnapshot: { apiVersion: 'snapshot.storage.k8s.io/v1', plural: 'volumesnapshots', isNamespaced: true },
  volumeSnapshotClass: { apiVersion: 'snapshot.storage.k8s.io/v1', plural: 'volumesnapshotclasses', isNamespaced: false },
  storageClass: { apiVersion: 'storage.k8s.io/v1', plural: 'storageclasses', isNamespaced: false },
} as const satisfies Record<string, Resource>

/** Path of a collection, or of one object in it. Names are encoded: they never become another path. */
export function pathOf(resource: Resource, place: { readonly namespace?: string | undefined, readonly name?: string | undefined, readonly subresource?: 'status' } = {}): string {
  const root = resource.apiVersion.includes('/') ? `/apis/${resource.apiVersion}` : `/api/${resource.apiVersion}`
  const namespace = resource.isNamespaced && place.namespace !== undefined ? `/namespaces/${encodeURIComponent(place.namespace)}` : ''
  const name = place.name === undefined ? '' : `/${encodeURIComponent(place.name)}`
  const subresource = place.subresource === undefined ? '' : `/${place.subresource}`
  return `${root}${namespace}/${resource.plural}${name}${subresource}`
}
