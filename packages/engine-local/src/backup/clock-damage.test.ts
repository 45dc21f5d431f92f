import type { DatabaseSpec, RestoreTarget } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import type { BackupRecord } from './manifest.ts'
import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { temporaryFolder, until } from '@howdah/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { testArchives } from '../testing/archives.ts'
import { testEngine } from '../testing/local-engine.ts'
import { archiveIn, rowsAt } from '../testing/read-archive.ts'
import { silentLog } from '../testing/silent-log.ts'
import { inspectArchives } from './inspect.ts'
import { readBackup } from './manifest.ts'
import { restoreIntoFolder } from './restore-into-folder.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** The clock of a server, or the control plane's, was moved: no moment is given for another one, and nothing is removed for it. */
describe('a clock that was moved', () => {
  let test: TestEngine
  let source: DatabaseSpec
  let backups: string[]
  let between: Date

  beforeAll(async () => {
    test = await testEngine()
    source = await test.database()
    const client = await test.connect(source)
    await client.query('create table ledger (n int)')
    backups = [await take()]
    await client.query('insert into ledger values (1)')
    between = new Date((await client.query<{ at: Date }>('select clock_timestamp() as at')).rows[0]!.at.getTime() + 1)
    // The last seconds of what is archived are not promised.
    await client.query('select pg_sleep(6)')
    await client.query('insert into ledger values (2)')
    backups.push(await take())
    await client.end()
    source = { ...source, generation: 2, hibernated: true }
    expect(await test.settle(source)).toEqual({ outcome: 'done' })
  }, 120_000)
  afterEach(() => {
    vi.useRealTimers()
  })
  afterAll(async () => await test.remove(), 60_000)

  async function take(): Promise<string> {
    const id = randomUUID()
    await until(async () => (await test.engine.takeBackup(source, id)).outcome === 'done', { deadlineMs: 60_000, what: 'the backup is taken' })
    return id
  }

  /** Times of a backup, as the clock of then would have had them. */
  async function retimed(id: string, shift: (times: { startedAt: number, finishedAt: number }) => { startedAt: number, finishedAt: number }): Promise<() => Promise<void>> {
    const archive = archiveIn(test, source)
    const record = await readBackup(archive, id)
    if (!record)
      throw new Error('there is no such backup')
    const put = async (changed: BackupRecord): Promise<void> => {
      await archive.put(`base/${id}/backup`, Buffer.from(JSON.stringify(changed)), new Date(changed.finishedAt))
    }
    const { finishedAt, startedAt } = shift({ startedAt: Date.parse(record.startedAt), finishedAt: Date.parse(record.finishedAt) })
    await put({ ...record, startedAt: new Date(startedAt).toISOString(), finishedAt: new Date(finishedAt).toISOString() })
    return async () => await put(record)
  }

  async function refusalOf(target: RestoreTarget): Promise<string> {
    return (await test.engine.plan(test.spec({ from: { id: source.id, target } }))).refusals.map(({ detail }) => detail).join(' ')
  }

  async function intoFolder(target: RestoreTarget): Promise<unknown> {
    const folder = await temporaryFolder()
    try {
      return await restoreIntoFolder({ archives: testArchives(test.dataDir), log: silentLog, database: source.id, target, folder: join(folder.path, 'restored') })
    }
    finally {
      await folder.remove()
    }
  }

  it.each<[string, number, (times: { startedAt: number, finishedAt: number }) => { startedAt: number, finishedAt: number }, string]>([
    ['a backup that is still to come', 1, ({ finishedAt, startedAt }) => ({ startedAt: startedAt + 30 * dayMs, finishedAt: finishedAt + 30 * dayMs }), 'still to come'],
    ['a backup that ended before it began', 1, ({ finishedAt }) => ({ startedAt: finishedAt + hourMs, finishedAt }), 'before it began'],
    ['a backup that ended before the one ahead of it', 1, ({ finishedAt, startedAt }) => ({ startedAt: startedAt - dayMs, finishedAt: finishedAt - dayMs }), 'before the one that went ahead of it'],
  ])('%s: no moment is restored, positions are, and inspect names it', async (_, index, shift, why) => {
    const giveBack = await retimed(backups[index]!, shift)
    try {
      expect(await refusalOf({ kind: 'time', at: between })).toContain(why)
      await expect(test.settle(test.spec({ from: { id: source.id, target: { kind: 'time', at: between } } }))).rejects.toThrow(why)
      await expect(intoFolder({ kind: 'time', at: between })).rejects.toThrow(why)
      expect((await inspectArchives({ ...testArchives(test.dataDir), database: source.id }))[0]?.problems).toContainEqual(expect.stringContaining(why))
      expect(await rowsAt(test, source, { kind: 'latest' })).toEqual([1, 2])
    }
    finally {
      await giveBack()
    }
  }, 120_000)

  // Certificates that it makes are good from a day before.
  it.each([['twenty hours ahead', 20 * hourMs], ['a year behind', -365 * dayMs]])('of the control plane, %s: what a moment has does not depend on it', async (_, byMs) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + byMs, shouldAdvanceTime: true })
    if (byMs > 0)
      expect(await rowsAt(test, source, { kind: 'time', at: between })).toEqual([1])
    else
      expect(await refusalOf({ kind: 'time', at: between })).toContain('still to come')
    expect(await rowsAt(test, source, { kind: 'latest' })).toEqual([1, 2])
    expect(await rowsAt(test, source, { kind: 'backup', backup: backups[0]! })).toEqual([])
  }, 120_000)

  it('of the control plane, a year ahead: retention keeps what it kept', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 365 * dayMs, shouldAdvanceTime: true })
    await test.engine.expireBackups(source, new Date(Date.now() - 7 * dayMs))
    vi.useRealTimers()
    expect((await test.engine.backups(source)).map(({ id }) => id).sort()).toEqual([...backups].sort())
    expect(await rowsAt(test, source, { kind: 'time', at: between })).toEqual([1])
  }, 120_000)
})
