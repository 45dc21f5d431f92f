import type { Bucket } from './bucket.ts'
import type { Caches } from './caches.ts'
import type { KubeApi } from './kubernetes/api.ts'
import type { WatchCache } from './kubernetes/watch-cache.ts'
import type { Image, Location } from './location.ts'
import type { Log } from './log.ts'
import type { InstallationId } from './options.ts'
import type { PodIndex } from './pod-index.ts'
import type { QuotaView } from './quota.ts'
import type { ClusterView, PodView } from './views.ts'
import { balancerOf } from './names.ts'

/** What every part of the driver knows about where it works. */
export interface Installation {
  readonly location: Location
  readonly api: KubeApi
  readonly clusters: WatchCache<ClusterView>
  readonly pods: WatchCache<PodView>
  readonly quotas: WatchCache<QuotaView>
  readonly log: Log
  /** Of PostgreSQL, newest major first: what is on offer. */
  readonly images: readonly Image[]
  /** Undefined: no WAL is archived and no backups are kept. */
  readonly bucket: Bucket | undefined
  /** Instances and jobs of one Cluster. */
  readonly podsOf: (namespace: string, cluster: string) => readonly PodView[]
  /** Address of the load balancer of a Cluster; undefined while there is none. */
  readonly balancerAddress: (namespace: string, cluster: string) => string | undefined
  readonly quotasOf: (namespace: string) => readonly QuotaView[]
  /** Why the API of the cluster cannot be followed now; undefined while it can. */
  readonly problem: string | undefined
}

/** One whose databases are backed up. */
export type BackedInstallation = Installation & { readonly bucket: Bucket }

export function isBacked(installation: Installation): installation is BackedInstallation {
  return installation.bucket !== undefined
}

/** One over what is followed of a cluster. `problem` is asked each time. */
export function installationOf({ caches, index, problem, ...rest }: Pick<Installation, 'api' | 'bucket' | 'location' | 'log'> & {
  readonly caches: Caches
  readonly index: PodIndex
  readonly problem: () => string | undefined
}): Installation {
  const { balancers, clusters, imageCatalogs, pods, quotas } = caches
  const { imageCatalog, images } = rest.location
  return {
    ...rest,
    clusters,
    pods,
    quotas,
    get images() {
      return imageCatalog === undefined ? images : imageCatalogs?.get(undefined, imageCatalog)?.images ?? []
    },
    podsOf: (namespace, cluster) => index.of(namespace, cluster),
    balancerAddress: (namespace, name) => balancers?.get(namespace, balancerOf({ name }))?.address,
    quotasOf: namespace => quotas.values().filter(quota => quota.namespace === namespace),
    get problem() {
      return problem()
    },
  }
}

/** A location of this control plane, as soon as it is known which one that is. */
export async function locationOf(controlPlane: InstallationId, location: Location): Promise<Location> {
  await controlPlane.known
  return {
    ...location,
    get installation() {
      return controlPlane.id
    },
  }
}
