import type { LogRecord } from '@howdah/sdk'

/** What tells two records apart that were written in the same millisecond. */
function keyOf({ at, pid, severity, message }: LogRecord): string {
  return [at, pid, severity, message].join(' ')
}

/**
 * Records that were read before, and newer ones that may repeat the last of them: each once, oldest first. Undefined:
 * there is a hole between the two, because the newer ones begin after the last that is known.
 */
export function joinRecords(before: readonly LogRecord[], newer: readonly LogRecord[]): LogRecord[] | undefined {
  const [last, first] = [before.at(-1), newer[0]]
  if (!last || !first)
    return [...before, ...newer]
  if (first.at > last.at)
    return undefined
  const known = new Map<string, number>()
  for (let index = before.length - 1; index >= 0 && before[index]!.at >= first.at; index--)
    known.set(keyOf(before[index]!), (known.get(keyOf(before[index]!)) ?? 0) + 1)
  return before.concat(newer.filter((record) => {
    const times = known.get(keyOf(record)) ?? 0
    known.set(keyOf(record), times - 1)
    return times <= 0
  }))
}
