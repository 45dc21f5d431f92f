import type { ServerResponse } from 'node:http'
import type { KubeconfigOfAccount } from './kubeconfig-of-account.ts'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Agent, request } from 'node:https'

/**
 * A proxy before the API of a cluster, as one that restarts or compacts: it can stop passing on what watches tell, and then say that
 * what they began from is gone.
 */
export interface GoneProxy {
  readonly url: string
  /** From now on watches tell nothing. */
  readonly withhold: () => void
  /** End every watch as the API does (410), refuse the next one of each kind the same way, then pass everything on again. */
  readonly expire: () => void
  readonly remove: () => Promise<void>
}

/** As the API says it, in a watch and as an answer. */
const expired = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'Expired', code: 410, message: 'too old resource version' }

export async function goneProxy({ clusters: [{ cluster }] }: KubeconfigOfAccount): Promise<GoneProxy> {
  const agent = new Agent({ keepAlive: true, ca: Buffer.from(cluster['certificate-authority-data'], 'base64') })
  const watches = new Map<ServerResponse, string>()
  const refused = new Set<string>()
  let isWithheld = false

  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? '/', cluster.server)
    const isWatch = url.searchParams.get('watch') === 'true'
    if (isWatch && refused.delete(url.pathname))
      return response.writeHead(410, { 'content-type': 'application/json' }).end(JSON.stringify(expired))
    const outgoing = request(url, { agent, method: incoming.method, headers: { ...incoming.headers, host: url.host } }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      if (isWatch)
        watches.set(response, url.pathname)
      answer.on('data', (bytes: Buffer) => (isWatch && isWithheld) || response.write(bytes))
      answer.on('end', () => response.end())
      response.on('close', () => {
        watches.delete(response)
        outgoing.destroy()
      })
    })
    outgoing.on('error', () => response.destroy())
    incoming.pipe(outgoing)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, // of a TCP server
    withhold: () => {
      isWithheld = true
    },
    expire: () => {
      for (const [response, path] of watches) {
        refused.add(path)
        response.end(`${JSON.stringify({ type: 'ERROR', object: expired })}\n`)
      }
      isWithheld = false
    },
    remove: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
      agent.destroy()
    },
  }
}
