import type { Engine } from '@howdah/engine'
import { EngineError } from '@howdah/engine'

/** Parts of the port that capabilities say are not here. */
export const notOffered = {
  planUpgrade: async () => await refuse(),
  rehearseUpgrade: async () => await refuse(),
  upgradeReport: async () => undefined,
  upgrade: async () => await refuse(),
} satisfies Partial<Engine>

async function refuse(): Promise<never> {
  throw new EngineError('unsupported', 'Here a database cannot be upgraded yet; the operator of the cluster gives it new images.')
}
