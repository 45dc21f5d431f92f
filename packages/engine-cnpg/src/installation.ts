import type { KubeApi } from './kubernetes/api.ts'
import type { WatchCache } from './kubernetes/watch-cache.ts'
import type { Location } from './location.ts'
import type { Log } from './log.ts'
import type { QuotaView } from './quota.ts'
import type { ClusterView, PodView } from './views.ts'

/** What every part of the driver knows about where it works. */
export interface Installation {
  readonly location: Location
  readonly api: KubeApi
  readonly clusters: WatchCache<ClusterView>
  readonly pods: WatchCache<PodView>
  readonly quotas: WatchCache<QuotaView>
  readonly log: Log
  /** Instances and jobs of one Cluster. */
  readonly podsOf: (namespace: string, cluster: string) => readonly PodView[]
  readonly quotasOf: (namespace: string) => readonly QuotaView[]
  /** Why the API of the cluster cannot be followed now; undefined while it can. */
  readonly problem: string | undefined
}
