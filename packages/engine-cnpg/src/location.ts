import type { BucketOptions } from './bucket.ts'

/** One cluster as a place for databases: the settings of a location, checked and with their defaults. */
export interface Location {
  /** Id of the control plane, set when the location is opened: what another one made is left alone. */
  readonly installation?: string
  /** Path; undefined: the service account of the pod that we run in. */
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  /** Followed by the project's name: the namespace of its databases. */
  readonly namespacePrefix: string
  /** Where the operator runs; its pods may reach the instances. */
  readonly operatorNamespace: string
  /** Images of PostgreSQL by major version, as the settings name them. */
  readonly images: readonly Image[]
  /** Instead of them: name of the ClusterImageCatalog that has them. */
  readonly imageCatalog: string | undefined
  /** Undefined: the cluster's default class. */
  readonly storageClass: string | undefined
  /** False: the storage class cannot enlarge a volume, and a database stays at the size that it began with. */
  readonly storageGrows: boolean
  /** Of a VolumeSnapshotClass; undefined: no snapshots are taken of volumes. */
  readonly volumeSnapshotClass: string | undefined
  /**
   * How this process reaches a database: by the name of its Service, or by the Service's address, from a machine that
   * routes to the cluster without its DNS. The certificate is checked against the name either way.
   */
  readonly reach: 'dns' | 'cluster-ip'
  /** Set: databases have a load balancer, and users are given `<database>.<project>.<domain>`. */
  readonly domain: string | undefined
  /** Set: instead of a load balancer each database has a route of this gateway, which all of them share. */
  readonly tlsRoute: TlsRouting | undefined
  readonly maxInstances: number
  readonly maxCpu: number
  readonly maxMemoryMib: number
  readonly maxStorageGib: number
  /** Part of the CPU asked for that is reserved on a node; the limit is all of it. */
  readonly cpuReserved: number
  /** After this long without its node an instance is given up for another one. */
  readonly unreachableSeconds: number
  /** Networks from which this control plane comes. Superuser and monitoring are let in from nowhere else. */
  readonly controlPlaneCidrs: readonly string[]
  /** Undefined: no WAL is archived and no backups are kept. */
  readonly backups: BucketOptions | undefined
  /** Undefined: no PodMonitors. */
  readonly podMonitor: PodMonitoring | undefined
  /** Most of each that a project's namespace may hold; undefined: no quota. */
  readonly quota: Readonly<Record<string, string>> | undefined
}

/** A Gateway with a listener that passes TLS on as it is, and its address. */
export interface TlsRouting {
  readonly gateway: string
  readonly namespace: string
  /** Name of the listener; undefined: any that fits. */
  readonly sectionName: string | undefined
  /** On which clients find it. */
  readonly port: number
  /** Where this process connects instead of looking up a database's name; undefined: it looks up. */
  readonly address: string | undefined
}

export type RoutedLocation = Location & { readonly domain: string, readonly tlsRoute: TlsRouting }

export function isRouted(location: Location): location is RoutedLocation {
  return location.domain !== undefined && location.tlsRoute !== undefined
}

export interface PodMonitoring {
  /** By which a Prometheus selects what it reads. */
  readonly labels: Readonly<Record<string, string>>
  /** From which metrics may be read; undefined: from all of the cluster. */
  readonly namespace: string | undefined
  /** Such as `30s`; undefined: as Prometheus itself is set. */
  readonly interval: string | undefined
}

export interface Image {
  readonly major: number
  /** Full version such as `18.4`. */
  readonly version: string
  readonly image: string
}
