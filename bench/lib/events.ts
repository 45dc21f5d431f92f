import type { BenchServer } from './server.ts'

interface DatabaseEvent { readonly kind: string, readonly name: string, readonly database?: { readonly phase: string } }
interface Waiting { readonly name: string, readonly isWanted: (phase: string) => boolean, readonly resolve: (at: number) => void }

export interface Events {
  /** When (`performance.now()`) the next event of this database arrives whose phase is wanted. Rejects after a while. */
  readonly next: (name: string, isWanted: (phase: string) => boolean) => Promise<number>
  readonly close: () => Promise<void>
}

const patienceMs = 60_000

/** Listens to `GET /api/events`, as the console does. */
export async function openEvents(server: BenchServer): Promise<Events> {
  const closing = new AbortController()
  const response = await fetch(new URL('/api/events', server.url), {
    headers: { authorization: `Bearer ${server.apiKey}`, accept: 'text/event-stream' },
    signal: closing.signal,
  })
  if (!response.ok || response.body === null)
    throw new Error(`GET /api/events answered ${response.status}`)
  const waiting = new Set<Waiting>()
  const reading = read(response.body, ({ kind, name, database }) => {
    const at = performance.now()
    for (const one of waiting) {
      if (kind === 'database' && one.name === name && database && one.isWanted(database.phase)) {
        waiting.delete(one)
        one.resolve(at)
      }
    }
  })
  // Whoever waits for an event learns of a broken stream by the deadline.
  reading.catch(() => {})

  return {
    next: async (name, isWanted) => await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no such event of ${name} within ${patienceMs} ms`)), patienceMs)
      waiting.add({
        name,
        isWanted,
        resolve: (at) => {
          clearTimeout(late)
          resolve(at)
        },
      })
    }),
    close: async () => {
      closing.abort()
      await reading.catch((error: unknown) => {
        if (!(error instanceof Error && error.name === 'AbortError'))
          throw error
      })
    },
  }
}

async function read(body: ReadableStream<Uint8Array>, heard: (event: DatabaseEvent) => void): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true })
    const messages = text.split('\n\n')
    text = messages.pop() ?? ''
    for (const message of messages) {
      const data = /^data: (.*)$/m.exec(message)?.[1]
      if (data !== undefined && data !== '{}')
        heard(JSON.parse(data) as DatabaseEvent) // the contract's StreamEvent
    }
  }
}
