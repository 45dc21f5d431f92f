import type { ServerResponse } from 'node:http'
import type { ApiProxy } from './api-proxy.ts'
import type { KubeconfigOfAccount } from './kubeconfig-of-account.ts'
import { apiProxy } from './api-proxy.ts'

/**
 * A proxy before the API of a cluster, as one that restarts or compacts: it can stop passing on what watches tell, and then say that
 * what they began from is gone.
 */
export interface GoneProxy extends ApiProxy {
  /** From now on watches tell nothing. */
  readonly withhold: () => void
  /** End every watch as the API does (410), refuse the next one of each kind the same way, then pass everything on again. */
  readonly expire: () => void
}

/** As the API says it, in a watch and as an answer. */
const expired = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'Expired', code: 410, message: 'too old resource version' }

export async function goneProxy(kubeconfig: KubeconfigOfAccount): Promise<GoneProxy> {
  const watches = new Map<ServerResponse, string>()
  const refused = new Set<string>()
  let isWithheld = false
  const proxy = await apiProxy(kubeconfig, {
    meet: ({ url }, response) => {
      if (url.searchParams.get('watch') !== 'true')
        return undefined
      if (refused.delete(url.pathname)) {
        response.writeHead(410, { 'content-type': 'application/json' }).end(JSON.stringify(expired))
        return 'refuse'
      }
      return (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        watches.set(response, url.pathname)
        response.on('close', () => watches.delete(response))
        answer.on('data', (bytes: Uint8Array) => isWithheld || response.write(bytes))
        answer.on('end', () => response.end())
      }
    },
  })
  return {
    ...proxy,
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
  }
}
