import type { ApiProxy, Met } from './api-proxy.ts'
import type { KubeconfigOfAccount } from './kubeconfig-of-account.ts'
import { apiProxy } from './api-proxy.ts'

/** Where somebody is killed: at one of his effects, before it reaches the API or when it is in effect and he was not told. */
export interface Point {
  readonly when: 'before' | 'after'
  /** Whether it is the last one of these, which are all of his so far. */
  readonly isAt: (effects: readonly string[]) => boolean
}

/** A proxy before the API of a cluster that knows what whoever comes through it changes there. */
export interface EffectProxy extends ApiProxy {
  /** What was changed so far, in order. */
  readonly effects: readonly string[]
  /** Settles when the point was reached. Nothing more comes through from then on. */
  readonly reached: Promise<void>
}

export async function effectProxy(kubeconfig: KubeconfigOfAccount, point: Point | undefined): Promise<EffectProxy> {
  const effects: string[] = []
  const reached = Promise.withResolvers<void>()
  let isOver = false
  const proxy = await apiProxy(kubeconfig, {
    meet: (met, response) => {
      if (isOver) {
        response.destroy()
        return 'refuse'
      }
      if (met.method === 'GET')
        return undefined
      effects.push(effectOf(met))
      if (!point?.isAt(effects))
        return undefined
      if (point.when === 'before') {
        isOver = true
        reached.resolve()
        return 'refuse'
      }
      return (answer) => {
        isOver = true
        answer.resume()
        answer.on('end', () => reached.resolve())
      }
    },
  })
  return { ...proxy, effects, reached: reached.promise }
}

/** As one can be told from the next: what is done to which kind, and which annotations are. */
function effectOf({ body, contentType, method, url }: Met): string {
  const kind = kindIn(url.pathname)
  if (contentType === 'application/apply-patch+yaml')
    return `APPLY ${kind}`
  if (contentType !== 'application/merge-patch+json')
    return `${method} ${kind}`
  const { metadata } = JSON.parse(body) as { readonly metadata?: { readonly annotations?: object } } // our own patch
  return [`MERGE ${kind}`, ...Object.keys(metadata?.annotations ?? {}).map(name => name.replace(/.*\//, ''))].join(' ')
}

/** `/apis/postgresql.cnpg.io/v1/namespaces/n/clusters/orders/status` is about clusters/status. */
function kindIn(path: string): string {
  const parts = path.replace(/^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)\//, '').split('/')
  const [kind = '', , subresource] = parts[0] === 'namespaces' && parts.length > 2 ? parts.slice(2) : parts
  return [kind, subresource].filter(Boolean).join('/')
}
