import type { EnginePhase } from '@howdah/engine'
import type { Database } from './database.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { isDiskFull } from './disk-full.ts'

/** What came of one attempt to have the server answer. */
export type Attempt = 'running' | 'starting' | 'not-wanted' | { readonly reason: string, readonly message: string }

/** After this many failed starts it is called `failed`, and tried on. */
const failedAfter = 4

/** Try until the server answers, with longer and longer pauses. Answers how long it took; undefined when it is not wanted any more. */
export async function bringBack(db: Database, how: {
  readonly attempt: () => Promise<Attempt>
  readonly isOver: () => boolean
  readonly setPhase: (phase: EnginePhase, reason: string, message: string) => void
  readonly signal: AbortSignal
}): Promise<number | undefined> {
  const { backOff, portRetry } = db.installation.timings
  const began = performance.now()
  let failures = 0
  while (!how.isOver()) {
    const outcome = await how.attempt().catch((error: unknown) => unexpected(db, error))
    if (outcome === 'not-wanted')
      return undefined
    if (outcome === 'running')
      return Math.round(performance.now() - began)
    let pause = backOff[0]
    if (outcome === 'starting') {
      how.setPhase('restarting', 'CrashRecovery', 'The server recovers what it had not written when it ended.')
    }
    else {
      failures++
      const isFailed = outcome.reason === 'PortTaken' || failures >= failedAfter
      how.setPhase(isFailed ? 'failed' : 'restarting', outcome.reason, outcome.message)
      pause = outcome.reason === 'PortTaken' ? portRetry : backOff[Math.min(failures, backOff.length) - 1]
    }
    await delay(pause, undefined, { signal: how.signal, ref: false }).catch(ignoreAbort)
  }
  return undefined
}

/** Whatever it is, it may pass: a full disk, a file system that is away. */
function unexpected(db: Database, error: unknown): Attempt {
  if (isDiskFull(error))
    return { reason: 'DiskFull', message: 'There is no space left on the disk, so the server cannot be started. It starts by itself once there is some.' }
  db.installation.log.error({ err: error, database: db.ref.id }, 'a server could not be brought back; trying again')
  return { reason: 'RecoveryFailed', message: 'The server could not be brought back yet; the log of the control plane says why.' }
}

function ignoreAbort(error: unknown): void {
  if (error instanceof Error && error.name === 'AbortError')
    return
  throw error
}
