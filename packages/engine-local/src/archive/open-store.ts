import type { ObjectStore, StoreSettings } from './object-store.ts'
import { folderStore } from './folder-store.ts'

export function openStore(settings: StoreSettings): ObjectStore {
  return folderStore(settings.path)
}
