import type { StreamEvent } from './models.ts'
import type { Transport } from './transport.ts'
import { follow } from './follow.ts'

export interface HubListener {
  readonly onEvent: (event: StreamEvent) => void
  /** True: events come from now on, and what happened before must be read. False: none come. */
  readonly onLive: (isLive: boolean) => void
}

/** One event stream for all waiters of a client: a browser allows six connections to a server, not a hundred. */
export interface EventHub {
  readonly subscribe: (listener: HubListener) => () => void
}

export function createEventHub(transport: Transport): EventHub {
  const listeners = new Set<HubListener>()
  let stop: AbortController | undefined
  let isLive = false

  function setLive(value: boolean): void {
    isLive = value
    for (const listener of listeners)
      listener.onLive(value)
  }

  async function run(signal: AbortSignal): Promise<void> {
    const events = follow<StreamEvent, 'events.stream'>(transport, 'events.stream', {}, {
      signal,
      onConnected: ({ resumed }) => resumed
        ? isLive = true
        : setLive(true),
      onDisconnected: () => setLive(false),
    })
    for await (const event of events) {
      if (event.kind === 'reset')
        setLive(true)
      for (const listener of listeners)
        listener.onEvent(event)
    }
  }

  return {
    subscribe: (listener) => {
      listeners.add(listener)
      if (isLive)
        listener.onLive(true)
      if (!stop) {
        const controller = stop = new AbortController()
        run(controller.signal).catch(() => {
          // Not allowed, or no server: waiters go on by reading, and say what is wrong with that.
          if (stop === controller)
            stop = undefined
          setLive(false)
        })
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) {
          stop?.abort()
          stop = undefined
          isLive = false
        }
      }
    },
  }
}
