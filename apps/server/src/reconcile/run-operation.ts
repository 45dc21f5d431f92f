import type { Progress } from '@howdah/engine'
import type { Domain } from '../domain/domain.ts'
import type { DatabaseRow } from '../store/databases.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Outcome } from './finish.ts'
import type { Target } from './run-step.ts'
import type { Held } from './worker.ts'
import { EngineError } from '@howdah/engine'
import { engineOf, refOf } from '../domain/database-spec.ts'
import { AppError } from '../domain/errors.ts'
import { findOwner } from '../store/database-users.ts'
import { findDatabaseById } from '../store/databases.ts'
import { isStoreUnavailable } from '../store/db.ts'
import { findOperation, noteProgress } from '../store/operations.ts'
import { finish } from './finish.ts'
import { advance } from './progress.ts'
import { runStep } from './run-step.ts'

interface Context {
  readonly domain: Domain
  readonly metrics: Metrics
  readonly worker: string
  readonly beforeStep?: (operation: OperationRow) => Promise<void>
}

/** Between tries of a step that failed for a reason that may pass: 0.5 s, doubled up to 15 s. */
const firstRetryMs = 500
const longestRetryMs = 15_000

const reasons = {
  'not-found': 'NotFound',
  'conflict': 'Conflict',
  'invalid': 'Invalid',
  'exhausted': 'OutOfCapacity',
  'unsupported': 'Unsupported',
} as const
const nextSteps = {
  'not-found': 'Read the database again; it may have been removed.',
  'conflict': 'Choose another name, or remove what is in the way.',
  'invalid': 'Correct the value and ask again.',
  'exhausted': 'Make room at the location, then ask again.',
  'unsupported': 'Read /api/capabilities for what the location can do.',
} as const

/**
 * Runs one operation, step by step, until it ends or has to be left to another worker. None begins without a look at
 * who holds it, which is also where it is written how far it is. What it is about is read at the beginning and after
 * each wait: steps that follow each other are of one spec.
 */
export async function runOperation(context: Context, held: Held): Promise<void> {
  const { domain } = context
  const project = await domain.store.db.selectFrom('projects').select(['id', 'name']).where('id', '=', held.operation.project_id).executeTakeFirstOrThrow()
  let operation = held.operation
  let target: Target | undefined
  let retryMs = firstRetryMs

  while (!held.stop.signal.aborted) {
    if (!target) {
      const current = await read(context, project, operation)
      if (current === 'of another worker')
        return
      if (!current.target)
        return end(context, project, operation, { phase: 'succeeded' }, undefined)
      const { database } = current.target
      if (current.isCancelled)
        return end(context, project, operation, { phase: 'cancelled', message: operation.type === 'database.create' ? 'Its creation was cancelled. Delete it.' : 'The database is being deleted.' }, database)
      if (operation.deadline_at.getTime() < Date.now()) {
        return end(context, project, operation, failure('DeadlineExceeded', `It did not end in the time that it has${operation.message
          ? `: ${operation.message}`
          : '.'}`, 'Read the service events of the database, mend what they say, and ask again.'), database)
      }
      target = current.target
    }
    const about: Target = target

    await context.beforeStep?.(operation)
    const progress = await timed(context, operation, () => attempt(context, project, operation, about))
    if (progress.outcome === 'done')
      return end(context, project, operation, { phase: 'succeeded' }, about.database)
    if (progress.outcome === 'failed') {
      return end(context, project, {
        ...operation,
        steps: progress.step
          ? advance(operation.steps, progress.step, 'running', new Date(), operation.started_at ?? undefined)
          : operation.steps,
      }, failure(progress.reason, progress.message, progress.nextStep), about.database)
    }

    const next = after(operation, progress)
    const noted = next === operation ? undefined : await noteProgress(domain.store.db, next, context.worker)
    if (next !== operation && !noted)
      return
    operation = next
    if (progress.outcome === 'continue') {
      retryMs = firstRetryMs
      if (!noted || noted.cancel_requested)
        target = undefined
      continue
    }
    await pause(held, progress.step === ''
      ? retryMs
      : progress.afterMs)
    target = undefined
    retryMs = Math.min(retryMs * 2, longestRetryMs)
  }
}

async function read({ domain, worker }: Context, project: { id: string }, operation: OperationRow): Promise<'of another worker' | { target: Target | undefined, isCancelled: boolean }> {
  const { db } = domain.store
  const [current, database, owner] = await Promise.all([
    findOperation(db, project.id, operation.id),
    findDatabaseById(db, operation.database_id),
    findOwner(db, operation.database_id),
  ])
  if (current?.lease_owner !== worker)
    return 'of another worker'
  return { target: database && { database, owner }, isCancelled: current.cancel_requested }
}

/** A step whose errors have become values. "Not now" is a wait; what can never work is a failure; a bug is tried again until the deadline. */
async function attempt(context: Context, project: { id: string, name: string }, operation: OperationRow, target: Target): Promise<Progress> {
  const { domain } = context
  try {
    return await runStep(domain, project, operation, target)
  }
  catch (error) {
    if (isStoreUnavailable(error))
      throw error
    if (error instanceof EngineError && error.code !== 'unavailable') {
      return {
        outcome: 'failed',
        step: operation.step ?? '',
        reason: reasons[error.code],
        message: error.message,
        nextStep: nextSteps[error.code],
      }
    }
    if (!(error instanceof EngineError) && !(error instanceof AppError)) {
      context.metrics.bugs.inc()
      domain.log.error({ err: error, operation: operation.id, type: operation.type }, 'a step failed in a way that no code expects')
    }
    const message = error instanceof EngineError || error instanceof AppError
      ? error.message
      : 'Something unexpected happened; it is tried again.'
    return {
      outcome: 'wait',
      step: '',
      afterMs: firstRetryMs,
      reason: message,
    }
  }
}

function failure(reason: string, message: string, nextStep: string): Outcome {
  return {
    phase: 'failed',
    error: { reason, message, nextStep },
  }
}

/** The operation with what a step said of how far it is; the same object when that is no news. */
function after(operation: OperationRow, progress: Extract<Progress, { outcome: 'continue' | 'wait' }>): OperationRow {
  const isWait = progress.outcome === 'wait'
  const steps = progress.step === ''
    ? operation.steps
    : advance(operation.steps, progress.step, isWait ? 'running' : 'done', new Date(), operation.started_at ?? undefined)
  const message = isWait ? progress.reason : ''
  const isNews = JSON.stringify(steps.map(step => step.phase)) !== JSON.stringify(operation.steps.map(step => step.phase)) || message !== operation.message
  return isNews ? { ...operation, steps, step: progress.step || operation.step, message } : operation
}

async function end(context: Context, project: { id: string, name: string }, operation: OperationRow, outcome: Outcome, database: DatabaseRow | undefined): Promise<void> {
  const { domain, metrics } = context
  if (!await finish(domain, project, operation, context.worker, outcome, async () => database && await observe(domain, project, operation, database)))
    return
  const labels = { type: operation.type, outcome: outcome.phase }
  const seconds = (Date.now() - operation.created_at.getTime()) / 1000
  metrics.operations.inc(labels)
  metrics.operationDuration.observe(labels, seconds)
  domain.log.info({
    operation: operation.id,
    type: operation.type,
    outcome: outcome.phase,
    seconds,
    ...(outcome.phase === 'failed'
      ? { reason: outcome.error.reason }
      : {}),
  }, 'operation ended')
}

/** Undefined when the engine cannot say: its next notification will. */
async function observe(domain: Domain, project: { id: string, name: string }, operation: OperationRow, database: DatabaseRow) {
  try {
    return await engineOf(domain, operation.location).observe(refOf(project, database))
  }
  catch (error) {
    domain.log.warn({ err: error, operation: operation.id }, 'the engine cannot be asked what is there')
    return undefined
  }
}

async function timed<T>({ metrics }: Context, operation: OperationRow, run: () => Promise<T>): Promise<T> {
  const stop = metrics.reconcile.startTimer({ type: operation.type })
  try {
    return await run()
  }
  finally {
    stop()
  }
}

/** Waits, unless the worker has to stop, the engine has news of this database, or somebody cancels. */
function pause(held: Held, ms: number): Promise<void> {
  if (held.isUrgent || held.stop.signal.aborted)
    return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(finished, ms)
    function finished(): void {
      clearTimeout(timer)
      held.stop.signal.removeEventListener('abort', finished)
      held.nudge = () => {}
      resolve()
    }
    held.stop.signal.addEventListener('abort', finished, { once: true })
    held.nudge = finished
  })
}
