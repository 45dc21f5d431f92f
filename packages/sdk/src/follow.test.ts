import type { ScriptedServer } from '@howdah/testkit'
import type { StreamEvent } from './index.ts'
import { scriptedServer } from '@howdah/testkit'
import { afterEach, expect, it } from 'vitest'
import { createClient } from './index.ts'

let server: ScriptedServer
afterEach(async () => await server?.close())

function message(id: number): string {
  return `id: ${id}\nevent: database\ndata: ${JSON.stringify({
    id: String(id),
    kind: 'database',
    name: `db-${id}`,
  })}\n\n`
}

async function take(events: AsyncGenerator<StreamEvent>, count: number): Promise<string[]> {
  const seen: string[] = []
  for await (const event of events) {
    seen.push(event.id)
    if (seen.length === count)
      break
  }
  return seen
}

it('a stream that ends or breaks is continued after its last message', async () => {
  server = await scriptedServer((_, count) => ({
    stream: (response) => {
      response.write(message(count))
      if (count % 2 === 0)
        response.end()
      else
        response.write('data: {"half', () => response.destroy())
    },
  }))
  const connected: boolean[] = []
  const events = createClient({ baseUrl: server.url }).events.stream({
    onConnected: ({ resumed }) => connected.push(resumed),
  })
  expect(await take(events, 4)).toEqual(['1', '2', '3', '4'])
  expect(server.requests.map(request => request.headers['last-event-id'])).toEqual([undefined, '1', '2', '3'])
  expect(connected).toEqual([false, true, true, true])
})

it('an id without a message counts for resuming', async () => {
  server = await scriptedServer((_, count) => ({
    stream: response => response.end(count === 1
      ? 'id: 41\n\n'
      : message(42)),
  }))
  expect(await take(createClient({ baseUrl: server.url }).events.stream(), 1)).toEqual(['42'])
  expect(server.requests[1]?.headers['last-event-id']).toBe('41')
})

it('a server that drains is not a message', async () => {
  server = await scriptedServer((_, count) => ({
    stream: response => response.end(count === 1
      ? 'event: reconnect\ndata: {}\n\n'
      : message(2)),
  }))
  expect(await take(createClient({ baseUrl: server.url }).events.stream(), 1)).toEqual(['2'])
})

it('a server that restarts is waited for', async () => {
  server = await scriptedServer((_, count) => count === 1
    ? {
        stream: response => response.end(message(1)),
      }
    : count < 4
      ? { cut: true }
      : {
          stream: response => response.write(message(2)),
        })
  expect(await take(createClient({ baseUrl: server.url }).events.stream(), 2)).toEqual(['1', '2'])
})

it('a stream that is not allowed says so', async () => {
  server = await scriptedServer(() => ({
    status: 403,
    json: {
      status: 403,
      code: 'forbidden',
      title: '',
      detail: 'No.',
      requestId: 'r',
    },
  }))
  await expect(take(createClient({ baseUrl: server.url }).events.stream(), 1)).rejects.toMatchObject({ code: 'forbidden' })
})

it('a server that was never there is an error, not a wait', async () => {
  server = await scriptedServer(() => ({ cut: true }))
  await expect(take(createClient({ baseUrl: server.url }).events.stream(), 1)).rejects.toMatchObject({ name: 'ConnectionError' })
})

it('a signal ends the stream without an error', async () => {
  const stop = new AbortController()
  server = await scriptedServer(() => ({
    stream: response => response.write(message(1)),
  }))
  const seen: string[] = []
  for await (const event of createClient({ baseUrl: server.url }).events.stream({ signal: stop.signal })) {
    seen.push(event.id)
    stop.abort()
  }
  expect(seen).toEqual(['1'])
})

it('the log of PostgreSQL is followed with its filters', async () => {
  server = await scriptedServer(() => ({
    stream: response => response.write('data: {"message":"hello"}\n\n'),
  }))
  const records = createClient({ baseUrl: server.url }).databases.followServerLogs('shop', { severity: 'ERROR', contains: 'lo' })
  expect((await records.next()).value).toEqual({ message: 'hello' })
  await records.return(undefined)
  expect(server.requests[0]).toMatchObject({
    path: '/api/databases/shop/server-logs',
    headers: { accept: 'text/event-stream' },
  })
  expect(server.requests[0]?.query.toString()).toBe('severity=ERROR&contains=lo')
})
