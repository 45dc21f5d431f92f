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
  /** Objects whose key begins with this folder's; in no order. */
  list: (folder: string) => Promise<readonly StoredObject[]>
  /** Of something unknown: nothing. */
  remove: (key: string) => Promise<void>
}

export interface StoredObject {
  readonly key: string
  readonly bytes: number
  readonly storedAt: Date
}

/** How to open a store, as it is written down for programs that are not us. */
export interface StoreSettings { readonly kind: 'folder', readonly path: string }
