import type { Buffer } from 'node:buffer'

/**
 * Where archives are kept. Objects are small enough to be held in memory, and are there as a whole or not at all. A key
 * is a path of names with `/` between them.
 */
export interface ObjectStore {
  /** Safe from a power cut when it resolves. */
  put: (key: string, body: Uint8Array) => Promise<void>
  /** False, and nothing is done, when there is such an object already. */
  putNew: (key: string, body: Uint8Array) => Promise<boolean>
  /** Undefined when there is no such object. */
  get: (key: string) => Promise<Buffer | undefined>
  has: (key: string) => Promise<boolean>
  /** Objects whose key begins with this folder's; in no order. */
  list: (folder: string) => Promise<readonly StoredObject[]>
  /** Names of the folders right below this one; in no order. */
  folders: (folder: string) => Promise<readonly string[]>
  /** Of something unknown: nothing. */
  remove: (key: string) => Promise<void>
}

export interface StoredObject {
  readonly key: string
  readonly bytes: number
  readonly storedAt: Date
}

/** How to open a store, as it is written down for programs that are not us. */
export type StoreSettings = FolderSettings | S3Settings

export interface FolderSettings { readonly kind: 'folder', readonly path: string }

export interface S3Settings {
  readonly kind: 's3'
  /** Scheme, name and port. */
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  /** What every key begins with; empty, or a path without a slash at either end. */
  readonly prefix: string
  /** True: the bucket is in the path. False: in the host's name. */
  readonly pathStyle: boolean
  /** Certificates in PEM that vouch for the endpoint; undefined: those that everybody trusts. */
  readonly ca?: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}
