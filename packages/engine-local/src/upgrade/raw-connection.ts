import type { Socket } from 'node:net'
import type pg from 'pg'
import { Buffer } from 'node:buffer'
import { Client } from 'pg'

const readyForQuery = 0x5A

/** A connection that has logged in and is then spoken to in PostgreSQL's protocol, message by message. */
export class RawConnection {
  readonly #client: pg.Client
  readonly #socket: Socket
  readonly #parameters: ReadonlyMap<string, string>
  #received = Buffer.alloc(0)
  #waiting: PromiseWithResolvers<Buffer> | undefined

  private constructor(client: pg.Client, socket: Socket, parameters: ReadonlyMap<string, string>) {
    this.#client = client
    this.#socket = socket
    this.#parameters = parameters
    // From here on the client reads nothing.
    socket.removeAllListeners('data')
    socket.on('data', bytes => this.#take(bytes as Buffer))
    socket.on('close', () => this.#waiting?.reject(new Error('the server ended the connection')))
  }

  static async open(config: pg.ClientConfig): Promise<RawConnection> {
    const client = new Client(config)
    const parameters = new Map<string, string>()
    // pg has it and does not describe it.
    const { connection } = client as unknown as { connection: { stream: Socket, on: (event: 'parameterStatus', listener: (message: { parameterName: string, parameterValue: string }) => void) => void } }
    connection.on('parameterStatus', ({ parameterName, parameterValue }) => parameters.set(parameterName, parameterValue))
    client.on('error', () => {}) // whoever waits for an answer is told
    await client.connect()
    return new RawConnection(client, connection.stream, parameters)
  }

  /** What the server said when it let us in. */
  get welcome(): Buffer {
    return Buffer.concat([
      message('R', int32(0)),
      ...[...this.#parameters].map(([name, value]) => message('S', Buffer.from(`${name}\0${value}\0`))),
      message('K', Buffer.concat([int32(0), int32(0)])),
      message('Z', Buffer.from('I')),
    ])
  }

  /** Send messages, and answer all that comes back until the server is ready for the next ones. */
  async ask(messages: Buffer): Promise<Buffer> {
    this.#waiting = Promise.withResolvers()
    this.#socket.write(messages)
    return await this.#waiting.promise
  }

  close(): void {
    // There is nobody left to tell.
    this.#client.end().catch(() => {})
    this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes])
    if (!endsReady(this.#received))
      return
    this.#waiting?.resolve(this.#received)
    this.#received = Buffer.alloc(0)
    this.#waiting = undefined
  }
}

function endsReady(bytes: Buffer): boolean {
  let at = 0
  for (;;) {
    if (at + 5 > bytes.length)
      return false
    const next = at + 1 + bytes.readUInt32BE(at + 1)
    if (next === bytes.length)
      return bytes[at] === readyForQuery
    at = next
  }
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body])
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
