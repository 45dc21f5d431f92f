import type { Capabilities, Engine } from '@howdah/engine'
import type { Domain } from './domain.ts'
import { EngineError } from '@howdah/engine'
import { within } from './deadline.ts'

const cachedMs = 5000
const deadlineMs = 2000

export interface LocationState {
  readonly name: string
  /** As they were last known; undefined for a location that has never answered. */
  readonly capabilities: Capabilities | undefined
  /** Why it is not available; undefined when it is. */
  readonly problem: string | undefined
}

/** What each location can do, asked at most every few seconds. One that does not answer says so and hides no other. */
export function createLocations({ engines, log }: Domain): () => Promise<readonly LocationState[]> {
  const known = new Map<string, Capabilities>()
  let states: Promise<readonly LocationState[]> | undefined
  let askedAt = Number.NEGATIVE_INFINITY

  async function ask(name: string, engine: Engine): Promise<LocationState> {
    try {
      const [capabilities] = await within(deadlineMs, Promise.all([engine.capabilities(), engine.check()]), () => new EngineError('unavailable', `No answer within ${deadlineMs / 1000} s`))
      known.set(name, capabilities)
      return { name, capabilities, problem: undefined }
    }
    catch (error) {
      log.warn({ err: error, location: name }, 'the location does not answer')
      return { name, capabilities: known.get(name), problem: error instanceof EngineError ? error.message : 'It does not answer' }
    }
  }

  return async () => {
    if (!states || performance.now() - askedAt >= cachedMs) {
      askedAt = performance.now()
      states = Promise.all([...engines].map(([name, engine]) => ask(name, engine)))
    }
    return await states
  }
}
