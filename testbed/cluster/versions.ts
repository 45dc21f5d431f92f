/** What the bed is made of. Go modules are built at exactly these versions; Debian's packages come as their suite has them. */
export const versions = {
  kubernetes: '1.35.4',
  /** Newest that the module proxy holds whole. */
  etcd: '3.6.4',
  coredns: '1.14.6',
  localPathProvisioner: '0.0.30',
  cloudNativePg: '1.30.0',
  /** 0.15.0 needs modules that were never published. */
  barmanCloudPlugin: '0.14.0',
  /** An S3 store over a folder. */
  versitygw: '1.8.0',
} as const

/** What makes volumes, snapshots of them, and larger ones, for the driver in build/go/csi-driver. */
export const csiVersions = {
  externalProvisioner: '6.4.0',
  externalResizer: '2.3.0',
  externalSnapshotter: '8.7.0',
  /** What the driver speaks. */
  spec: '1.13.0',
} as const

/**
 * The Debian suite that an operand image is made of, by PostgreSQL's major version. What a major upgrade can be tried with are 15 and 17: since
 * its 17.12 PostgreSQL 17 keeps an option of every column that 18 knows from 18.7 on, which forky does not have yet.
 */
export const postgresqlSuites = {
  15: 'bookworm',
  17: 'trixie',
  18: 'forky',
} as const

/** The Debian suite of Barman's own programs, which the sidecar of the backup plugin runs. */
export const barmanSuite = 'trixie'
