/** Where a location keeps its archives, as its operator writes it. */
export interface BucketOptions {
  /** `s3://BUCKET/PREFIX?endpoint=https://NAME:PORT&region=REGION&ca=FILE` */
  readonly url: string
  /** File with an access key: `aws_access_key_id = …` and `aws_secret_access_key = …`. */
  readonly credentialsFile?: string
  readonly accessKeyId?: string
  readonly secretAccessKey?: string
}

/** What the backup plugin in the cluster is told. */
export interface BucketSettings {
  /** Scheme, name and port. */
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  /** What every key begins with; empty, or a path without a slash at either end. */
  readonly prefix: string
  /** Certificates in PEM that vouch for the endpoint; undefined: those that everybody trusts. */
  readonly ca?: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** The bucket as we look after it: the plugin writes into it, we see what is there and remove what is over. Keys are below the prefix. */
export interface Bucket {
  readonly settings: BucketSettings
  readonly has: (key: string) => Promise<boolean>
  /** Undefined: there is none. */
  readonly get: (key: string) => Promise<Uint8Array | undefined>
  readonly list: (folder: string) => Promise<readonly StoredObject[]>
  /** Of something unknown: nothing. */
  readonly remove: (key: string) => Promise<void>
}

interface StoredObject {
  readonly key: string
  readonly bytes: number
}
