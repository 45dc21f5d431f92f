import type { BackupNews } from './backup-events.ts'
import type { BalancerView } from './balancer.ts'
import type { ImageCatalogView } from './image-catalog.ts'
import type { KubeApi } from './kubernetes/api.ts'
import type { Location } from './location.ts'
import type { Log } from './log.ts'
import type { QuotaView } from './quota.ts'
import type { VolumeView } from './storage-events.ts'
import type { ClusterView, PodView } from './views.ts'
import { backupNews } from './backup-events.ts'
import { balancerView } from './balancer.ts'
import { imageCatalogView } from './image-catalog.ts'
import { resources } from './kubernetes/objects.ts'
import { WatchCache } from './kubernetes/watch-cache.ts'
import { isRouted } from './location.ts'
import { clusterLabel } from './names.ts'
import { quotaView } from './quota.ts'
import { volumeView } from './storage-events.ts'
import { clusterView, podView } from './views.ts'

/** What is followed of a cluster. */
export class Caches {
  readonly clusters: WatchCache<ClusterView>
  readonly pods: WatchCache<PodView>
  readonly quotas: WatchCache<QuotaView>
  /** Undefined: no database has one. */
  readonly balancers: WatchCache<BalancerView> | undefined
  /** Undefined: the settings name the images. */
  readonly imageCatalogs: WatchCache<ImageCatalogView> | undefined
  /** Only told of: what a database is does not depend on them. */
  readonly backups: WatchCache<BackupNews>
  readonly volumes: WatchCache<VolumeView>

  constructor(api: KubeApi, location: Location, log: Log) {
    this.clusters = new WatchCache({ api, resource: resources.cluster, project: clusterView, log })
    this.pods = new WatchCache({ api, resource: resources.pod, labels: clusterLabel, project: podView, log })
    this.quotas = new WatchCache({ api, resource: resources.resourceQuota, project: quotaView, log })
    this.balancers = location.domain === undefined || isRouted(location) ? undefined : new WatchCache({ api, resource: resources.service, labels: clusterLabel, project: balancerView, log })
    this.imageCatalogs = location.imageCatalog === undefined ? undefined : new WatchCache({ api, resource: resources.imageCatalog, project: imageCatalogView, log })
    this.backups = new WatchCache({ api, resource: resources.backup, project: backupNews, log })
    this.volumes = new WatchCache({ api, resource: resources.volumeClaim, labels: clusterLabel, project: volumeView, log })
  }

  /** Why what databases are cannot be followed now; undefined while it can. */
  get problem(): string | undefined {
    return this.clusters.problem ?? this.pods.problem ?? this.balancers?.problem
  }

  onProblem(listener: () => void): void {
    for (const cache of [this.clusters, this.pods, this.balancers])
      cache?.onProblem(listener)
  }

  /** Resolves when all that a database is judged by was listed once. */
  async start(): Promise<void> {
    void this.backups.start()
    void this.volumes.start()
    await Promise.all([this.balancers?.start(), this.imageCatalogs?.start(), this.pods.start(), this.clusters.start(), this.quotas.start()])
  }

  async close(): Promise<void> {
    await Promise.all([this.clusters, this.pods, this.quotas, this.balancers, this.imageCatalogs, this.backups, this.volumes].map(async cache => await cache?.close()))
  }
}
