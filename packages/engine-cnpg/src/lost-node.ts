import type { Seen } from './phase.ts'
import type { PodView } from './views.ts'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * A kubelet renews its node's lease every 10 s. By this time its primary has ended itself, because it reached nobody
 * (`probes.liveness` in manifests/cluster.ts takes 15 s at most).
 */
const silentForMs = 16_000
const lookEveryMs = 2_000

/** A primary that Kubernetes calls ready and that answers nobody, where an instance on another node could take over. */
export function primaryInDoubt({ answers, cluster, pods, problem }: Seen): PodView | undefined {
  if (answers || problem !== undefined || !cluster.isOurs || !cluster.state.isConfigured || cluster.isFenced || cluster.isHibernationAsked || cluster.isDeleting || cluster.currentPrimary !== cluster.targetPrimary)
    return undefined
  const ready = pods.filter(pod => pod.isInstance && pod.isReady && !pod.isDeleting && pod.node !== '')
  const primary = ready.find(({ name }) => name === cluster.currentPrimary)
  return primary && ready.some(({ node }) => node !== primary.node) ? primary : undefined
}

export interface LostNodeOptions {
  readonly inDoubt: () => PodView | undefined
  /** When the node last renewed its lease; undefined where it has none. */
  readonly renewedAt: (node: string) => Promise<string | undefined>
  readonly giveUp: (pod: PodView) => Promise<void>
  readonly failed: (error: unknown) => void
  readonly silentForMs?: number
  readonly lookEveryMs?: number
}

/**
 * Gives up a primary whose node is silent, sooner than Kubernetes does: its grace period is 50 s by default, and no database
 * can shorten it. Only when three say the same: its address does not answer, its node renews nothing, and the operator, which
 * decides what follows, does not reach it either.
 */
export class LostNode {
  readonly #options: LostNodeOptions
  readonly #closed = new AbortController()
  #watched: string | undefined

  constructor(options: LostNodeOptions) {
    this.#options = options
  }

  /** Something changed. */
  look(): void {
    const pod = this.#closed.signal.aborted ? undefined : this.#options.inDoubt()
    if (!pod || this.#watched !== undefined)
      return
    this.#watched = pod.uid
    this.#watch(pod)
      .catch(this.#options.failed)
      .finally(() => this.#watched = undefined)
  }

  close(): void {
    this.#closed.abort()
  }

  async #watch(pod: PodView): Promise<void> {
    const { giveUp, inDoubt, renewedAt } = this.#options
    let last: string | undefined
    // By our own clock: the node's may be another one.
    let since = performance.now()
    while (!this.#closed.signal.aborted && inDoubt()?.uid === pod.uid) {
      const asked = performance.now()
      const renewed = await renewedAt(pod.node)
      if (renewed === undefined)
        return
      if (renewed !== last) {
        last = renewed
        since = asked
      }
      else if (asked - since >= (this.#options.silentForMs ?? silentForMs)) {
        return await giveUp(pod)
      }
      await delay(this.#options.lookEveryMs ?? lookEveryMs, undefined, { ref: false })
    }
  }
}
