import type { Domain } from './domain.ts'
import { EngineError } from '@howdah/engine'
import { within } from './deadline.ts'

const deadlineMs = 2000

/** `name`: `store`, or a location. */
export interface Check { readonly name: string, readonly ok: boolean, readonly message: string }

/**
 * The store comes first. Asks it and every engine whether they answer. Questions that come while one is being asked share its answer,
 * so that nobody can load the store by asking.
 */
export function createReadiness({ store, engines, log }: Domain): () => Promise<readonly Check[]> {
  let asking: Promise<readonly Check[]> | undefined

  async function check(name: string, ask: () => Promise<unknown>): Promise<Check> {
    try {
      await within(deadlineMs, ask(), () => new EngineError('unavailable', `No answer within ${deadlineMs / 1000} s`))
      return { name, ok: true, message: '' }
    }
    catch (error) {
      log.warn({ err: error, check: name }, 'not ready')
      // Only an engine's own words are meant for others.
      return { name, ok: false, message: error instanceof EngineError ? error.message : 'It does not answer' }
    }
  }

  return async () => {
    asking ??= Promise.all([
      check('store', () => store.pool.query({ text: 'select 1', query_timeout: deadlineMs } as { text: string })),
      ...[...engines].map(([location, engine]) => check(location, () => engine.check())),
    ]).finally(() => {
      asking = undefined
    })
    return await asking
  }
}
