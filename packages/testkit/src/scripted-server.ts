import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:http'

export interface ScriptedRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown
}

export interface ScriptedAnswer {
  /** Default: 200 */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly text?: string
  /** Write to the open response; it stays open until the function ends it, the client goes or the server closes. */
  readonly stream?: (response: ServerResponse) => void
  /** Cut the connection instead of answering. */
  readonly cut?: boolean
}

export interface ScriptedServer {
  readonly url: string
  /** What was asked, oldest first. */
  readonly requests: readonly ScriptedRequest[]
  readonly close: () => Promise<void>
}

/** An HTTP server that answers as the test says, for tests of clients: their faults cannot be had from a real server. */
export async function scriptedServer(answer: (request: ScriptedRequest, count: number) => ScriptedAnswer): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = []
  const server = createServer((incoming, response) => {
    const chunks: Uint8Array[] = []
    incoming.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://scripted')
      const text = chunks.map(chunk => new TextDecoder().decode(chunk)).join('')
      const request: ScriptedRequest = {
        method: incoming.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [
          name,
          String(value),
        ])),
        body: text === ''
          ? undefined
          : JSON.parse(text),
      }
      requests.push(request)
      send(answer(request, requests.length), response)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // It listens on TCP.
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function send(answer: ScriptedAnswer, response: ServerResponse): void {
  if (answer.cut) {
    response.destroy()
    return
  }
  const contentType = answer.stream
    ? 'text/event-stream'
    : answer.json === undefined
      ? 'text/plain'
      : 'application/json'
  response.writeHead(answer.status ?? 200, { 'content-type': contentType, ...answer.headers })
  if (answer.stream) {
    response.flushHeaders()
    answer.stream(response)
  }
  else {
    response.end(answer.json === undefined
      ? answer.text
      : JSON.stringify(answer.json))
  }
}
