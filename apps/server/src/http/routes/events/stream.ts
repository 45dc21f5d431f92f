import type { StreamEvent } from '@howdah/contract'
import type { StreamItem } from '../../../domain/stream.ts'
import type { StreamMessage } from '../../../store/stream.ts'
import { invalid } from '../../../domain/errors.ts'
import { missedSince, resolveMessages } from '../../../domain/stream.ts'
import { route } from '../../route.ts'
import { openSse } from '../../sse.ts'
import { databaseView } from '../../views/database.ts'
import { operationView } from '../../views/operation.ts'
import { serviceEventView } from '../../views/service-event.ts'

export const streamEvents = route('events.stream', async ({ domain, services, caller, request, reply }) => {
  const { project } = caller.principal
  const lastEventId = request.headers['last-event-id']
  if (lastEventId !== undefined && (typeof lastEventId !== 'string' || !/^\d{1,15}$/.test(lastEventId)))
    throw invalid('#Last-Event-ID', 'Must be the id of an event of this stream')

  let sentId = lastEventId === undefined
    ? undefined
    : Number(lastEventId)
  let waiting: StreamMessage[] = []
  let isSending = false
  const unsubscribe = services.hub.subscribe(project.id, (message) => {
    waiting.push(message)
    void send()
  })
  const missed = sentId === undefined
    ? undefined
    : await missedSince(domain, project.id, sentId).catch((error: unknown) => {
        unsubscribe()
        throw error
      })
  const stream = openSse(request, reply, services)
  const resume = services.hub.onResume(() => void catchUp())
  stream.signal.addEventListener('abort', () => {
    unsubscribe()
    resume()
  }, { once: true })
  if (stream.signal.aborted) {
    unsubscribe()
    resume()
    return undefined
  }

  function sendReset(newest: number): void {
    sentId = newest
    stream.send({
      id: String(newest),
      event: 'reset',
      data: {
        id: String(newest),
        at: new Date().toISOString(),
        kind: 'reset',
        name: '',
      } satisfies StreamEvent,
    })
  }

  /** One batch at a time, so that the order of ids is the order on the wire. */
  async function send(): Promise<void> {
    if (isSending || waiting.length === 0 || stream.signal.aborted)
      return
    isSending = true
    const batch = waiting.filter(message => sentId === undefined || message.id > sentId)
    waiting = []
    try {
      for (const item of await resolveMessages(domain, project.id, batch)) {
        stream.send({
          id: String(item.message.id),
          event: item.message.kind,
          data: streamView(project, item),
        })
      }
      sentId = batch.at(-1)?.id ?? sentId
    }
    catch (error) {
      // The client comes back with Last-Event-ID and misses nothing.
      request.log.warn({ err: error }, 'an event stream could not be served')
      stream.close()
    }
    isSending = false
    void send()
  }

  async function catchUp(): Promise<void> {
    try {
      const gap = await missedSince(domain, project.id, sentId ?? 0)
      if (gap.kind === 'reset') {
        sendReset(gap.newest)
      }
      else {
        waiting = [
          ...gap.messages,
          ...waiting,
        ]
      }
      await send()
    }
    catch (error) {
      request.log.warn({ err: error }, 'an event stream could not catch up')
      stream.close()
    }
  }

  if (missed?.kind === 'reset') {
    sendReset(missed.newest)
  }
  else if (missed) {
    waiting = [
      ...missed.messages,
      ...waiting,
    ]
  }
  void send()
  return undefined
})

function streamView(project: { name: string }, { message, database, operation, event }: StreamItem): StreamEvent {
  return {
    id: String(message.id),
    at: new Date().toISOString(),
    kind: message.kind as StreamEvent['kind'],
    name: message.name,
    ...(database
      ? {
          database: databaseView(project, database),
        }
      : {}),
    ...(operation
      ? {
          operation: operationView(operation),
        }
      : {}),
    ...(event
      ? {
          event: serviceEventView(event),
        }
      : {}),
  }
}
