import { until } from '@howdah/testkit'

export interface Message { readonly id: string | undefined, readonly event: string, readonly data: any }

/** A reader of server-sent events that keeps what it was sent, for tests to look at. */
export interface SseClient {
  readonly status: number
  /** What carried data, in order. */
  readonly messages: readonly Message[]
  /** The last id that was told, with data or without. */
  readonly lastId: () => string | undefined
  /** Comments so far: each is a sign of life. */
  readonly heartbeats: () => number
  /** Waits for a message, among those that came already too. */
  readonly next: (what: (message: Message) => boolean) => Promise<Message>
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>
  readonly close: () => void
}

export async function openSseClient(url: string, headers: Record<string, string>): Promise<SseClient> {
  const stop = new AbortController()
  const response = await fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal: stop.signal })
  const messages: Message[] = []
  let lastId: string | undefined
  let heartbeats = 0

  function take(block: string): void {
    const lines = block.split('\n')
    const field = (name: string) => lines.find(line => line.startsWith(`${name}: `))?.slice(name.length + 2)
    const id = field('id')
    const data = field('data')
    lastId = id ?? lastId
    if (block.startsWith(':'))
      heartbeats++
    if (data !== undefined)
      messages.push({ id, event: field('event') ?? 'message', data: JSON.parse(data) })
  }

  async function read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    let rest = ''
    for await (const chunk of body) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
      rest = blocks.pop() ?? ''
      blocks.forEach(take)
    }
  }

  // However it ends, by the server or by `close`, it has ended.
  const ended = response.body && response.ok ? read(response.body).catch(() => undefined) : Promise.resolve()
  return {
    status: response.status,
    messages,
    lastId: () => lastId,
    heartbeats: () => heartbeats,
    next: async what => await until(() => messages.find(what), { deadlineMs: 10_000, what: `a message that fits ${String(what)}; there were ${JSON.stringify(messages.map(({ id, event, data }) => [id, event, data.name]))}` }),
    ended,
    close: () => stop.abort(),
  }
}
