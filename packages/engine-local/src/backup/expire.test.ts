import type { ArchiveKey } from '../archive/envelope.ts'
import type { BackupRecord } from './manifest.ts'
import { Buffer } from 'node:buffer'
import { segmentName } from '@howdah/postgres'
import { temporaryFolder } from '@howdah/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Archive } from '../archive/archive.ts'
import { folderStore } from '../archive/folder-store.ts'
import { walPath } from '../archive/wal-files.ts'
import { expire } from './expire.ts'
import { readBackups, writeBackup } from './manifest.ts'

const dayMs = 86_400_000
const today = Date.UTC(2026, 0, 20, 2)
const key: ArchiveKey = { id: '0011223344556677', secret: Buffer.alloc(32, 1) }

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let archive: Archive
beforeEach(async () => {
  folder = await temporaryFolder()
  archive = new Archive('db', folderStore(folder.path), [key])
})
afterEach(async () => await folder.remove())

/** A backup, and the WAL that begins with it. */
async function take(segment: number, at: number): Promise<void> {
  const lsn = `0/${(segment * 0x1000000 + 0x100).toString(16).toUpperCase()}`
  const finishedAt = new Date(at).toISOString()
  await archive.put(walPath(segmentName({ timeline: 1, number: segment })), Buffer.alloc(10), new Date(at))
  await writeBackup(archive, { id: `b${segment}`, timeline: 1, startLsn: lsn, stopLsn: lsn, startedAt: finishedAt, finishedAt } as BackupRecord, { files: [], folders: [] }) // what is looked at
}

async function kept(retentionDays: number, now: number): Promise<string[]> {
  await expire(archive, new Date(now - retentionDays * dayMs), new Date(now))
  return (await readBackups(archive)).map(({ id }) => id).sort()
}

it('a backup a day, kept for three days: the one before those goes on being needed', async () => {
  for (let day = 1; day <= 6; day++)
    await take(day, today + (day - 6) * dayMs)
  expect(await kept(3, today + 60_000)).toEqual(['b3', 'b4', 'b5', 'b6'])
})

it('a clock that leapt ahead by a month before the last one makes nothing old that is not', async () => {
  for (let day = 1; day <= 5; day++)
    await take(day, today + (day - 6) * dayMs)
  const leapt = today + 30 * dayMs
  await take(6, leapt)
  expect(await kept(3, leapt + 60_000)).toEqual(['b3', 'b4', 'b5', 'b6'])
})

it('a clock that is set back removes nothing', async () => {
  for (let day = 1; day <= 5; day++)
    await take(day, today + (day - 6) * dayMs)
  await take(6, today - 300 * dayMs)
  expect(await kept(3, today - 300 * dayMs + 60_000)).toHaveLength(6)
})
