import type { Domain } from './domain.ts'
import { EngineError } from '@howdah/engine'
import { rememberLocation } from '../store/locations.ts'

/**
 * Stops a start whose locations are other places than those that the databases in the store live at: a worker would
 * find nothing there and make every database anew, empty. A place that cannot be asked now is taken at its word.
 */
export async function holdLocationsToIdentity({ engines, log, store }: Pick<Domain, 'engines' | 'log' | 'store'>): Promise<void> {
  for (const [name, engine] of engines) {
    const identity = await engine.identity().catch((error: unknown) => {
      if (!(error instanceof EngineError && error.code === 'unavailable'))
        throw error
      log.warn({ err: error, location: name }, 'the location cannot say which place it is')
    })
    if (identity !== undefined && await rememberLocation(store.db, name, identity) !== identity)
      throw new Error(`The location "${name}" is another place than the one that the databases in this store live at. Give this process the settings of that place (for databases on one machine: its HOWDAH_DATA_DIR), or name a location of its own in HOWDAH_LOCATIONS.`)
  }
}
