import type { Seen } from './phase.ts'
import type { PodView } from './views.ts'
import { isAtRest } from './phase.ts'

/** Servers that start again where they are let somebody in sooner. */
const patienceMs = 60_000

/**
 * Replicas whose container runs and whose server answers nobody. The operator leaves them so: the liveness of a replica is that it is not
 * the primary. Not where anything else is going on, or somebody fenced instances.
 */
export function silentReplicas({ answers, cluster, pods }: Seen): readonly PodView[] {
  if (!answers || !cluster.isOurs || cluster.isFenced || cluster.isHibernationAsked || cluster.isDeleting || !isAtRest(cluster))
    return []
  return pods.filter(pod => pod.isInstance && pod.isSilent && !pod.isDeleting && pod.name !== cluster.currentPrimary)
}

/** Ends what stays silent, so that the operator makes it again with its volume. */
export class Mender {
  readonly #silent: () => readonly PodView[]
  readonly #end: (pod: PodView) => void
  readonly #patienceMs: number
  readonly #timers = new Map<string, NodeJS.Timeout>()

  constructor(silent: () => readonly PodView[], end: (pod: PodView) => void, patience = patienceMs) {
    this.#silent = silent
    this.#end = end
    this.#patienceMs = patience
  }

  /** Something changed. */
  look(): void {
    const silent = new Set(this.#silent().map(({ uid }) => uid))
    for (const [uid, timer] of this.#timers) {
      if (!silent.has(uid)) {
        clearTimeout(timer)
        this.#timers.delete(uid)
      }
    }
    for (const uid of silent) {
      if (!this.#timers.has(uid))
        this.#timers.set(uid, setTimeout(() => this.#due(uid), this.#patienceMs).unref())
    }
  }

  close(): void {
    for (const timer of this.#timers.values())
      clearTimeout(timer)
    this.#timers.clear()
  }

  #due(uid: string): void {
    this.#timers.delete(uid)
    const pod = this.#silent().find(pod => pod.uid === uid)
    if (pod)
      this.#end(pod)
  }
}
