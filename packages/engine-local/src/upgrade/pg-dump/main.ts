import type { MessagePort } from 'node:worker_threads'
import { Buffer } from 'node:buffer'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { pgDump } from '@electric-sql/pglite-tools/pg_dump'

/**
 * PostgreSQL's own pg_dump, compiled to WebAssembly. It reads and writes its connection without ever giving way, so it has a thread of
 * its own, which sleeps until whoever holds the connection has the answer.
 */
export interface DumpOrder {
  readonly args: readonly string[]
  readonly port: MessagePort
  /** Becomes 1 when an answer is in the port. */
  readonly bell: Int32Array
  /** What a server says to a client that logs in; this connection has done so before. */
  readonly welcome: Uint8Array
}

const { args, bell, port, welcome } = workerData as DumpOrder // passed by ../dump-schema.ts

/** Whole messages that were not answered yet: what pg_dump writes at once may end inside of one. */
let unsent = Buffer.alloc(0)
let isWelcomed = false

function answerTo(bytes: Uint8Array): Uint8Array {
  unsent = Buffer.concat([unsent, bytes])
  if (!isWelcomed) {
    // The first message has no type.
    isWelcomed = true
    unsent = Buffer.alloc(0)
    return welcome
  }
  const messages: Buffer[] = []
  for (let end = endOfMessage(unsent); end !== undefined; end = endOfMessage(unsent)) {
    messages.push(unsent.subarray(0, end))
    unsent = unsent.subarray(end)
  }
  // A goodbye has no answer, and the connection is not pg_dump's to end.
  const questions = messages.filter(message => message[0] !== 0x58)
  return questions.length > 0 ? ask(Buffer.concat(questions)) : new Uint8Array()
}

function endOfMessage(bytes: Buffer): number | undefined {
  const end = bytes.length < 5 ? undefined : 1 + bytes.readUInt32BE(1)
  return end !== undefined && end <= bytes.length ? end : undefined
}

function ask(question: Uint8Array): Uint8Array {
  Atomics.store(bell, 0, 0)
  port.postMessage(question)
  // The bell is set before it is rung, so the ring of the answer before may come only now and wake this wait too early.
  while (Atomics.load(bell, 0) === 0)
    Atomics.wait(bell, 0, 0)
  const answer = receiveMessageOnPort(port)?.message as Uint8Array | undefined // posted before the bell rang
  if (!answer)
    throw new Error('the connection of pg_dump is gone')
  return answer
}

// All that pg_dump uses of its server.
const server = {
  query: async () => ({ rows: [{ search_path: '' }] }),
  exec: async () => [],
  execProtocolRawStream: (bytes: Uint8Array, { onRawData }: { onRawData: (answer: Uint8Array) => void }) => onRawData(answerTo(bytes)),
}
const file = await pgDump({ pg: server as unknown as Parameters<typeof pgDump>[0]['pg'], args: [...args] }) // it takes no more than this
parentPort?.postMessage(await file.text())
