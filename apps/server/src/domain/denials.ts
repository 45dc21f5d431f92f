import type { Background } from './background.ts'
import type { Caller } from './caller.ts'
import type { Domain } from './domain.ts'
import { actorOf, change } from './change.ts'
import { createLru } from './lru.ts'

const mostRemembered = 10_000
const againAfterMs = 60_000

/** Writes down what a credential was refused: `action` as the audit log names it, `path` as it was asked for. */
export type NoteDenial = (caller: Caller, action: string, path: string) => void

/**
 * Nobody waits for it, and the same refusal is written once a minute: whoever may do nothing must not be able to make
 * the log long.
 */
export function createDenials(domain: Domain, background: Background, now: () => number = Date.now): NoteDenial {
  const noted = createLru<number>(mostRemembered)
  return (caller, action, path) => {
    const { apiKeyId, personId, project } = caller.principal
    const key = `${apiKeyId ?? personId} ${project.id} ${action}`
    if (now() - (noted.get(key) ?? Number.NEGATIVE_INFINITY) < againAfterMs)
      return
    noted.set(key, now())
    background.run('the audit entry of a refusal', change(domain, project, actorOf(caller), async ({ audit }) => audit({
      action,
      target: path.slice(0, 200),
      outcome: 'denied',
    })))
  }
}
