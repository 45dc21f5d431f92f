import type { ObjectStore } from './archive/object-store.ts'
import { EngineError } from '@howdah/engine'
import { StoreError } from './archive/store-error.ts'

/** A store that says what is wrong with it as an engine does. */
export function inOurWords(store: ObjectStore): ObjectStore {
  async function ask<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    }
    catch (error) {
      if (error instanceof StoreError)
        throw new EngineError('unavailable', `The archive is away: ${error.message}.`, { cause: error })
      throw error
    }
  }
  return {
    put: async (key, body) => await ask(store.put(key, body)),
    putNew: async (key, body) => await ask(store.putNew(key, body)),
    get: async key => await ask(store.get(key)),
    has: async key => await ask(store.has(key)),
    list: async folder => await ask(store.list(folder)),
    folders: async folder => await ask(store.folders(folder)),
    remove: async key => await ask(store.remove(key)),
  }
}
