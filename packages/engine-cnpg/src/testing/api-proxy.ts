import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KubeconfigOfAccount } from './kubeconfig-of-account.ts'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Agent, request } from 'node:https'
import { text } from 'node:stream/consumers'

export interface Met {
  readonly method: string
  readonly url: URL
  readonly contentType: string | undefined
  /** All of it: what is sent to the API is small. */
  readonly body: string
}

/** What a proxy does beside passing everything on. */
export interface Manners {
  /** Before a request is passed on. `refuse`: the proxy has dealt with it. Otherwise how its answer is given back; left out: as it is. */
  readonly meet: (met: Met, response: ServerResponse) => 'refuse' | ((answer: IncomingMessage) => void) | undefined
}

export interface ApiProxy {
  readonly url: string
  readonly remove: () => Promise<void>
}

/** A proxy before the API of a cluster: what comes through it speaks HTTP to this machine and with its own token to the API. */
export async function apiProxy({ clusters: [{ cluster }] }: KubeconfigOfAccount, { meet }: Manners): Promise<ApiProxy> {
  const agent = new Agent({ keepAlive: true, ca: Buffer.from(cluster['certificate-authority-data'], 'base64') })
  const server = createServer((incoming, response) => {
    const { headers, method = 'GET' } = incoming
    const url = new URL(incoming.url ?? '/', cluster.server)
    text(incoming).then((body) => {
      const giveBack = meet({ method, url, contentType: headers['content-type'], body }, response)
      if (giveBack === 'refuse')
        return
      const outgoing = request(url, { agent, method, headers: { ...headers, host: url.host } }, (answer) => {
        response.on('close', () => outgoing.destroy())
        if (giveBack)
          return giveBack(answer)
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      })
      outgoing.on('error', () => response.destroy())
      outgoing.end(body)
    }, () => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, // of a TCP server
    remove: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
      agent.destroy()
    },
  }
}
