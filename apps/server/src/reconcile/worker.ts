import type { Domain } from '../domain/domain.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isStoreUnavailable } from '../store/db.ts'
import { claimOperations, nextOperationAt, releaseLeases, renewLeases } from '../store/operations.ts'
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
}

/** Without any notification, work is looked for this often: a lost notification costs that much and no more. */
const idleLookMs = 10_000

/**
 * Runs operations: claims them under leases, each for itself, and renews while they run. Two workers never hold the
 * same one: whoever cannot renew in time stops before the lease can have gone to another.
 */
export function startWorker({ domain, metrics, concurrency, leaseMs = 15_000, beforeStep }: WorkerOptions): Worker {
  const id = randomUUID()
  const { db } = domain.store
  const locations = [
    ...domain.engines.keys(),
  ]
  const held = new Map<string, Held>()
  const runs = new Set<Promise<void>>()
  let isDraining = false
  let isLooking = false
  let lookAgain = false
  let timer: NodeJS.Timeout | undefined
  let renewedAt = performance.now()

  function lookIn(ms: number): void {
    clearTimeout(timer)
    if (!isDraining)
      timer = setTimeout(wake, Math.max(0, ms))
  }

  function wake(): void {
    lookAgain = true
    if (!isLooking && !isDraining)
      void look()
  }

  async function look(): Promise<void> {
    isLooking = true
    try {
      while (lookAgain && !isDraining) {
        lookAgain = false
        const free = concurrency - held.size
        if (free <= 0)
          break
        const claimed = await claimOperations(db, {
          owner: id,
          locations,
          limit: free,
          leaseMs,
        })
        for (const operation of claimed)
          begin(operation)
        if (claimed.length === free)
          lookAgain = true
      }
      const next = await nextOperationAt(db, locations)
      lookIn(Math.min(idleLookMs, next
        ? Math.max(50, next.getTime() - Date.now())
        : idleLookMs))
    }
    catch (error) {
      domain.log.warn({ err: error }, 'work cannot be looked for; trying again')
      lookIn(1000)
    }
    finally {
      isLooking = false
    }
    if (lookAgain)
      wake()
  }

  function begin(operation: OperationRow): void {
    const entry: Held = {
      operation,
      stop: new AbortController(),
      nudge: () => {},
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
      .catch((error: unknown) => {
        // The lease runs out by itself, and whoever takes the operation then goes on where it stands.
        const level = isStoreUnavailable(error)
          ? 'warn'
          : 'error'
        if (level === 'error')
          metrics.bugs.inc()
        domain.log[level]({ err: error, operation: operation.id, type: operation.type }, 'operation was interrupted')
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
      // A third of the time is left as a margin for a step that is under way.
      if (performance.now() - renewedAt > leaseMs * 2 / 3) {
        for (const entry of held.values())
          entry.stop.abort()
      }
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
      isDraining = true
      clearTimeout(timer)
      for (const entry of held.values())
        entry.stop.abort()
      await Promise.race([
        Promise.all(runs),
        delay(10_000, undefined, { ref: false }),
      ])
      clearInterval(renewing)
      await releaseLeases(db, id).catch((error: unknown) => domain.log.warn({ err: error }, 'leases could not be given back; they run out by themselves'))
    },
  }
}
