import type { Caller } from '../domain/caller.ts'
import type { Domain } from '../domain/domain.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Services } from './services.ts'
import { operationNow } from '../domain/operations.ts'

const ended = new Set(['succeeded', 'failed', 'cancelled'])

/** While notifications cannot be heard, the operation is read again this often. */
const lookMs = 1000

/** Holds an answer (`Prefer: wait=N`) until the operation has ended, the time is over, or the process drains. */
export async function untilEnded(domain: Domain, services: Services, caller: Caller, operationId: string, seconds: number): Promise<OperationRow | undefined> {
  const project = caller.principal.project.id
  const read = () => operationNow(domain, project, operationId)
  if (seconds === 0)
    return read()
  return new Promise((resolve, reject) => {
    const over = new AbortController()
    const end = (settle: () => void): void => {
      if (over.signal.aborted)
        return
      over.abort()
      settle()
    }
    const fail = (error: unknown): void => end(() => reject(error))
    const check = (): void => {
      read().then((row) => {
        if (!row || ended.has(row.phase))
          end(() => resolve(row))
      }, fail)
    }
    const giveUp = (): void => void read().then(row => end(() => resolve(row)), fail)

    const unsubscribe = services.hub.subscribe(project, (message) => {
      if (message.refId === operationId && !message.goesOn)
        check()
    })
    // Its end may have been told while nobody could hear it.
    const stopResuming = services.hub.onResume(check)
    const timer = setTimeout(giveUp, seconds * 1000)
    const look = setInterval(() => {
      if (!services.hub.isListening())
        check()
    }, lookMs)
    over.signal.addEventListener('abort', () => {
      unsubscribe()
      stopResuming()
      clearTimeout(timer)
      clearInterval(look)
    })
    services.draining.addEventListener('abort', giveUp, { once: true, signal: over.signal })
    if (services.draining.aborted)
      giveUp()
    // It may have ended before anybody listened.
    check()
  })
}
