import type { ObjectStore, StoreSettings } from './object-store.ts'
import { Buffer } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { Archive } from './archive.ts'
import { openStore } from './open-store.ts'

/**
 * What a server's account is told of the archive that it writes to and reads from: where it is, and the keys of this one
 * archive, from which neither those of others nor the installation's own can be found.
 */
export interface ArchiveFile {
  readonly archive: string
  readonly store: StoreSettings
  /** Secrets in base64; the first one seals. */
  readonly keys: readonly { readonly id: string, readonly secret: string }[]
}

export async function openArchiveFile(path: string): Promise<Archive> {
  const file = JSON.parse(await readFile(path, 'utf8')) as ArchiveFile // written by us
  return openArchive(file, await openStore(file.store))
}

export function openArchive({ archive, keys }: ArchiveFile, store: ObjectStore): Archive {
  return new Archive(archive, store, keys.map(({ id, secret }) => ({ id, secret: Buffer.from(secret, 'base64') })))
}
