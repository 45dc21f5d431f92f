import type { EndpointId, Input } from './call.ts'
import type { Transport } from './transport.ts'
import { ConnectionError, HowdahError } from './errors.ts'
import { readServerSentEvents } from './sse.ts'
import { backOffMs, sleep } from './timing.ts'

/** For everything that follows a stream. */
export interface FollowOptions {
  /** Resume after this message. */
  readonly lastEventId?: string
  /** Ends the stream. Without it, leave the loop. */
  readonly signal?: AbortSignal
  /** Told when the stream is there, first and again. `resumed`: nothing was missed since the last message. */
  readonly onConnected?: (state: { readonly resumed: boolean }) => void
  /** Told when the stream broke; it is tried again. */
  readonly onDisconnected?: (error: unknown) => void
}

/** The server writes something at least every 15 s; three times nothing means that nobody is there. */
const silenceMs = 45_000
const mostPauseMs = 10_000

/**
 * Follow a stream for as long as it is wanted: it is opened again when it ends, breaks or falls silent, after the last
 * message that was seen. Throws only what waiting does not cure, and when the very first attempt finds no server.
 */
export async function* follow<T, Id extends EndpointId>(transport: Transport, id: Id, input: Input<Id>, options: FollowOptions): AsyncGenerator<T> {
  const stop = new AbortController()
  const signal = options.signal
    ? AbortSignal.any([options.signal, stop.signal])
    : stop.signal
  let lastEventId = options.lastEventId
  let hasBeenOpen = false
  let failures = 0
  try {
    while (!signal.aborted) {
      const silence = watchdog(silenceMs)
      try {
        const response = await transport.open(id, input, {
          signal: AbortSignal.any([signal, silence.signal]),
          headers: lastEventId === undefined
            ? {}
            : { 'last-event-id': lastEventId },
        })
        options.onConnected?.({ resumed: lastEventId !== undefined })
        hasBeenOpen = true
        for await (const message of readServerSentEvents(response.body ?? new ReadableStream(), silence.reset)) {
          failures = 0
          lastEventId = message.id ?? lastEventId
          if (message.data !== '' && message.event !== 'reconnect')
            yield JSON.parse(message.data) as T // The contract says what a message holds.
        }
        options.onDisconnected?.(undefined)
      }
      catch (error) {
        if (signal.aborted)
          return
        if (!isPassing(error, hasBeenOpen) && !silence.signal.aborted)
          throw error
        options.onDisconnected?.(error)
      }
      finally {
        silence.stop()
      }
      await sleep(backOffMs(failures++, 100, mostPauseMs), signal)
    }
  }
  finally {
    stop.abort()
  }
}

/** A broken read is a TypeError in every runtime. */
function isPassing(error: unknown, hasBeenOpen: boolean): boolean {
  if (error instanceof HowdahError)
    return error.retryable
  return hasBeenOpen && (error instanceof ConnectionError || error instanceof TypeError)
}

function watchdog(ms: number): { readonly signal: AbortSignal, readonly reset: () => void, readonly stop: () => void } {
  const controller = new AbortController()
  const bark = () => controller.abort(new Error('the stream fell silent'))
  let timer = setTimeout(bark, ms)
  const stop = () => clearTimeout(timer)
  return {
    signal: controller.signal,
    stop,
    reset: () => {
      stop()
      timer = setTimeout(bark, ms)
    },
  }
}
