import type { BucketSettings } from '../bucket.ts'
import type { Manifest } from '../kubernetes/objects.ts'
import { clusterLabel, managedBy, managedByLabel } from '../names.ts'

const postgres = { protocol: 'TCP', port: 5432 }
/** Of the instance manager: instances and the operator ask each other here. */
const status = { protocol: 'TCP', port: 8000 }
const metrics = { protocol: 'TCP', port: 9187 }
const dns = [{ protocol: 'UDP', port: 53 }, { protocol: 'TCP', port: 53 }]

/**
 * Nothing in or out, then what databases need. Who may connect is decided per database by its `pg_hba.conf`, which also
 * holds where the network does not enforce policies. Out go DNS, replication, and HTTPS: the Kubernetes API, which has no label
 * to select it by, and object stores. `scrapedFrom`: the namespace that metrics are read from; undefined: any.
 */
export function networkPolicyManifests(namespace: string, operatorNamespace: string, bucket?: Pick<BucketSettings, 'endpoint'>, scrapedFrom?: string): (Manifest & { readonly spec: object })[] {
  const databases = { matchExpressions: [{ key: clusterLabel, operator: 'Exists' }] }
  const policy = (name: string, spec: object): Manifest & { readonly spec: object } => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, labels: { [managedByLabel]: managedBy } },
    spec,
  })
  return [
    policy('howdah-default-deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
    policy('howdah-databases', {
      podSelector: databases,
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        { ports: [postgres] },
        { from: [{ podSelector: databases }, { namespaceSelector: named(operatorNamespace) }], ports: [status] },
        { from: [{ namespaceSelector: scrapedFrom === undefined ? {} : named(scrapedFrom) }], ports: [metrics] },
      ],
      egress: [
        { to: [{ namespaceSelector: named('kube-system') }], ports: dns },
        { to: [{ podSelector: databases }], ports: [postgres, status] },
        { ports: [...new Set([443, 6443, ...bucket ? [portOf(bucket.endpoint)] : []])].map(port => ({ protocol: 'TCP', port })) },
      ],
    }),
  ]
}

function named(namespace: string): object {
  return { matchLabels: { 'kubernetes.io/metadata.name': namespace } }
}

function portOf(endpoint: string): number {
  const { port, protocol } = new URL(endpoint)
  return port === '' ? protocol === 'https:' ? 443 : 80 : Number(port)
}
