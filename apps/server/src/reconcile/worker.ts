import type { Domain } from '../domain/domain.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isStoreUnavailable } from '../store/db.ts'
import { cancelRequested, claimOperations, nextOperationInMs, releaseLeases, renewLeases } from '../store/operations.ts'
import { runOperation } from './run-operation.ts'

export interface WorkerOptions {
  readonly domain: Domain
  readonly metrics: Metrics
  readonly concurrency: number
  /** How long an operation stays with a worker that says nothing. Default 15 s: a dead worker's work waits that long. */
  readonly leaseMs?: number
  /** Tests only: called before each step; a rejection is a crash at that point. */
  readonly beforeStep?: (operation: OperationRow) => Promise<void>
}

export interface Worker {
  /** Look for work now: it was queued, or the store is back. */
  wake: () => void
  /** An engine told something: operations that wait may go on. */
  nudge: (databaseId: string) => void
  /** Take nothing new, let each running operation end its present step, and give the rest to other workers. */
  drain: () => Promise<void>
}

/** What a held operation shares with its run. */
export interface Held {
  readonly operation: OperationRow
  /** Aborted when the lease is lost, or may be lost, or the worker drains. */
  readonly stop: AbortController
  /** Ends the present wait early. */
  nudge: () => void
  /** Somebody asked to cancel it: no wait may begin before that was looked at. */
  isUrgent: boolean
}

/** Without any notification, work is looked for this often: a lost notification costs that much and no more. */
const idleLookMs = 10_000
/** Between an error that no step expects and the next try. */
const afterErrorMs = 1000
/** How long a drain waits for the steps that are under way. */
const drainMs = 10_000

/**
 * Runs operations: claims them under leases, each for itself, and renews while they run. Two workers never hold the
 * same one: whoever cannot renew in time begins no further step, and none begins without a look at who holds it.
 */
export function startWorker({ domain, metrics, concurrency, leaseMs = 15_000, beforeStep }: WorkerOptions): Worker {
  const id = randomUUID()
  const { db } = domain.store
  const locations = [
    ...domain.engines.keys(),
  ]
  const held = new Map<string, Held>()
  const runs = new Set<Promise<void>>()
  const draining = new AbortController()
  let looking: Promise<void> | undefined
  let lookAgain = false
  let timer: NodeJS.Timeout | undefined
  let renewedAt = performance.now()

  function lookIn(ms: number): void {
    clearTimeout(timer)
    timer = undefined
    if (!draining.signal.aborted) {
      timer = setTimeout(() => {
        timer = undefined
        wake()
      }, Math.max(0, ms))
    }
  }

  function wake(): void {
    lookAgain = true
    if (looking || draining.signal.aborted)
      return
    looking = look().finally(() => {
      looking = undefined
      if (lookAgain)
        wake()
    })
  }

  async function look(): Promise<void> {
    let hasClaimed = false
    try {
      while (lookAgain && !draining.signal.aborted) {
        lookAgain = false
        await hurryCancelled()
        const free = concurrency - held.size
        if (free <= 0)
          break
        const claimed = await claimOperations(db, {
          owner: id,
          locations,
          limit: free,
          leaseMs,
          except: [...held.keys()],
        })
        // Claimed while the drain began: it is given back with the other leases.
        if (draining.signal.aborted)
          break
        for (const operation of claimed)
          begin(operation)
        hasClaimed ||= claimed.length > 0
        if (claimed.length === free)
          lookAgain = true
      }
      // The end of what was claimed calls for the next look, and the one that was planned comes anyway.
      if (hasClaimed && timer)
        return
      // With both hands full, the end of a run is what makes the next look worth it.
      const next = held.size < concurrency
        ? await nextOperationInMs(db, locations)
        : null
      lookIn(Math.min(idleLookMs, Math.max(50, next ?? idleLookMs)))
    }
    catch (error) {
      domain.log.warn({ err: error }, 'work cannot be looked for; trying again')
      lookIn(afterErrorMs)
    }
  }

  async function hurryCancelled(): Promise<void> {
    for (const operationId of await cancelRequested(db, [...held.keys()])) {
      const entry = held.get(operationId)
      if (!entry)
        continue
      entry.isUrgent = true
      entry.nudge()
    }
  }

  function begin(operation: OperationRow): void {
    const entry: Held = {
      operation,
      stop: new AbortController(),
      nudge: () => {},
      isUrgent: false,
    }
    held.set(operation.id, entry)
    const run = runOperation({
      domain,
      metrics,
      worker: id,
      ...(beforeStep
        ? { beforeStep }
        : {}),
    }, entry)
      .catch(async (error: unknown) => {
        // Whoever takes the operation next goes on where it stands: this worker in a moment, or another one.
        const level = isStoreUnavailable(error)
          ? 'warn'
          : 'error'
        if (level === 'error')
          metrics.bugs.inc()
        domain.log[level]({ err: error, operation: operation.id, type: operation.type }, 'operation was interrupted')
        await delay(afterErrorMs, undefined, { signal: draining.signal }).catch(ignoreAbort)
      })
      .finally(() => {
        held.delete(operation.id)
        runs.delete(run)
        wake()
      })
    runs.add(run)
  }

  const renewing = setInterval(() => void renew(), leaseMs / 3)
  async function renew(): Promise<void> {
    // The question before may hang as long as the store does. A third of the time is left for a step that is under way.
    if (performance.now() - renewedAt > leaseMs * 2 / 3) {
      for (const entry of held.values())
        entry.stop.abort()
    }
    const asked = performance.now()
    const ids = [
      ...held.keys(),
    ]
    try {
      const kept = await renewLeases(db, id, ids, leaseMs)
      renewedAt = asked
      for (const [operationId, entry] of held) {
        if (ids.includes(operationId) && !kept.has(operationId))
          entry.stop.abort()
      }
    }
    catch (error) {
      domain.log.warn({ err: error }, 'leases cannot be renewed')
    }
  }

  wake()
  return {
    wake,
    nudge(databaseId) {
      for (const entry of held.values()) {
        if (entry.operation.database_id === databaseId)
          entry.nudge()
      }
    },
    async drain() {
      draining.abort()
      clearTimeout(timer)
      for (const entry of held.values())
        entry.stop.abort()
      await Promise.race([
        Promise.all([looking, ...runs]),
        delay(drainMs, undefined, { ref: false }),
      ])
      clearInterval(renewing)
      // What still runs a step keeps its lease, which runs out by itself: nobody else may begin that step now.
      await releaseLeases(db, id, [...held.keys()]).catch((error: unknown) => domain.log.warn({ err: error }, 'leases could not be given back; they run out by themselves'))
    },
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError'))
    throw error
}
