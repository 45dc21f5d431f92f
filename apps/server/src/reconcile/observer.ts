import type { Engine, Notification, Observed } from '@howdah/engine'
import type { Domain } from '../domain/domain.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from '@howdah/engine'
import { adopt } from '../domain/adopt.ts'
import { take } from '../domain/observations.ts'
import { databasesOfLocation } from '../store/databases.ts'
import { isStoreUnavailable } from '../store/db.ts'

const retryMs = 500
/** Events of one database that are kept while the store is away; the oldest go first. */
const longestQueue = 1000
/** Databases whose news is written down at the same time. A start hears of all of them at once, and requests need connections to the store too. */
const atATime = 4

export interface ObserverOptions {
  /** Called at once with the id of each database that there is news of. */
  readonly onNews: (databaseId: string) => void
  /** Whether this process is the one that writes down what happens at the location: each sees it, one tells it. */
  readonly leads: () => Promise<boolean>
}

export interface Observer {
  close: () => Promise<void>
}

/**
 * Takes an engine's notifications into the store, in order for each database. While the store is away they wait;
 * of observations only the newest is kept, because it is the state.
 */
export function startObserver(domain: Domain, location: string, engine: Engine, { onNews, leads }: ObserverOptions): Observer {
  const queues = new Map<string, Notification[]>()
  const running = new Map<string, Promise<void>>()
  const closing = new AbortController()

  function push(notification: Notification): void {
    const id = idOf(notification)
    const queue = queues.get(id) ?? []
    queues.set(id, queue)
    if (notification.kind === 'observed' && queue.at(-1)?.kind === 'observed')
      queue.pop()
    queue.push(notification)
    if (queue.length > longestQueue)
      queue.shift()
    onNews(id)
    begin()
  }

  /** In the order in which there was news of them. */
  function begin(): void {
    for (const [id, queue] of queues) {
      if (running.size >= atATime)
        return
      if (!running.has(id))
        running.set(id, work(id, queue))
    }
  }

  async function work(id: string, queue: Notification[]): Promise<void> {
    while (!closing.signal.aborted) {
      const next = queue.shift()
      if (!next)
        break
      try {
        if (next.kind === 'observed' && next.observed.delivered)
          await adopt(domain, location, next.observed)
        if (next.kind !== 'event' || await leads())
          await take(domain, next, () => newestOf(queue))
      }
      catch (error) {
        const passes = isStoreUnavailable(error) || (error instanceof EngineError && error.code === 'unavailable')
        domain.log[passes
          ? 'warn'
          : 'error']({ err: error, location }, 'an observation could not be kept')
        if (!passes)
          continue
        // Newer news of the same kind has made this one worthless.
        if (next.kind !== 'observed' || !newestOf(queue))
          queue.unshift(next)
        // Closing ends the wait.
        await delay(retryMs, undefined, { signal: closing.signal }).catch(() => {})
      }
    }
    // Together and at once: what is pushed from now on finds neither, and begins anew.
    queues.delete(id)
    running.delete(id)
    if (!closing.signal.aborted)
      begin()
  }

  const stop = engine.watch(push)
  void findMissing().catch((error: unknown) => domain.log.warn({ err: error, location }, 'the location could not be compared with the records'))

  /** What the store has and the engine does not have, says nobody: it is looked for once at the start. */
  async function findMissing(): Promise<void> {
    const [rows, present] = await Promise.all([
      databasesOfLocation(domain.store.db, location),
      engine.list(),
    ])
    const ids = new Set(present.map(observed => observed.ref.id))
    for (const row of rows) {
      if (!ids.has(row.id) && row.operation_id === null) {
        push({
          kind: 'gone',
          ref: { id: row.id, name: row.name, project: row.project },
        })
      }
    }
    const known = new Set(rows.map(row => row.id))
    for (const observed of present) {
      if (!known.has(observed.ref.id) && observed.managedBy === 'howdah')
        domain.log.warn({ location, database: observed.ref.id }, 'the location has a database that no record knows; it is left alone')
    }
  }

  return {
    async close() {
      stop()
      closing.abort()
      await Promise.all(running.values())
    },
  }
}

function newestOf(queue: readonly Notification[]): Observed | undefined {
  return queue.findLast(item => item.kind === 'observed')?.observed
}

function idOf(notification: Notification): string {
  switch (notification.kind) {
    case 'observed': return notification.observed.ref.id
    case 'event': return notification.event.ref.id
    case 'gone': return notification.ref.id
  }
}
