import type { Action } from '@howdah/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Services } from './services.ts'
import { AppError } from '../domain/errors.ts'

/** Proxies and dead sockets are noticed by a comment this often; credentials that ended, too. */
const heartbeatMs = 15_000
/** A reader that does not take this much is cut off: it may resume where it was. */
const longestBacklogBytes = 4 * 1024 * 1024
/** How long a client waits before it comes back after a drain. */
const retryMs = 1000
/** How long the last words may take to leave; a reader that has stalled must not hold up a drain. */
const lingerMs = 2000

export interface SseStream {
  /** Writes one message; false when the reader is gone. */
  send: (message: { id?: string, event?: string, data: unknown }) => boolean
  /** Tells the reader where it stands, for its Last-Event-ID, without a message. */
  mark: (id: string) => void
  close: () => void
  /** Aborted when the stream is over, whoever ended it. */
  readonly signal: AbortSignal
}

/**
 * Takes the connection over as a stream of server-sent events. It ends when the client goes, when the process drains
 * or the credential no longer allows `action` (clients are told to reconnect), or when the reader is too slow.
 */
export function openSse(request: FastifyRequest, reply: FastifyReply, services: Services, action: Action): SseStream {
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

  const heartbeat = setInterval(beat, services.heartbeatMs ?? heartbeatMs)
  function end(): boolean {
    if (over.signal.aborted)
      return false
    over.abort()
    clearInterval(heartbeat)
    services.draining.removeEventListener('abort', comeAgain)
    services.metrics.streams.dec()
    return true
  }
  function close(): void {
    if (!end())
      return
    raw.end()
    const linger = setTimeout(() => raw.destroy(), lingerMs)
    raw.once('close', () => clearTimeout(linger))
  }
  function cut(): void {
    if (end())
      raw.destroy()
  }
  /** With a credential that is good, and at a process that stays. */
  function comeAgain(): void {
    if (!over.signal.aborted)
      raw.write('event: reconnect\ndata: {}\n\n')
    close()
  }
  function beat(): void {
    raw.write(': \n\n')
    isStillAllowed(request, reply, services, action).then((isAllowed) => {
      if (!isAllowed)
        comeAgain()
    }, (error: unknown) => request.log.warn({ err: error }, 'the credential of a stream could not be checked again'))
  }
  raw.on('close', close)
  raw.on('error', close)
  // Who went while the stream was prepared will not go again.
  if (raw.destroyed)
    cut()
  services.draining.addEventListener('abort', comeAgain, { once: true })
  if (services.draining.aborted)
    comeAgain()

  function write(text: string): boolean {
    if (over.signal.aborted)
      return false
    if (raw.writableLength > longestBacklogBytes) {
      cut()
      return false
    }
    raw.write(text)
    return true
  }
  return {
    send({ id, event, data }) {
      const head = [
        ...id === undefined ? [] : [`id: ${id}\n`],
        ...event === undefined ? [] : [`event: ${event}\n`],
      ]
      return write(`${head.join('')}data: ${JSON.stringify(data)}\n\n`)
    },
    mark: id => void write(`id: ${id}\n\n`),
    close,
    signal: over.signal,
  }
}

/** Rights are what they are now, not what they were when the stream was opened. */
async function isStillAllowed(request: FastifyRequest, reply: FastifyReply, services: Services, action: Action): Promise<boolean> {
  try {
    const principal = await services.authenticate(request, reply)
    return principal !== undefined && principal.project.id === request.principal?.project.id && principal.actions.has(action)
  }
  catch (error) {
    if (error instanceof AppError && error.code === 'unauthenticated')
      return false
    throw error
  }
}
