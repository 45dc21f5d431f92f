import type { DatabaseSpec, RestoreSource } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readPlaces, until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eachEffectMs, killAfterEach } from '../testing/each-effect.ts'
import { orderOf } from '../testing/killed.ts'
import { testEngine } from '../testing/local-engine.ts'
import { rootOf } from '../testing/replicated.ts'

describe('kill -9 of the control plane after each of its effects', () => {
  let test: TestEngine
  let count = 0
  beforeAll(async () => {
    test = await testEngine({ poolSize: 0 })
  })
  afterAll(async () => await test.remove())

  /** Note something that is in no other round. Answers all that is noted. */
  async function note(spec: DatabaseSpec): Promise<number[]> {
    const client = await test.connect(spec)
    await client.query('create table if not exists ledger (n int)')
    await client.query('insert into ledger values ($1)', [++count])
    await client.end()
    return await noted(spec)
  }

  async function noted(spec: DatabaseSpec): Promise<number[]> {
    const client = await test.connect(spec)
    const { rows } = await client.query<{ n: number }>('select n from ledger order by n')
    await client.end()
    return rows.map(({ n }) => n)
  }

  async function restore(spec: DatabaseSpec, id: string, from: RestoreSource): Promise<void> {
    await until(async () => (await test.engine.restore(spec, orderOf({ id, from }))).outcome === 'done', { deadlineMs: 60_000, what: 'it is restored' })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
  }

  async function undo(spec: DatabaseSpec, id: string): Promise<void> {
    await until(async () => (await test.engine.undoRestore(spec, id)).outcome === 'done', { deadlineMs: 60_000, what: 'it is undone' })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
  }

  /** A database with a backup, and what it had then. */
  async function backedUp(): Promise<{ spec: DatabaseSpec, then: number[], from: RestoreSource }> {
    const spec = await test.database()
    const then = await note(spec)
    const backup = randomUUID()
    await until(async () => (await test.engine.takeBackup(spec, backup)).outcome === 'done', { deadlineMs: 60_000, what: 'the backup is taken' })
    return { spec, then, from: { id: spec.id, target: { kind: 'backup', backup } } }
  }

  /** It is ready, and beside it is what can be undone, and nothing half-made. */
  async function holdTo(spec: DatabaseSpec, rows: readonly number[], kept: readonly string[]): Promise<void> {
    expect((await test.observe(spec)).phase).toBe('ready')
    expect(await noted(spec)).toEqual(rows)
    expect((await readdir(await rootOf(test, spec))).filter(name => /^(?:kept|staged)-|swap/.test(name))).toEqual(kept)
    expect((await readPlaces(test.dataDir)).unfinished).toEqual([])
    expect(await readdir(join(test.dataDir, 'trash'))).toEqual([])
  }

  it('of a restore in place: it is done in the end, once', async () => {
    const { from, spec, then } = await backedUp()
    let id = ''
    await killAfterEach(test, {
      begin: async () => {
        id = randomUUID()
        await note(spec)
        return { work: { spec, restore: { id, from } }, root: await rootOf(test, spec) }
      },
      finish: async () => {
        await restore(spec, id, from)
        await holdTo(spec, then, [`kept-${id}`])
      },
    })
  }, eachEffectMs)

  it('of its undoing: the database is what it was before, once', async () => {
    const { from, spec } = await backedUp()
    let id = ''
    let before: number[] = []
    await killAfterEach(test, {
      begin: async () => {
        id = randomUUID()
        before = await note(spec)
        await restore(spec, id, from)
        await note(spec)
        return { work: { spec, undo: id }, root: await rootOf(test, spec) }
      },
      finish: async () => {
        await undo(spec, id)
        await holdTo(spec, before, [])
      },
    })
  }, eachEffectMs)

  it('of the reset of a branch: it is what its parent is now, and its parent serves on', async () => {
    const parent = await test.database()
    await note(parent)
    const from: RestoreSource = { id: parent.id, target: { kind: 'latest' } }
    const branch = test.spec({ from })
    expect(await test.settle(branch)).toEqual({ outcome: 'done' })
    let id = ''
    let present: number[] = []
    await killAfterEach(test, {
      begin: async () => {
        id = randomUUID()
        present = await note(parent)
        await note(branch)
        return { work: { spec: branch, restore: { id, from } }, root: await rootOf(test, branch) }
      },
      finish: async () => {
        await restore(branch, id, from)
        await holdTo(branch, present, [`kept-${id}`])
        expect(await noted(parent)).toEqual(present)
      },
    })
  }, eachEffectMs)
})
