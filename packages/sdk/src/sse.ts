/** One message of a stream of server-sent events. `data` is empty where only the id was told. */
export interface ServerSentEvent {
  readonly id: string | undefined
  readonly event: string
  readonly data: string
}

/** Parse a stream as WHATWG's HTML standard says (9.2.6), comments left out. `onBytes` hears each sign of life. */
export async function* readServerSentEvents(body: ReadableStream<Uint8Array>, onBytes: () => void = () => {}): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let rest = ''
  let message = emptyMessage()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done)
        return
      onBytes()
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line !== '') {
          addLine(message, line)
          continue
        }
        if (message.id !== undefined || message.data.length > 0) {
          yield {
            id: message.id,
            event: message.event,
            data: message.data.join('\n'),
          }
        }
        message = emptyMessage()
      }
    }
  }
  finally {
    // What was read is enough for the caller; why the rest never comes is the reader's business above.
    await reader.cancel().catch(() => {})
  }
}

interface Message { id: string | undefined, event: string, readonly data: string[] }

function emptyMessage(): Message {
  return { id: undefined, event: 'message', data: [] }
}

function addLine(message: Message, line: string): void {
  const colon = line.indexOf(':')
  const field = colon < 0
    ? line
    : line.slice(0, colon)
  const value = colon < 0
    ? ''
    : line.slice(colon + 1).replace(/^ /, '')
  if (field === 'id')
    message.id = value
  else if (field === 'event')
    message.event = value
  else if (field === 'data')
    message.data.push(value)
}
