import type { Buffer } from 'node:buffer'
import type { AddressInfo, Socket } from 'node:net'
import { Buffer as Bytes } from 'node:buffer'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

interface Target { readonly host: string, readonly port: number }

export interface SniGateway {
  readonly port: number
  /** Names that clients asked for, in order; empty for one that did not begin with TLS. */
  readonly asked: readonly string[]
  readonly close: () => void
}

/** Type of the TLS record that begins a connection. */
const handshake = 22
const serverName = 0

/**
 * What a Gateway does with TLSRoutes: reads the name that a client wants from the first TLS message, and passes on everything as it is.
 * Who does not begin with TLS, as clients of PostgreSQL usually do not, is sent away.
 */
export async function sniGateway(targetOf: (name: string) => Promise<Target | undefined> | Target | undefined): Promise<SniGateway> {
  const asked: string[] = []
  const server = createServer((client) => {
    let begun: Buffer = Bytes.alloc(0)
    client.on('error', ignoreLoss)
    client.on('data', function read(chunk) {
      begun = Bytes.concat([begun, chunk as Buffer]) // no encoding is set
      const name = begun[0] === handshake ? nameIn(begun) : ''
      if (name === undefined)
        return
      client.off('data', read)
      client.pause()
      asked.push(name)
      lead(client, name, begun).catch((error: unknown) => client.destroy(error as Error)) // whoever rejects does so with an error
    })
  })
  async function lead(client: Socket, name: string, begun: Buffer): Promise<void> {
    const target = await targetOf(name)
    if (!target)
      return void client.destroy()
    const upstream = connect(target.port, target.host)
    upstream.on('error', ignoreLoss)
    upstream.on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
    upstream.write(begun)
    client.pipe(upstream).pipe(client)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port, // it listens on a port
    asked,
    close: () => server.close(),
  }
}

/** The name in a ClientHello (RFC 8446, 4.1.2 and RFC 6066, 3); empty where there is none, undefined before all of it is there. */
function nameIn(record: Buffer): string | undefined {
  if (record.length < 5 || record.length < 5 + record.readUInt16BE(3))
    return undefined
  let at = 43 // record, kind and length of the message, version, random
  at += 1 + record.readUInt8(at) // session
  at += 2 + record.readUInt16BE(at) // ciphers
  at += 1 + record.readUInt8(at) // compressions
  const end = at + 2 + record.readUInt16BE(at)
  for (at += 2; at < end;) {
    const [kind, length] = [record.readUInt16BE(at), record.readUInt16BE(at + 2)]
    if (kind === serverName)
      return record.toString('latin1', at + 9, at + 9 + record.readUInt16BE(at + 7))
    at += 4 + length
  }
  return ''
}

/** The other side is told by the end of its own connection. */
function ignoreLoss(): void {}
