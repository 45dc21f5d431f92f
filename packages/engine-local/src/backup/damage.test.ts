import type { DatabaseSpec, RestoreTarget } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import { cp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { segmentName, segmentOf } from '@howdah/postgres'
import { readPlaces, until } from '@howdah/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testArchives } from '../testing/archives.ts'
import { testEngine } from '../testing/local-engine.ts'

/** Whatever happens to an archive: a restore fails with its reason, or is refused, and nothing is left that looks well. */
describe('an archive that is not what it was', () => {
  let test: TestEngine
  let source: DatabaseSpec
  let other: DatabaseSpec
  let backup: string
  let archive: string
  let kept: string

  beforeAll(async () => {
    test = await testEngine()
    source = await test.database()
    other = await test.database()
    await take(other)
    backup = await take(source)
    const client = await test.connect(source)
    await client.query('create table ledger (n int)')
    // Four segments, so that one can go in the middle.
    for (let n = 0; n < 4; n++) {
      await client.query('insert into ledger select generate_series(1, 1000)')
      await test.engine.createRestorePoint(source, `point-${n}`)
      await rest(source)
    }
    await client.end()
    // From now on nothing comes into its archive.
    source = { ...source, generation: 2, hibernated: true }
    expect(await test.settle(source)).toEqual({ outcome: 'done' })
    archive = join(test.dataDir, 'backups', source.id)
    kept = join(test.dataDir, 'kept')
  }, 120_000)
  beforeEach(async () => await cp(archive, kept, { recursive: true, preserveTimestamps: true }))
  afterEach(async () => {
    await rm(archive, { recursive: true })
    await rename(kept, archive)
  })
  afterAll(async () => await test.remove(), 60_000)

  async function take(spec: DatabaseSpec): Promise<string> {
    const id = randomUUID()
    await until(async () => (await test.engine.takeBackup(spec, id)).outcome === 'done', { deadlineMs: 60_000 })
    return id
  }

  /** Everything so far goes into the archive, as it does before a restore. */
  async function rest(spec: DatabaseSpec): Promise<void> {
    const copy = test.spec({ from: { id: spec.id, target: { kind: 'latest' } } })
    await until(async () => {
      const progress = await test.engine.ensure(copy)
      return progress.outcome === 'continue' && progress.step === 'secure'
    }, { deadlineMs: 30_000, what: 'the WAL is archived' })
    await test.engine.destroy(copy)
  }

  async function segments(): Promise<string[]> {
    return (await readdir(join(archive, 'wal'))).filter(name => segmentOf(name)).sort()
  }

  async function flip(path: string): Promise<void> {
    const content = await readFile(path)
    content[Math.floor(content.length / 2)]! ^= 1
    await writeFile(path, content)
  }

  async function restored(target: RestoreTarget) {
    const copy = test.spec({ from: { id: source.id, target } })
    const progress = await test.settle(copy)
    expect(await test.engine.observe(copy)).toBeUndefined()
    const places = await readPlaces(test.dataDir)
    expect(places.databases.has(copy.id)).toBe(false)
    return progress
  }

  it('a flipped bit in a base backup', async () => {
    await flip(join(archive, 'base', backup, '000000'))
    expect(await restored({ kind: 'backup', backup })).toMatchObject({ outcome: 'failed', reason: 'ArchiveDamaged', message: expect.stringContaining('is damaged') })
  }, 60_000)

  it('a block that is missing, as half an upload leaves it', async () => {
    await rm(join(archive, 'base', backup, '000001'))
    expect(await restored({ kind: 'backup', backup })).toMatchObject({ outcome: 'failed', reason: 'ArchiveDamaged', message: expect.stringContaining('missing') })
  }, 60_000)

  it('a block of another backup in its place', async () => {
    const [theirs = ''] = await readdir(join(test.dataDir, 'backups', other.id, 'base'))
    await cp(join(test.dataDir, 'backups', other.id, 'base', theirs, '000000'), join(archive, 'base', backup, '000000'))
    expect(await restored({ kind: 'backup', backup })).toMatchObject({ outcome: 'failed', reason: 'ArchiveDamaged' })
  }, 60_000)

  it('a backup without its last word is none', async () => {
    await rm(join(archive, 'base', backup, 'backup'))
    expect(await test.engine.backups(source)).toEqual([])
    expect((await test.engine.plan(test.spec({ from: { id: source.id, target: { kind: 'latest' } } }))).refusals).toMatchObject([{ pointer: '/from', detail: expect.stringContaining('no backup') }])
  })

  it.each([['flipped', flip], ['truncated', async (path: string) => await truncate(path, 1000)], ['emptied', async (path: string) => await truncate(path, 0)]])('WAL that was %s', async (_, damage) => {
    const names = await segments()
    await damage(join(archive, 'wal', names.at(-2)!))
    expect(await restored({ kind: 'latest' })).toMatchObject({ outcome: 'failed', step: 'replay', reason: 'ArchiveDamaged', message: expect.stringContaining(names.at(-2)!) })
  }, 60_000)

  it('WAL that is missing: what is in the gap or after it is refused, what is before it is restored', async () => {
    const names = await segments()
    const missing = segmentOf(names.at(-3)!)!
    await rm(join(archive, 'wal', segmentName(missing)))
    const refused = await test.engine.plan(test.spec({ from: { id: source.id, target: { kind: 'name', name: 'point-3' } } }))
    expect(refused.refusals).toMatchObject([{ pointer: '/from', detail: expect.stringMatching(/cannot be restored\. The nearest that can: [0-9A-F]+\/[0-9A-F]+/) }])
    // What comes before the gap is not the latest.
    const latest = test.spec({ from: { id: source.id, target: { kind: 'latest' } } })
    expect((await test.engine.plan(latest)).refusals).toMatchObject([{ pointer: '/from', detail: expect.stringContaining(`lacks segment ${segmentName(missing)}`) }])
    const copy = test.spec({ from: { id: source.id, target: { kind: 'name', name: 'point-0' } } })
    expect(await test.settle(copy)).toEqual({ outcome: 'done' })
  }, 60_000)

  it('another key', async () => {
    await test.reopen({ archives: testArchives(test.dataDir, 'another secret') })
    await expect(test.engine.backups(source)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('does not have') })
    expect(await restored({ kind: 'latest' })).toMatchObject({ outcome: 'failed', reason: 'ArchiveDamaged', message: expect.stringContaining('does not have') })
    await test.reopen()
  }, 60_000)
})
