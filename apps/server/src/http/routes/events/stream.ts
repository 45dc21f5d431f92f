import type { StreamEvent } from '@howdah/contract'
import type { Domain } from '../../../domain/domain.ts'
import type { StreamItem } from '../../../domain/stream.ts'
import type { StreamMessage } from '../../../store/stream.ts'
import type { SseStream } from '../../sse.ts'
import { invalid } from '../../../domain/errors.ts'
import { missedSince, newestPosition, resolveMessages } from '../../../domain/stream.ts'
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

  // Heard from here on, sent once it is known what was missed before.
  const feed = createFeed(domain, project, error => request.log.warn({ err: error }, 'an event stream could not be served'))
  const stops = [services.hub.subscribe(project.id, feed.hear), services.hub.onResume(feed.catchUp)]
  const stop = (): void => {
    for (const each of stops) each()
  }
  try {
    const position = lastEventId === undefined
      ? await newestPosition(domain, project.id)
      : Number(lastEventId)
    const stream = openSse(request, reply, services, 'events.read')
    stream.signal.addEventListener('abort', stop, { once: true })
    if (stream.signal.aborted)
      stop()
    feed.begin(stream, position)
  }
  catch (error) {
    stop()
    throw error
  }
  return undefined
})

/** Sends each message once and in the order of the ids, whatever is missed, heard twice or heard while something else is sent. */
function createFeed(domain: Domain, project: { id: string, name: string }, onProblem: (error: unknown) => void) {
  let stream: SseStream | undefined
  let sent = 0
  let waiting: StreamMessage[] = []
  // True: the store has to be read before what was heard may be sent, or what lies between would be skipped for ever.
  let hasGap = true
  let isSending = false

  async function send(): Promise<void> {
    if (isSending || !stream)
      return
    isSending = true
    try {
      while (!stream.signal.aborted && (hasGap || waiting.length > 0)) {
        if (hasGap)
          await readGap(stream)
        await sendBatch(stream)
      }
    }
    catch (error) {
      // The client comes back with Last-Event-ID and misses nothing.
      onProblem(error)
      stream.close()
    }
    isSending = false
  }

  async function readGap(to: SseStream): Promise<void> {
    hasGap = false
    const missed = await missedSince(domain, project.id, sent)
    if (missed.kind === 'messages') {
      waiting.push(...missed.messages)
      return
    }
    sent = missed.newest
    to.send({
      id: String(sent),
      event: 'reset',
      data: { id: String(sent), at: new Date().toISOString(), kind: 'reset', name: '' } satisfies StreamEvent,
    })
  }

  async function sendBatch(to: SseStream): Promise<void> {
    const batch = waiting.filter(message => message.id > sent).sort((a, b) => a.id - b.id)
    waiting = []
    const newest = batch.at(-1)?.id
    if (newest === undefined)
      return
    const items = await resolveMessages(domain, project.id, batch)
    for (const item of items)
      to.send({ id: String(item.message.id), event: item.message.kind, data: streamView(project, item) })
    if (items.at(-1)?.message.id !== newest)
      to.mark(String(newest))
    sent = newest
  }

  return {
    hear(message: StreamMessage): void {
      waiting.push(message)
      void send()
    },
    /** Notifications may have been missed. */
    catchUp(): void {
      hasGap = true
      void send()
    },
    begin(to: SseStream, position: number): void {
      stream = to
      sent = position
      // A reader that goes before the first message can resume as well.
      to.mark(String(position))
      void send()
    },
  }
}

function streamView(project: { name: string }, { message, database, operation, event }: StreamItem): StreamEvent {
  return {
    id: String(message.id),
    at: new Date(message.at).toISOString(),
    // The closed set of the contract is what the program announces.
    kind: message.kind as StreamEvent['kind'],
    name: message.name,
    ...(database ? { database: databaseView(project, database) } : {}),
    ...(operation ? { operation: operationView(operation) } : {}),
    ...(event ? { event: serviceEventView(event) } : {}),
  }
}
