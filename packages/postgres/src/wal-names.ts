/** Names and positions of PostgreSQL's write-ahead log, for segments of 16 MB: no server of ours has others. */
const segmentBytes = 16 * 2 ** 20
const segmentsPerLog = 2 ** 32 / segmentBytes

export interface Segment {
  readonly timeline: number
  /** Position among all segments. */
  readonly number: number
}

/** Undefined for histories, labels of backups, and what is no WAL at all. */
export function segmentOf(name: string): Segment | undefined {
  const parts = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/.exec(name)
  if (!parts)
    return undefined
  const [timeline = 0, log = 0, part = 0] = parts.slice(1).map(hex => Number.parseInt(hex, 16))
  return { timeline, number: log * segmentsPerLog + part }
}

export function segmentName({ timeline, number }: Segment): string {
  return [timeline, Math.floor(number / segmentsPerLog), number % segmentsPerLog].map(part => part.toString(16).toUpperCase().padStart(8, '0')).join('')
}

/** A position such as `0/3000158` as a number that compares. */
export function parseLsn(text: string): bigint | undefined {
  const parts = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text)
  return parts ? BigInt(`0x${parts[1]}`) << 32n | BigInt(`0x${parts[2]}`) : undefined
}

export function formatLsn(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16).toUpperCase()}/${(lsn & 0xFFFFFFFFn).toString(16).toUpperCase()}`
}

/** The segment that holds what comes before a position. */
export function segmentBefore(lsn: bigint): number {
  return Number((lsn - 1n) / BigInt(segmentBytes))
}

export function segmentAt(lsn: bigint): number {
  return Number(lsn / BigInt(segmentBytes))
}

export function endOfSegment(number: number): bigint {
  return BigInt(number + 1) * BigInt(segmentBytes)
}

/** Of one position only that of the newest timeline; in the order of their positions. */
export function newestSegments(segments: Iterable<Segment>): Segment[] {
  const newest = new Map<number, Segment>()
  for (const segment of segments) {
    if (segment.timeline > (newest.get(segment.number)?.timeline ?? 0))
      newest.set(segment.number, segment)
  }
  return [...newest.values()].sort((a, b) => a.number - b.number)
}
