import type { BackupMark } from './restore-window.ts'
import { expect, it } from 'vitest'
import { chooseBackup, spansOf } from './restore-window.ts'

const backup: BackupMark = { id: 'a', finishedAt: '2026-11-20T03:00:00Z', startLsn: '0/3000028', stopLsn: '0/3000100' }
const later: BackupMark = { id: 'b', finishedAt: '2026-11-20T04:00:00Z', startLsn: '0/7000028', stopLsn: '0/7000100' }

async function latest(backups: readonly BackupMark[], numbers: readonly number[]): Promise<string | undefined> {
  const segments = numbers.map(number => ({ timeline: 1, number }))
  const choice = chooseBackup(await spansOf(backups, segments, undefined, async () => new Date('2026-11-20T05:00:05Z')), [], { kind: 'latest' })
  return typeof choice === 'string' ? choice : choice.backup.id
}

it('the latest is what the archive ends with', async () => {
  expect(await latest([backup], [3, 4, 5])).toBe('a')
  expect(await latest([backup, later], [3, 4, 7, 8])).toBe('b')
})

it('what ends before a hole, behind which the archive goes on, is not the latest', async () => {
  expect(await latest([backup], [3, 4, 5, 7])).toBe('Its archive lacks segment 000000010000000000000006 of its WAL, so the latest of it cannot be restored. The nearest that can: 2026-11-20T05:00:00.000Z and 0/6000000.')
})
