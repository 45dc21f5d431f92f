import type { Engine } from '@howdah/engine'
import { EngineError } from '@howdah/engine'

/** The port's part about backups for a location whose capabilities say that it has none: nothing is there, and nothing can be asked for. */
export const noBackups = {
  backups: async () => [],
  restoreWindow: async () => [],
  restorePoints: async () => [],
  expireBackups: async () => {},
  deleteBackup: async () => {},
  destroyArchive: async () => {},
  takeBackup: unsupported,
  drillBackup: unsupported,
  createRestorePoint: unsupported,
} satisfies Partial<Engine>

/** The same of restores in place. */
export const noRestoreInPlace = {
  planRestore: unsupported,
  restore: unsupported,
  undoRestore: unsupported,
  endUndo: async () => {},
} satisfies Partial<Engine>

async function unsupported(): Promise<never> {
  throw new EngineError('unsupported', 'This location takes no backups, or cannot restore one in place.')
}
