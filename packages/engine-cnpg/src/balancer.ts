import type { KubeObject } from './kubernetes/objects.ts'
import { clusterLabel } from './names.ts'

/** What is kept of a Service of type LoadBalancer, through which clients outside of the cluster reach a database. */
export interface BalancerView {
  readonly namespace: string
  readonly cluster: string
  /** Undefined until whoever makes load balancers there has made this one. */
  readonly address: string | undefined
}

interface ServiceObject extends KubeObject {
  readonly spec?: { readonly type?: string }
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string, readonly hostname?: string }[] } }
}

export function balancerView(object: KubeObject): BalancerView | undefined {
  const { metadata: { labels = {}, namespace = '' }, spec = {}, status = {} } = object as ServiceObject // the API's documented shape
  const cluster = labels[clusterLabel]
  if (cluster === undefined || spec.type !== 'LoadBalancer')
    return undefined
  const [first] = status.loadBalancer?.ingress ?? []
  return { namespace, cluster, address: first?.ip ?? first?.hostname }
}
