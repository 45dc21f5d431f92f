import type { WatchCache } from './kubernetes/watch-cache.ts'
import type { PodView } from './views.ts'

/** Pods by the Cluster that they belong to. */
export class PodIndex {
  readonly #byCluster = new Map<string, Map<string, PodView>>()

  #changed: (namespace: string, cluster: string) => void = () => {}

  constructor(pods: WatchCache<PodView>) {
    pods.onChange(({ after, before }) => {
      const pod = after ?? before
      if (!pod)
        return
      const key = keyOf(pod.namespace, pod.cluster)
      const own = this.#byCluster.get(key) ?? new Map<string, PodView>()
      if (after)
        own.set(pod.name, after)
      else
        own.delete(pod.name)
      if (own.size > 0)
        this.#byCluster.set(key, own)
      else
        this.#byCluster.delete(key)
      this.#changed(pod.namespace, pod.cluster)
    })
  }

  /** Hear which Cluster has other pods now. */
  onChange(listener: (namespace: string, cluster: string) => void): void {
    this.#changed = listener
  }

  of(namespace: string, cluster: string): readonly PodView[] {
    return [...this.#byCluster.get(keyOf(namespace, cluster))?.values() ?? []]
  }
}

function keyOf(namespace: string, cluster: string): string {
  return `${namespace}/${cluster}`
}
