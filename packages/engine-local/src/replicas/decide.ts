import type { Durability } from '@howdah/engine'

/** What of the instances is known once the primary is fenced: nothing of it runs, and nobody can reach it. */
export interface Fenced {
  readonly durability: Durability
  /** Replicas that count: they have followed, and a commit may have waited for any of them. */
  readonly replicas: readonly {
    readonly ordinal: number
    /** How far it has WAL on disk; undefined: it does not answer. */
    readonly received: bigint | undefined
  }[]
  /** Where the WAL ends that the primary left on its disk; undefined: it cannot be read, or not all of it. */
  readonly end: bigint | undefined
}

export type Decision
  = | { readonly kind: 'promote', readonly ordinal: number }
    /** Start the old primary again: it alone is known to have everything. */
    | { readonly kind: 'restart', readonly reason: string }

/** What the heir lacks is brought to it from the disk of the fenced one. More than this is sooner replayed there. */
const mostToBring = 256n * 2n ** 20n

/**
 * Who gets the role. The most advanced replica, if that loses nothing that was acknowledged: because what it lacks is
 * there to be brought, or because a commit waited for one of those that answer. Pure.
 */
export function decide({ durability, end, replicas }: Fenced): Decision {
  const answering = replicas.flatMap(({ ordinal, received }) => received === undefined ? [] : [{ ordinal, received }])
  const best = answering.reduce<typeof answering[number] | undefined>((best, next) => best && best.received >= next.received ? best : next, undefined)
  if (!best)
    return { kind: 'restart', reason: 'no replica answers' }
  if (end === undefined) {
    return durability === 'sync' && answering.length < replicas.length
      ? { kind: 'restart', reason: 'a replica that does not answer may have what the others lack' }
      : { kind: 'promote', ordinal: best.ordinal }
  }
  return end - best.received > mostToBring
    ? { kind: 'restart', reason: 'the replicas are far behind' }
    : { kind: 'promote', ordinal: best.ordinal }
}
