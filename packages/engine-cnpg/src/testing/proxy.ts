import type { Socket } from 'node:net'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** The way to the API of a cluster, which can be shut: connections break, and new ones are refused. */
export interface Way {
  /** Where it begins, to be put into a kubeconfig. */
  readonly port: number
  readonly shut: () => void
  readonly open: () => void
  readonly remove: () => Promise<void>
}

export async function wayTo(server: string): Promise<Way> {
  const { hostname, port } = new URL(server)
  const sockets = new Set<Socket>()
  let isShut = false
  const proxy = createServer((near) => {
    if (isShut)
      return near.resetAndDestroy()
    const far = connect(Number(port), hostname)
    for (const [one, other] of [[near, far], [far, near]] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const cutAll = (): void => sockets.forEach(socket => socket.destroy())
  return {
    port: (proxy.address() as { port: number }).port, // of a TCP server
    shut: () => {
      isShut = true
      cutAll()
    },
    open: () => {
      isShut = false
    },
    remove: async () => {
      cutAll()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}
