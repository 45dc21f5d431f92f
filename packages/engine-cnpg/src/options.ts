import type { Bucket, BucketOptions } from './bucket.ts'
import type { Log } from './log.ts'

/** Which control plane it is: databases of others in the same cluster are left alone. */
export interface InstallationId {
  readonly id: string
  /** Settles when it is; no location is opened before that. */
  readonly known: Promise<void>
}

export interface CnpgEngineOptions {
  /** Name of the location, for logs. */
  readonly location: string
  /** As the operator of the location wrote them; see docs/guides/kubernetes.md. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly log: Log
  readonly installation: InstallationId
  /** How a bucket is opened; asked only where the settings name one. */
  readonly openBucket: (options: BucketOptions) => Promise<Bucket>
}
