import type { ApiProxy } from './api-proxy.ts'
import type { KubeconfigOfAccount } from './kubeconfig-of-account.ts'
import { apiProxy } from './api-proxy.ts'

/** Where somebody is killed: at his n-th effect, counted from 0, before it reaches the API or when it is in effect and he was not told. */
export interface Point {
  readonly effect: number
  readonly when: 'before' | 'after'
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
    meet: ({ method }, response, url) => {
      const isEffect = method !== 'GET'
      const isThis = isEffect && point?.effect === effects.length
      if (isOver) {
        response.destroy()
        return 'refuse'
      }
      if (isEffect)
        effects.push(`${method} ${kindIn(url.pathname)}`)
      if (!isThis)
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

/** `/apis/postgresql.cnpg.io/v1/namespaces/n/clusters/orders/status` is about clusters/status. */
function kindIn(path: string): string {
  const parts = path.replace(/^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)\//, '').split('/')
  const [kind = '', , subresource] = parts[0] === 'namespaces' && parts.length > 2 ? parts.slice(2) : parts
  return [kind, subresource].filter(Boolean).join('/')
}
