import type { Caller } from '../domain/caller.ts'
import type { Domain } from '../domain/domain.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Services } from './services.ts'
import { findOperation } from '../store/operations.ts'

const ended = new Set(['succeeded', 'failed', 'cancelled'])

/** While notifications cannot be heard, the operation is read again this often. */
const lookMs = 1000

/** Holds an answer (`Prefer: wait=N`) until the operation has ended, the time is over, or the process drains. */
export async function untilEnded(domain: Domain, services: Services, caller: Caller, operationId: string, seconds: number): Promise<OperationRow | undefined> {
  const project = caller.principal.project.id
  const read = () => findOperation(domain.store.db, project, operationId)
  if (seconds === 0)
    return read()
  return new Promise((resolve, reject) => {
    let isOver = false
    const stop = (): void => {
      isOver = true
      unsubscribe()
      clearTimeout(timer)
      clearInterval(look)
      services.draining.removeEventListener('abort', giveUp)
    }
    const answer = (row: OperationRow | undefined): void => {
      if (isOver)
        return
      stop()
      resolve(row)
    }
    const fail = (error: unknown): void => {
      if (isOver)
        return
      stop()
      reject(error)
    }
    const check = (): void => {
      read().then((row) => {
        if (!row || ended.has(row.phase))
          answer(row)
      }, fail)
    }
    const giveUp = (): void => void read().then(answer, fail)
    const unsubscribe = services.hub.subscribe(project, (message) => {
      if (message.refId === operationId)
        check()
    })
    const timer = setTimeout(giveUp, seconds * 1000)
    const look = setInterval(() => {
      if (!services.hub.isListening())
        check()
    }, lookMs)
    services.draining.addEventListener('abort', giveUp, { once: true })
    // It may have ended before anybody listened.
    check()
  })
}
