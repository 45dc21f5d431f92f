import type { EventHub } from './event-hub.ts'
import type { StreamEvent } from './models.ts'
import { ConnectionError, DeadlineError, isHowdahError } from './errors.ts'
import { sleep } from './timing.ts'

/** For everything that waits. */
export interface WaitOptions<T> {
  /** Called with each state that is seen, the last one included. */
  readonly onProgress?: (state: T) => void
  /** Default: 10 minutes */
  readonly deadlineMs?: number
  readonly signal?: AbortSignal
}

/** What is waited for. */
export interface Awaited<T> {
  /** For the message of a missed deadline. */
  readonly what: string
  readonly read: (signal: AbortSignal) => Promise<T>
  /** The new state, where the event tells it. */
  readonly pick: (event: StreamEvent) => T | undefined
  readonly isDone: (state: T) => boolean
}

const defaultDeadlineMs = 10 * 60_000
/** With a live stream, reading is only the net below it. */
const calmMs = 15_000
const firstPollMs = 100
const mostPollMs = 2_000

/**
 * Wait until a state is reached. Events drive it; it is read at the beginning, after each gap in the stream, and with
 * back-off while there is no stream. A control plane that restarts meanwhile only makes it slower.
 */
export async function waitFor<T>(hub: EventHub, awaited: Awaited<T>, options: WaitOptions<T> = {}): Promise<T> {
  const deadlineMs = options.deadlineMs ?? defaultDeadlineMs
  const timeout = AbortSignal.timeout(deadlineMs)
  const signal = options.signal
    ? AbortSignal.any([options.signal, timeout])
    : timeout
  const told: T[] = []
  let isLive = false
  let isStale = true
  let wake = new AbortController()
  const unsubscribe = hub.subscribe({
    onEvent: (event) => {
      const state = awaited.pick(event)
      if (state !== undefined) {
        told.push(state)
        wake.abort()
      }
    },
    onLive: (value) => {
      isLive = value
      isStale ||= value
      wake.abort()
    },
  })
  try {
    for (let polls = 0; ; polls++) {
      if (isStale) {
        isStale = false
        told.length = 0
        const state = await readIfPossible(awaited, signal)
        if (state !== undefined)
          told.unshift(state)
      }
      for (let state = told.shift(); state !== undefined; state = told.shift()) {
        options.onProgress?.(state)
        if (awaited.isDone(state))
          return state
      }
      if (await sleep(isLive
        ? calmMs
        : Math.min(mostPollMs, firstPollMs * 1.5 ** polls), AbortSignal.any([signal, wake.signal]))) {
        isStale = true
      }
      signal.throwIfAborted()
      wake = new AbortController()
    }
  }
  catch (error) {
    if (timeout.aborted && error === timeout.reason)
      throw new DeadlineError(awaited.what, deadlineMs)
    throw error
  }
  finally {
    unsubscribe()
  }
}

/** Not now is not never: only the deadline ends the waiting. */
async function readIfPossible<T>(awaited: Awaited<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await awaited.read(signal)
  }
  catch (error) {
    signal.throwIfAborted()
    if (error instanceof ConnectionError || (isHowdahError(error) && error.retryable))
      return undefined
    throw error
  }
}
