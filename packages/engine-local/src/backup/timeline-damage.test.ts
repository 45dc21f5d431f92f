import type { DatabaseSpec } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import { cp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { segmentOf } from '@howdah/postgres'
import { until } from '@howdah/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testEngine } from '../testing/local-engine.ts'
import { everybodyRefuses, rowsAt } from '../testing/read-archive.ts'

const history = '00000002.history'

/** A database that was restored in place is on its second timeline, and its backup is of the first: what leads from one to the other is damaged. */
describe('an archive with a wrong timeline', () => {
  let test: TestEngine
  let source: DatabaseSpec
  let other: DatabaseSpec
  let backup: string
  let wal: string
  let theirs: string
  let kept: string

  beforeAll(async () => {
    test = await testEngine()
    source = await rewound()
    other = await rewound()
    backup = (await test.engine.backups(source))[0]?.id ?? ''
    wal = walOf(source)
    theirs = walOf(other)
    kept = join(test.dataDir, 'kept')
  }, 180_000)
  beforeEach(async () => await cp(wal, kept, { recursive: true, preserveTimestamps: true }))
  afterEach(async () => {
    await rm(wal, { recursive: true })
    await rename(kept, wal)
  })
  afterAll(async () => await test.remove(), 60_000)

  function walOf({ id }: DatabaseSpec): string {
    return join(test.dataDir, 'backups', id, 'wal')
  }

  async function note(spec: DatabaseSpec, text: string): Promise<void> {
    const client = await test.connect(spec)
    await client.query(text)
    await client.end()
  }

  /** Restored in place to `first`; `given-up` was behind it, `second` came later. Everything is archived, and nothing more comes. */
  async function rewound(): Promise<DatabaseSpec> {
    const spec = await test.database()
    await note(spec, 'create table ledger (n int)')
    const id = randomUUID()
    await until(async () => (await test.engine.takeBackup(spec, id)).outcome === 'done', { deadlineMs: 60_000, what: 'the backup is taken' })
    await note(spec, 'insert into ledger values (1)')
    await test.engine.createRestorePoint(spec, 'first')
    await note(spec, 'insert into ledger values (2)')
    await test.engine.createRestorePoint(spec, 'given-up')
    const order = { id: randomUUID(), from: { id: spec.id, target: { kind: 'name', name: 'first' } as const }, undoUntil: new Date(Date.now() + 3_600_000) }
    await until(async () => (await test.engine.restore(spec, order)).outcome === 'done', { deadlineMs: 60_000, what: 'it is restored' })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    await note(spec, 'insert into ledger values (3)')
    await test.engine.createRestorePoint(spec, 'second')
    const resting = { ...spec, generation: 2, hibernated: true }
    expect(await test.settle(resting)).toEqual({ outcome: 'done' })
    await until(async () => (await readdir(walOf(spec))).some(name => segmentOf(name)?.timeline === 2), { deadlineMs: 30_000, what: 'its last WAL is archived' })
    return resting
  }

  async function segmentsOn(folder: string, timeline: number): Promise<string[]> {
    return (await readdir(folder)).filter(name => segmentOf(name)?.timeline === timeline).sort()
  }

  it('is none as long as nothing is damaged', async () => {
    expect(await rowsAt(test, source, { kind: 'name', name: 'given-up' })).toEqual([1, 2])
    expect(await rowsAt(test, source, { kind: 'name', name: 'second' })).toEqual([1, 3])
  }, 60_000)

  it('whose history is missing: neither the other past nor the newest state is given for it, and retention removes nothing', async () => {
    await rm(join(wal, history))
    await everybodyRefuses(test, source, /history of timeline 2 is missing/)
    for (const target of [{ kind: 'latest' }, { kind: 'name', name: 'second' }, { kind: 'name', name: 'given-up' }] as const)
      expect((await test.engine.plan(test.spec({ from: { id: source.id, target } }))).refusals, JSON.stringify(target)).toMatchObject([{ pointer: '/from', detail: expect.stringContaining('history of timeline 2 is missing') }])
    const before = await readdir(wal)
    await test.engine.expireBackups(source, new Date(Date.now() + 3_600_000))
    expect(await readdir(wal)).toEqual(before)
    // What does not depend on it is there.
    expect(await test.settle(test.spec({ from: { id: source.id, target: { kind: 'backup', backup } } }))).toEqual({ outcome: 'done' })
  }, 120_000)

  it('whose history is another database\'s', async () => {
    await cp(join(theirs, history), join(wal, history))
    await everybodyRefuses(test, source, /00000002\.history is damaged, or another key sealed it|00000002\.history was sealed with the key/)
  }, 120_000)

  it('with WAL of another database\'s timeline in place of its own', async () => {
    const [name = ''] = await segmentsOn(wal, 2)
    const [their = ''] = await segmentsOn(theirs, 2)
    await cp(join(theirs, their), join(wal, name))
    await everybodyRefuses(test, source, new RegExp(`${name} (?:is damaged|was sealed with the key|cannot be restored)`))
  }, 120_000)

  it('with WAL of another database\'s timeline that it never had', async () => {
    const [their = ''] = await segmentsOn(theirs, 2)
    await cp(join(theirs, their), join(wal, their.replace(/^0{7}2/, '00000003')))
    await everybodyRefuses(test, source, /00000003\w{16} (?:is damaged|was sealed with the key)/)
  }, 120_000)

  it('with WAL of its own other timeline in place of the one that leads on', async () => {
    const [name = ''] = await segmentsOn(wal, 2)
    await cp(join(wal, name.replace(/^0{7}2/, '00000001')), join(wal, name))
    await everybodyRefuses(test, source, new RegExp(`${name} (?:is damaged|cannot be restored)`))
  }, 120_000)
})
