import type { DatabaseSpec } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readPlaces, until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eachEffectMs, killAfterEach } from '../testing/each-effect.ts'
import { moments, runAndKill, timeOf } from '../testing/killed.ts'
import { testEngine } from '../testing/local-engine.ts'
import { rootOf } from '../testing/replicated.ts'

const rows = 100_000
const rounds = 4

/** The real engine, killed with SIGKILL in the middle of what takes long. Whoever comes next ends in the same state. */
describe('kill -9 of the control plane', () => {
  let test: TestEngine
  let source: DatabaseSpec
  let backup: string
  beforeAll(async () => {
    test = await testEngine()
    source = await test.database()
    const client = await test.connect(source)
    await client.query(`create table ledger as select n, repeat(md5(n::text), 8) as text from generate_series(1, ${rows}) n`)
    await client.end()
    backup = await take(randomUUID())
  })
  afterAll(async () => await test.remove())

  async function take(id: string): Promise<string> {
    await until(async () => (await test.engine.takeBackup(source, id)).outcome === 'done', { deadlineMs: 60_000, what: 'the backup is taken' })
    return id
  }

  async function restored(spec: DatabaseSpec): Promise<number> {
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    const client = await test.connect(spec)
    const { rows: [row] } = await client.query<{ count: number }>('select count(*)::int from ledger')
    await client.end()
    return row?.count ?? 0
  }

  /** The pool may be making a member just then. */
  async function leavesNothing(): Promise<void> {
    await until(async () => (await readPlaces(test.dataDir)).unfinished.length === 0, { deadlineMs: 30_000, what: 'nothing half-made is left' })
  }

  const copyOf = (id: string): DatabaseSpec => test.spec({ from: { id: source.id, target: { kind: 'backup', backup: id } } })

  it('in a backup: it is whole in the end, and what was half-made is no part of the archive', async () => {
    const whole = await timeOf(test, { spec: source, backup: randomUUID() })
    const taken: string[] = []
    for (const moment of moments(whole, rounds)) {
      const id = randomUUID()
      await runAndKill(test, { spec: source, backup: id }, moment)
      taken.push(await take(id))
    }
    const known = (await test.engine.backups(source)).map(({ id }) => id)
    expect(known).toEqual(expect.arrayContaining(taken))
    expect((await readdir(join(test.dataDir, 'backups', source.id, 'base'))).sort()).toEqual([...known].sort())
    expect(await restored(copyOf(taken.at(-1)!))).toBe(rows)
  })

  it('in a restore: the database has every row, and nothing of the first attempt is left', async () => {
    const whole = await timeOf(test, { spec: copyOf(backup) })
    for (const moment of moments(whole, rounds)) {
      const copy = copyOf(backup)
      await runAndKill(test, { spec: copy }, moment)
      expect(await restored(copy), `killed after ${moment} ms`).toBe(rows)
      await test.engine.destroy(copy)
    }
    await leavesNothing()
  })

  it('in a drill: it is over in the end, once, and nothing of it runs on', async () => {
    // A database that does not run has no commit to wait for.
    source = { ...source, generation: 2, hibernated: true }
    expect(await test.settle(source)).toEqual({ outcome: 'done' })
    const whole = await timeOf(test, { spec: source, drill: randomUUID() })
    for (const moment of moments(whole, rounds)) {
      const drill = randomUUID()
      await runAndKill(test, { spec: source, drill }, moment)
      await until(async () => (await test.engine.drillBackup(source, drill)).outcome === 'done', { deadlineMs: 60_000, what: 'the drill is over' })
      expect((await test.engine.backups(source))[0]?.proof, `killed after ${moment} ms`).toMatchObject({ drill, isGood: true })
    }
    await leavesNothing()
  })

  describe('after each of its effects', () => {
    beforeAll(async () => {
      source = { ...source, generation: 3, hibernated: false }
      expect(await test.settle(source)).toEqual({ outcome: 'done' })
    })

    it('of a backup: it is whole in the end, and is restored from', async () => {
      let id = ''
      await killAfterEach(test, {
        begin: async () => {
          id = randomUUID()
          return { work: { spec: source, backup: id }, root: await rootOf(test, source) }
        },
        finish: async () => {
          await take(id)
          expect(await readdir(join(test.dataDir, 'backups', source.id, 'base'))).toContain(id)
        },
      })
      const copy = copyOf(id)
      expect(await restored(copy)).toBe(rows)
      await test.engine.destroy(copy)
    }, eachEffectMs)

    it.each(['backup', 'latest'] as const)('of a database that is made from another one (%s): it has every row, and nothing of the first attempt is left', async (kind) => {
      await killAfterEach(test, {
        begin: async () => ({ work: { spec: kind === 'backup' ? copyOf(backup) : test.spec({ from: { id: source.id, target: { kind } } }) } }),
        finish: async ({ spec }) => {
          expect(await restored(spec)).toBe(rows)
          await test.engine.destroy(spec)
          await leavesNothing()
        },
      })
    }, eachEffectMs)
  })
})
