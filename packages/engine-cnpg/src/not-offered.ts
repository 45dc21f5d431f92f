import type { Engine } from '@howdah/engine'
import { EngineError } from '@howdah/engine'

const inPlace = 'Here a database cannot be restored in place; restore it as a new one.'

const upgrade = 'Here a database cannot be upgraded yet; the operator of the cluster gives it new images.'

/** Parts of the port that capabilities say are not here. */
export const notOffered = {
  planRestore: async () => await refuse(inPlace),
  restore: async () => await refuse(inPlace),
  undoRestore: async () => await refuse(inPlace),
  endUndo: async () => {},
  planUpgrade: async () => await refuse(upgrade),
  rehearseUpgrade: async () => await refuse(upgrade),
  upgradeReport: async () => undefined,
  upgrade: async () => await refuse(upgrade),
} satisfies Partial<Engine>

async function refuse(message: string): Promise<never> {
  throw new EngineError('unsupported', message)
}
