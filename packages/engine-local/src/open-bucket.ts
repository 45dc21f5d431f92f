import type { S3Settings, StoredObject } from './archive/object-store.ts'
import type { StoreOptions } from './store-options.ts'
import { openStoreOf } from './archive-site.ts'
import { readStoreOptions } from './store-options.ts'

/** A bucket whose objects another program writes: enough to look after them. */
export interface OpenBucket {
  readonly settings: S3Settings
  readonly has: (key: string) => Promise<boolean>
  /** Undefined: there is none. */
  readonly get: (key: string) => Promise<Uint8Array | undefined>
  /** Objects below a folder, in no order. */
  readonly list: (folder: string) => Promise<readonly StoredObject[]>
  /** Of something unknown: nothing. */
  readonly remove: (key: string) => Promise<void>
}

/** Errors are `EngineError`: `invalid` when the address or the access key is not right, `unavailable` when the store is away. */
export async function openBucket(options: Omit<Extract<StoreOptions, { kind: 's3' }>, 'kind'>): Promise<OpenBucket> {
  const address = { kind: 's3', ...options } as const
  const settings = await readStoreOptions(address)
  if (settings.kind !== 's3')
    throw new TypeError('an address of a bucket was read as something else')
  const { get, has, list, remove } = await openStoreOf(address)
  return { settings, get, has, list, remove }
}
