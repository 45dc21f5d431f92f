import type { Bucket, BucketOptions } from './bucket.ts'
import type { Log } from './log.ts'

export interface CnpgEngineOptions {
  /** Name of the location, for logs. */
  readonly location: string
  /** As the operator of the location wrote them; see docs/guides/kubernetes.md. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly log: Log
  /** How a bucket is opened; asked only where the settings name one. */
  readonly openBucket: (options: BucketOptions) => Promise<Bucket>
}
