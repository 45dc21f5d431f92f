import type { DatabaseSpec, Progress, UpgradeOrder } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readPlaces } from '@howdah/testkit'
import { untilDone } from '@howdah/testkit/until-done'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eachEffectMs, killAfterEach } from '../testing/each-effect.ts'
import { testEngine } from '../testing/local-engine.ts'
import { rootOf } from '../testing/replicated.ts'

describe('kill -9 of the control plane after each of its effects', () => {
  let test: TestEngine
  let spec: DatabaseSpec
  let root: string
  let count = 0
  beforeAll(async () => {
    test = await testEngine({ poolSize: 0 })
  })
  beforeEach(async () => {
    spec = await test.database({ version: 16 })
    root = await rootOf(test, spec)
    // What it is copied from is made once, and is no part of an upgrade.
    await test.engine.planUpgrade({ ...spec, version: 18 })
    const client = await test.connect(spec)
    await client.query('create table ledger (n int)')
    await client.end()
  })
  afterAll(async () => await test.remove())

  /** Note something that is in no other round. Answers all that is noted. */
  async function note(): Promise<number[]> {
    const client = await test.connect(spec)
    await client.query('insert into ledger values ($1)', [++count])
    await client.end()
    return await noted()
  }

  async function noted(): Promise<number[]> {
    const client = await test.connect(spec)
    const { rows } = await client.query<{ n: number }>('select n from ledger order by n')
    await client.end()
    return rows.map(({ n }) => n)
  }

  async function over(step: () => Promise<Progress>): Promise<void> {
    await untilDone('it is over', step, { deadlineMs: 300_000 })
  }

  const nextOrder = (): UpgradeOrder => ({ id: randomUUID(), version: 18, undoUntil: new Date(Date.now() + 3_600_000) })

  async function upgrade(order: UpgradeOrder): Promise<void> {
    await over(async () => await test.engine.upgrade(spec, order))
    expect(await test.settle({ ...spec, version: 18 })).toEqual({ outcome: 'done' })
  }

  async function undo(id: string): Promise<void> {
    await over(async () => await test.engine.undoRestore(spec, id))
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
  }

  /** It is this major and ready, and beside it is what can be undone, and nothing half-made. */
  async function holdTo(version: number, kept: readonly string[]): Promise<void> {
    const { phase, serverVersion } = await test.observe(spec)
    expect(phase).toBe('ready')
    expect(serverVersion?.split('.')[0]).toBe(String(version))
    expect((await readdir(root)).filter(name => /^(?:kept|staged)-|swap/.test(name))).toEqual(kept)
    expect((await readPlaces(test.dataDir)).unfinished).toEqual([])
    expect(await readdir(join(test.dataDir, 'trash'))).toEqual([])
  }

  it('of an upgrade: it is done in the end, once, and nothing is lost on the way', async () => {
    let order = nextOrder()
    let present: number[] = []
    await killAfterEach(test, {
      begin: async () => {
        await undo(order.id)
        order = nextOrder()
        present = await note()
        return { work: { spec, upgrade: order }, root }
      },
      finish: async () => {
        await upgrade(order)
        await holdTo(18, [`kept-${order.id}`])
        expect(await noted()).toEqual(present)
      },
    })
  }, eachEffectMs)

  it('of its undoing: the database is what it was before, once', async () => {
    let order = nextOrder()
    let before: number[] = []
    await killAfterEach(test, {
      begin: async () => {
        before = await note()
        order = nextOrder()
        await upgrade(order)
        await note()
        return { work: { spec, undo: order.id }, root }
      },
      finish: async () => {
        await undo(order.id)
        await holdTo(16, [])
        expect(await noted()).toEqual(before)
      },
    })
  }, eachEffectMs)

  it('of a rehearsal: it says what one does that was not disturbed, and the database stays what it is', async () => {
    const rehearsal = { id: '', version: 18 }
    let present: number[] = []
    await killAfterEach(test, {
      begin: async () => {
        Object.assign(rehearsal, { id: randomUUID() })
        present = await note()
        return { work: { spec, rehearsal }, root }
      },
      finish: async () => {
        await over(async () => await test.engine.rehearseUpgrade(spec, rehearsal))
        expect(await test.settle(spec)).toEqual({ outcome: 'done' })
        expect(await test.engine.upgradeReport(spec)).toMatchObject({ id: rehearsal.id, isGood: true, message: '', tables: 1, rows: present.length })
        await holdTo(16, [])
        expect(await noted()).toEqual(present)
      },
    })
  }, eachEffectMs)
})
