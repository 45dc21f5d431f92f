import type { ServerSentEvent } from './sse.ts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readServerSentEvents } from './sse.ts'

async function parse(chunks: readonly Uint8Array[]): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = []
  for await (const event of readServerSentEvents(ReadableStream.from(chunks)))
    events.push(event)
  return events
}

const text = ': welcome\n\nid: 1\nevent: database\ndata: {"a":\ndata: "ü"}\n\r\n\r\nid: 2\r\n\r\ndata:x\r\rretry: 100\ndata\n\n: end\n\ndata: never ended'
const expected: ServerSentEvent[] = [
  { id: '1', event: 'database', data: '{"a":\n"ü"}' },
  { id: '2', event: 'message', data: '' },
  { id: undefined, event: 'message', data: 'x' },
  { id: undefined, event: 'message', data: '' },
]

it('reads fields, many data lines, all line ends, and leaves comments and unfinished messages out', async () => {
  expect(await parse([
    new TextEncoder().encode(text),
  ])).toEqual(expected)
})

it('where the bytes are cut makes no difference', async () => {
  const bytes = new TextEncoder().encode(text)
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
    const edges = [
      0,
      ...cuts.sort((a, b) => a - b),
      bytes.length,
    ]
    expect(await parse(edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge)))).toEqual(expected)
  }))
})
