import type { Seen } from './phase.ts'
import type { PodView } from './views.ts'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * A kubelet renews its node's lease every 10 s. By this time its primary has ended itself, because it reached nobody
 * (`probes.liveness` in manifests/cluster.ts takes 15 s at most).
 */
const silentForMs = 16_000
const lookEveryMs = 1_000

/** A primary that Kubernetes calls ready and that answers nobody, where an instance on another node could take over. */
export function primaryInDoubt({ answers, cluster, pods, problem }: Seen): PodView | undefined {
  if (answers || problem !== undefined || !cluster.isOurs || !cluster.state.isConfigured || cluster.isFenced || cluster.isHibernationAsked || cluster.isDeleting || cluster.currentPrimary !== cluster.targetPrimary)
    return undefined
  const ready = pods.filter(pod => pod.isInstance && pod.isReady && !pod.isDeleting && pod.node !== '')
  const primary = ready.find(({ name }) => name === cluster.currentPrimary)
  return primary && ready.some(({ node }) => node !== primary.node) ? primary : undefined
}

/** The operator has decided that another instance is to be the primary, and this one is there yet. */
export function isReplaced({ answers, cluster, pods }: Seen, { name, uid }: PodView): boolean {
  return !answers && cluster.currentPrimary === name && cluster.targetPrimary !== name && pods.some(pod => pod.uid === uid && !pod.isDeleting)
}

export interface LostNodeOptions {
  readonly inDoubt: () => PodView | undefined
  readonly isReplaced: (pod: PodView) => boolean
  /** When the node last renewed its lease; undefined where it has none. */
  readonly renewedAt: (node: string) => Promise<string | undefined>
  readonly giveUp: (pod: PodView) => Promise<void>
  readonly remove: (pod: PodView) => Promise<void>
  readonly failed: (error: unknown) => void
  readonly silentForMs?: number
  readonly lookEveryMs?: number
}

/**
 * Gives up a primary whose node is silent, sooner than Kubernetes does: its grace period is 50 s by default, and no database
 * can shorten it. Only when three say the same: its address does not answer, its node renews nothing, and the operator, which
 * decides what follows, does not reach it either. Once it has decided, the pod is removed, as Kubernetes would do it: until
 * then the operator waits for an answer of it, in vain, each time before it does anything.
 */
export class LostNode {
  readonly #options: LostNodeOptions
  readonly #closed = new AbortController()
  #watched: string | undefined
  #givenUp: { readonly pod: PodView, readonly renewed: string } | undefined

  constructor(options: LostNodeOptions) {
    this.#options = options
  }

  /** Something changed. */
  look(): void {
    if (this.#closed.signal.aborted)
      return
    const given = this.#givenUp
    if (given && this.#options.isReplaced(given.pod)) {
      this.#givenUp = undefined
      this.#remove(given.pod, given.renewed).catch(this.#options.failed)
    }
    const pod = this.#options.inDoubt()
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
        this.#givenUp = { pod, renewed }
        return await giveUp(pod)
      }
      await delay(this.#options.lookEveryMs ?? lookEveryMs, undefined, { ref: false })
    }
  }

  /** Not one whose node was heard of since: what was given up once may be well by the time of another change of the primary. */
  async #remove(pod: PodView, renewed: string): Promise<void> {
    if (await this.#options.renewedAt(pod.node) === renewed)
      await this.#options.remove(pod)
  }
}
