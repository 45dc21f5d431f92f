import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Services } from './services.ts'

/** Proxies and dead sockets are noticed by a comment this often. */
const heartbeatMs = 15_000
/** A reader that does not take this much is cut off: it may resume where it was. */
const longestBacklogBytes = 4 * 1024 * 1024
/** How long a client waits before it comes back after a drain. */
const retryMs = 1000

export interface SseStream {
  /** Writes one message; false when the reader is gone. */
  send: (message: { id?: string, event?: string, data: unknown }) => boolean
  close: () => void
  /** Aborted when the stream is over, whoever ended it. */
  readonly signal: AbortSignal
}

/**
 * Takes the connection over as a stream of server-sent events. It ends when the client goes, when the process drains
 * (clients are told to reconnect by `retry:`), or when the reader is too slow.
 */
export function openSse(request: FastifyRequest, reply: FastifyReply, services: Services): SseStream {
  reply.hijack()
  const { raw } = reply
  const over = new AbortController()
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined)
      raw.setHeader(name, value)
  }
  raw.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
    'Connection': 'keep-alive',
  })
  request.raw.socket.setNoDelay(true)
  raw.write(`retry: ${retryMs}\n\n`)
  services.metrics.streams.inc()

  const heartbeat = setInterval(() => void raw.write(': \n\n'), heartbeatMs)
  const close = (): void => {
    if (over.signal.aborted)
      return
    over.abort()
    clearInterval(heartbeat)
    services.draining.removeEventListener('abort', drain)
    services.metrics.streams.dec()
    raw.end()
  }
  const drain = (): void => {
    raw.write('event: reconnect\ndata: {}\n\n')
    close()
  }
  raw.on('close', close)
  raw.on('error', close)
  services.draining.addEventListener('abort', drain, { once: true })
  if (services.draining.aborted)
    drain()

  return {
    send({ id, event, data }) {
      if (over.signal.aborted)
        return false
      if (raw.writableLength > longestBacklogBytes) {
        close()
        return false
      }
      raw.write(`${id === undefined
        ? ''
        : `id: ${id}\n`}${event === undefined
        ? ''
        : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`)
      return true
    },
    close,
    signal: over.signal,
  }
}
