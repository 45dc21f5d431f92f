import { expect, it } from 'vitest'
import { movedClock } from './moved-clock.ts'

const now = new Date('2026-01-10T12:00:00Z')
const backup = (id: string, stopLsn: string, finishedAt: string, startedAt = finishedAt, timeline = 1) => ({ id, stopLsn, finishedAt, startedAt, timeline })

it.each([
  ['nothing where time went on', [backup('a', '0/2', '2026-01-08T02:00:00Z'), backup('b', '0/10', '2026-01-09T02:00:00Z')], []],
  ['nothing where clocks differ by a little', [backup('a', '0/2', '2026-01-10T12:04:00Z')], []],
  ['that one is still to come', [backup('a', '0/2', '2026-02-10T12:00:00Z'), backup('b', '1/0', '2026-02-10T13:00:00Z')], ['a: still to come', 'b: still to come']],
  ['that one ended before it began', [backup('a', '0/2', '2026-01-08T02:00:00Z', '2026-01-08T03:00:00Z')], ['a: set back meanwhile']],
  ['that one ended before the one ahead of it', [backup('b', '0/10', '2026-01-07T02:00:00Z'), backup('a', '0/2', '2026-01-08T02:00:00Z')], ['b: set back between them']],
  ['nothing of two timelines', [backup('a', '0/20', '2026-01-08T02:00:00Z'), backup('b', '0/10', '2026-01-07T02:00:00Z', undefined, 2)], []],
])('says %s', (_, backups, said) => {
  const complaints = [...movedClock(backups, now)]
  expect(complaints).toHaveLength(said.length)
  for (const [index, [{ id }, what]] of complaints.entries()) {
    const [who, words = ''] = said[index]!.split(': ')
    expect(id).toBe(who)
    expect(what).toContain(words)
  }
})
