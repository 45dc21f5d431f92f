import type { ServiceEvent } from '@howdah/engine'
import type { Acknowledged } from '@howdah/testkit/ledger'
import { parseLsn } from '@howdah/postgres'

/** A row cannot take less of WAL: a record of the heap, and one of the commit. */
const leastBytesOfRow = 90

/** What a failover told of its loss. */
interface Report {
  readonly at: Date
  readonly kind: 'at-most' | 'at-least' | 'unknown'
  readonly bytes: number
  readonly fork: bigint
  readonly end: bigint
  readonly seenAt: Date
}

function reportOf({ at, details }: ServiceEvent): Report {
  return {
    at,
    kind: details.lostBytesAre as Report['kind'], // as the engine writes it
    bytes: Number(details.lostBytes ?? 0),
    fork: position(details.forkLsn),
    end: position(details.endLsn),
    seenAt: new Date(String(details.seenAt)),
  }
}

function position(text: unknown): bigint {
  return parseLsn(String(text)) ?? 0n
}

/**
 * The rows that are lost, and that no failover has told may be: since something was last whole, which is when these rows were all there. A row that is lost was
 * acknowledged before the failover and lies behind where the new history begins. Up to where the old one was read it ends there, and there are no
 * more of them than fit; where it was not, what was written after somebody had looked is gone as well.
 */
export function unreported(lost: readonly Acknowledged[], failovers: readonly ServiceEvent[]): string[] {
  const reports = failovers.map(reportOf)
  const fitting = reports.map(() => 0)
  return lost.filter((row) => {
    const index = reports.findIndex(report => mayBeOf(row, report))
    const report = reports[index]
    if (report?.kind === 'at-most')
      fitting[index] = (fitting[index] ?? 0) + leastBytesOfRow
    return !report || (fitting[index] ?? 0) > report.bytes
  }).map(({ at, flushed, row }) => `${row} of ${at.toISOString()} at ${flushed}`)
}

function mayBeOf({ at, flushed }: Acknowledged, { at: over, end, fork, kind, seenAt }: Report): boolean {
  const lsn = position(flushed)
  if (at > over || lsn <= fork)
    return false
  return kind === 'unknown' || lsn <= end || (kind === 'at-least' && at >= seenAt)
}
