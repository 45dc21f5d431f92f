import type { Durability } from '@howdah/engine'
import { formatLsn, parseLsn } from '@howdah/postgres'

/** Where the WAL of a primary was seen to end: all before it was on its disk. */
export interface Seen {
  readonly epoch: number
  readonly end: bigint
  readonly at: Date
}

/** What is known of where the WAL of a primary ended that has failed. Kept on record until its loss is told. */
export interface OldEnd {
  /**
   * `at-most`: nothing that was acknowledged lies behind it: the WAL on its disk was read, whose last record may be torn.
   * `at-least`: its disk cannot be read, and this is what it is known to have had; what it wrote after `seenAt` lies behind it.
   * `unknown`: nor had anybody looked at it before.
   */
  readonly kind: 'at-most' | 'at-least' | 'unknown'
  /** Undefined where it is unknown. */
  readonly lsn?: string
  readonly seenAt?: string
}

interface Found {
  readonly durability: Durability
  /** How far who takes over has it. */
  readonly received: bigint
  /** What is on the disk; undefined where it cannot be read. */
  readonly left: { readonly end: bigint, readonly isWhole: boolean } | undefined
  readonly seen: Seen | undefined
}

/** With `sync` somebody takes over only who has all that was acknowledged. Pure. */
export function oldEndOf({ durability, left, received, seen }: Found): OldEnd {
  if (left?.isWhole)
    return { kind: 'at-most', lsn: formatLsn(left.end) }
  if (durability === 'sync')
    return { kind: 'at-most', lsn: formatLsn(received) }
  return seen ? { kind: 'at-least', lsn: formatLsn(seen.end), seenAt: seen.at.toISOString() } : { kind: 'unknown' }
}

/** Bytes of WAL between where the history of the new primary leaves that of the old one and where that one ended. Undefined: unknown. */
export function lostBytes({ lsn }: OldEnd, fork: bigint): number | undefined {
  const end = parseLsn(lsn ?? '')
  return end === undefined ? undefined : end > fork ? Number(end - fork) : 0
}

export function lossInWords(end: OldEnd, fork: bigint): string {
  const bytes = lostBytes(end, fork)
  if (end.kind === 'at-most')
    return bytes === 0 ? 'nothing is lost' : `at most ${bytes} bytes of WAL are lost`
  return end.kind === 'unknown'
    ? 'its WAL cannot be read, so what it had written last may be lost, and nobody knows how much that is'
    : `its WAL cannot be read: of what it had at ${end.seenAt} ${bytes === 0 ? 'nothing is lost' : `${bytes} bytes are lost`}, and what it wrote after that may be`
}
