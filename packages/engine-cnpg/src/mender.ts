import type { Seen } from './phase.ts'
import type { PodView } from './views.ts'
import { isAtRest } from './phase.ts'

/** Servers that start again where they are let somebody in sooner. */
const patienceMs = 60_000
/** The operator has decided against it long before, and waits for its WAL to end. */
const patienceWithHeirMs = 30_000

/** The operator's words while the primary is not ready: another instance is to take its place, or there is nobody to ask. */
const waitsForPrimary = /^(?:Failing over|Instance Status Extraction Error)/

/** What the operator says on when a change of the primary is over, for as long as an instance does not answer it. */
const changesPrimary = /^(?:Failing over|Switchover in progress)/

/** A server that does not answer, and how long that is put up with. */
export interface Silent {
  readonly pod: PodView
  readonly patienceMs: number
}

/**
 * Instances whose container runs and whose server answers nobody. The operator leaves them so: the liveness of a replica is that it is not
 * the primary; and a primary that hangs has processes that go on sending WAL, whose end the operator waits for before anybody takes its place. Not where
 * anything else is going on, or somebody fenced instances.
 */
export function silentInstances({ answers, cluster, pods }: Seen): readonly Silent[] {
  if (!cluster.isOurs || cluster.isFenced || cluster.isHibernationAsked || cluster.isDeleting)
    return []
  return pods.filter(pod => pod.isInstance && pod.isSilent && !pod.isDeleting).flatMap((pod) => {
    if (pod.name !== cluster.currentPrimary)
      return answers && (isAtRest(cluster) || isChanged(cluster)) ? [{ pod, patienceMs }] : []
    const hasHeir = pods.some(other => other.isInstance && other.isReady && other.name !== pod.name)
    return isAtRest(cluster) || waitsForPrimary.test(cluster.phase) ? [{ pod, patienceMs: hasHeir ? patienceWithHeirMs : patienceMs }] : []
  })
}

function isChanged({ currentPrimary, phase, targetPrimary }: Seen['cluster']): boolean {
  return changesPrimary.test(phase) && currentPrimary === targetPrimary
}

/** Ends what stays silent, so that the operator makes it again with its volume. */
export class Mender {
  readonly #silent: () => readonly Silent[]
  readonly #end: (pod: PodView) => void
  readonly #timers = new Map<string, NodeJS.Timeout>()

  constructor(silent: () => readonly Silent[], end: (pod: PodView) => void) {
    this.#silent = silent
    this.#end = end
  }

  /** Something changed. */
  look(): void {
    const silent = new Map(this.#silent().map(({ patienceMs, pod }) => [pod.uid, patienceMs]))
    for (const [uid, timer] of this.#timers) {
      if (!silent.has(uid)) {
        clearTimeout(timer)
        this.#timers.delete(uid)
      }
    }
    for (const [uid, patience] of silent) {
      if (!this.#timers.has(uid))
        this.#timers.set(uid, setTimeout(() => this.#due(uid), patience).unref())
    }
  }

  close(): void {
    for (const timer of this.#timers.values())
      clearTimeout(timer)
    this.#timers.clear()
  }

  #due(uid: string): void {
    this.#timers.delete(uid)
    const silent = this.#silent().find(({ pod }) => pod.uid === uid)
    if (silent)
      this.#end(silent.pod)
  }
}
