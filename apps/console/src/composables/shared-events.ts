import type { StreamEvent } from '@howdah/sdk'
import { client } from './session.ts'

export interface EventListener {
  readonly onEvent: (event: StreamEvent) => void
  /** False: none come, because the server cannot be heard. */
  readonly onLive: (isLive: boolean) => void
  /** Events come from here on; what was read before may be old. */
  readonly onGap: () => void
}

type News
  = | { readonly kind: 'event', readonly event: StreamEvent }
    | { readonly kind: 'live', readonly isLive: boolean }
    | { readonly kind: 'gap' }
/** `question`: is somebody there? Whoever reads the stream answers with `live`. */
type Message = News | { readonly kind: 'question' }

/** How long the reading tab may take to answer: browsers put tabs to sleep that nobody looks at. */
const patienceMs = 3000
/** Before a stream that could not be opened is tried again. */
const pauseMs = 1000

/**
 * The events of a project, over one stream for all tabs of the browser: it opens six connections to a server at most,
 * and a stream holds one. The tab that has the lock reads and tells the others; when it goes, the next one goes on after
 * the last event that was heard. Where there are no locks (a page without TLS) each tab reads for itself.
 */
export function followEvents(scope: string, listener: EventListener, signal: AbortSignal): void {
  const name = `howdah-events ${scope}`
  const channel = isSecureContext ? new BroadcastChannel(name) : undefined
  let isLive = true
  let isReading = false
  let lastEventId: string | undefined
  let patience: ReturnType<typeof setTimeout> | undefined

  function hear(news: News): void {
    if (signal.aborted)
      return
    if (news.kind === 'event') {
      lastEventId = news.event.id
      listener.onEvent(news.event)
    }
    else if (news.kind === 'live') {
      isLive = news.isLive
      listener.onLive(isLive)
    }
    else {
      listener.onGap()
    }
  }

  function spread(news: News): void {
    hear(news)
    if (!signal.aborted)
      channel?.postMessage(news)
  }

  async function read(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      // A connection over a network that is gone looks alive until it has been silent for long.
      const network = new AbortController()
      addEventListener('offline', () => network.abort(), { signal: network.signal })
      try {
        const events = client.events.stream({
          signal: AbortSignal.any([over, network.signal]),
          ...(lastEventId !== undefined && { lastEventId }),
          onConnected: ({ resumed }) => {
            spread({ kind: 'live', isLive: true })
            if (!resumed)
              spread({ kind: 'gap' })
          },
          onDisconnected: () => over.aborted || spread({ kind: 'live', isLive: false }),
        })
        for await (const event of events)
          spread({ kind: 'event', event })
      }
      catch {
        // Not reachable, or signed out: the banner and the sign-in say so; the queries say what is wrong.
      }
      network.abort()
      if (!over.aborted) {
        spread({ kind: 'live', isLive: false })
        await new Promise(resolve => setTimeout(resolve, pauseMs))
      }
    }
  }

  /** Wait for the lock, or take it away; then read until this tab goes or another one takes it. */
  async function lead(isUrgent: boolean): Promise<void> {
    const taken = new AbortController()
    try {
      await navigator.locks.request(name, isUrgent ? { steal: true } : { signal }, async () => {
        clearTimeout(patience)
        isReading = true
        await read(AbortSignal.any([signal, taken.signal]))
      })
    }
    catch {
      // This tab goes, or another one took the lock.
    }
    taken.abort()
    isReading = false
  }

  /** A tab that is looked at takes over from one that does not answer. */
  function ask(): void {
    if (isReading || document.hidden)
      return
    clearTimeout(patience)
    patience = setTimeout(() => void lead(true), patienceMs)
    channel?.postMessage({ kind: 'question' } satisfies Message)
  }

  async function takeTurns(): Promise<void> {
    ask()
    document.addEventListener('visibilitychange', ask, { signal })
    while (!signal.aborted)
      await lead(false)
  }

  if (!channel) {
    void read(signal)
    return
  }
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind !== 'question') {
      clearTimeout(patience)
      hear(data)
    }
    else if (isReading) {
      channel.postMessage({ kind: 'live', isLive } satisfies Message)
    }
  }
  void takeTurns().finally(() => {
    clearTimeout(patience)
    channel.close()
  })
}
