import type { ObjectStore, StoreSettings } from './object-store.ts'
import { folderStore } from './folder-store.ts'

/** Whoever archives into a folder does not pay for the start of an HTTP client with each segment. */
export async function openStore(settings: StoreSettings): Promise<ObjectStore> {
  if (settings.kind === 'folder')
    return folderStore(settings.path)
  const { s3Store } = await import('./s3-store.ts')
  return s3Store(settings)
}
