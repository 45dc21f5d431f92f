import type { KubeconfigOfAccount } from './kubeconfig-of-account.ts'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Agent, request } from 'node:https'

/** Where somebody is killed: at his n-th effect, counted from 0, before it reaches the API or when it is in effect and he was not told. */
export interface Point {
  readonly effect: number
  readonly when: 'before' | 'after'
}

/** A proxy before the API of a cluster that knows what whoever comes through it changes there. */
export interface EffectProxy {
  readonly url: string
  /** What was changed so far, in order. */
  readonly effects: readonly string[]
  /** Settles when the point was reached. Nothing more comes through from then on. */
  readonly reached: Promise<void>
  readonly remove: () => Promise<void>
}

export async function effectProxy({ clusters: [{ cluster }] }: KubeconfigOfAccount, point: Point | undefined): Promise<EffectProxy> {
  const agent = new Agent({ keepAlive: true, ca: Buffer.from(cluster['certificate-authority-data'], 'base64') })
  const effects: string[] = []
  const reached = Promise.withResolvers<void>()
  let isOver = false

  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? '/', cluster.server)
    const isEffect = incoming.method !== 'GET'
    const number = effects.length
    const isThis = (when: Point['when']): boolean => isEffect && point?.when === when && point.effect === number
    if (isOver)
      return response.destroy()
    if (isEffect)
      effects.push(`${incoming.method} ${kindIn(url.pathname)}`)
    if (isThis('before')) {
      isOver = true
      return reached.resolve()
    }
    const outgoing = request(url, { agent, method: incoming.method, headers: { ...incoming.headers, host: url.host } }, (answer) => {
      if (isThis('after')) {
        isOver = true
        answer.resume()
        answer.on('end', () => reached.resolve())
        return
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
      response.on('close', () => outgoing.destroy())
    })
    outgoing.on('error', () => response.destroy())
    incoming.pipe(outgoing)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, // of a TCP server
    effects,
    reached: reached.promise,
    remove: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
      agent.destroy()
    },
  }
}

/** `/apis/postgresql.cnpg.io/v1/namespaces/n/clusters/orders/status` is about clusters/status. */
function kindIn(path: string): string {
  const parts = path.replace(/^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)\//, '').split('/')
  const [kind = '', , subresource] = parts[0] === 'namespaces' && parts.length > 2 ? parts.slice(2) : parts
  return [kind, subresource].filter(Boolean).join('/')
}
