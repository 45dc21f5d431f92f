import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'

/** A way to a PostgreSQL that a test can cut, and make silent. */
export interface TcpProxy {
  readonly port: number
  /** Ends every connection and refuses new ones. */
  readonly cut: () => void
  /** Takes connections and bytes and passes nothing on, as a host that is gone does. */
  readonly stall: () => void
  /** Everything goes through again; what was stalled is ended. */
  readonly mend: () => void
  readonly connections: () => number
  readonly close: () => Promise<void>
}

/** `socketFolder` and `port`: of the PostgreSQL behind it. */
export async function openTcpProxy(target: { readonly host: string, readonly port: number }): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let state: 'through' | 'cut' | 'stalled' = 'through'

  const server = createServer((client) => {
    if (state === 'cut') {
      client.destroy()
      return
    }
    const upstream = connect(join(target.host, `.s.PGSQL.${target.port}`))
    const pair = [client, upstream] as const
    pairs.add(pair)
    for (const [from, to] of [pair, [upstream, client]] as const) {
      from.on('data', chunk => void (state === 'through' && to.write(chunk)))
      // Whatever ends one side ends the other; why, is the business of who uses it.
      from.on('error', () => from.destroy())
      from.on('close', () => {
        to.destroy()
        pairs.delete(pair)
      })
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  function endAll(): void {
    for (const [client] of pairs)
      client.destroy()
  }
  return {
    // It listens on TCP.
    port: (server.address() as AddressInfo).port,
    cut() {
      state = 'cut'
      endAll()
    },
    stall: () => void (state = 'stalled'),
    mend() {
      if (state === 'stalled')
        endAll()
      state = 'through'
    },
    connections: () => pairs.size,
    async close() {
      endAll()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
