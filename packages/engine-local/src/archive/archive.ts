import type { Buffer } from 'node:buffer'
import type { ArchiveKey } from './envelope.ts'
import type { ObjectStore, StoredObject } from './object-store.ts'
import { seal, unseal } from './envelope.ts'
import { letGo } from './let-go.ts'

/** What one database leaves outside itself: WAL, base backups, restore points. Sealed with keys of its own. */
export class Archive {
  readonly name: string
  readonly #store: ObjectStore
  readonly #keys: readonly ArchiveKey[]

  /** `keys`: the first one seals, all of them open. */
  constructor(name: string, store: ObjectStore, keys: readonly ArchiveKey[]) {
    this.name = name
    this.#store = store
    this.#keys = keys
  }

  async put(path: string, content: Uint8Array, time: Date): Promise<{ bytes: number }> {
    const sealed = await this.#sealed(path, content, time)
    await this.#store.put(this.#place(path), sealed)
    return { bytes: sealed.length }
  }

  /** False, and nothing is done, when there is one already. */
  async putNew(path: string, content: Uint8Array, time: Date): Promise<boolean> {
    return await this.#store.putNew(this.#place(path), await this.#sealed(path, content, time))
  }

  /** Undefined when there is none. Throws `EnvelopeError` when it is not what was put. */
  async get(path: string): Promise<{ content: Buffer, time: Date } | undefined> {
    const sealed = await this.#store.get(this.#place(path))
    if (!sealed)
      return undefined
    const opened = await unseal(sealed, this.#place(path), this.#keys)
    letGo(sealed)
    return opened
  }

  async has(path: string): Promise<boolean> {
    return await this.#store.has(this.#place(path))
  }

  /** Names of the folders right below this one. */
  async folders(folder: string): Promise<readonly string[]> {
    return await this.#store.folders(this.#place(folder))
  }

  /** Objects below a folder, their paths inside the archive. */
  async list(folder: string): Promise<readonly (StoredObject & { readonly path: string })[]> {
    const prefix = `${this.name}/`
    return (await this.#store.list(`${prefix}${folder}`)).map(object => ({ ...object, path: object.key.slice(prefix.length) }))
  }

  async remove(path: string): Promise<void> {
    await this.#store.remove(this.#place(path))
  }

  async #sealed(path: string, content: Uint8Array, time: Date): Promise<Buffer> {
    const [key] = this.#keys
    if (!key)
      throw new Error('an archive without a key seals nothing')
    return await seal(content, this.#place(path), key, time)
  }

  #place(path: string): string {
    return `${this.name}/${path}`
  }
}
