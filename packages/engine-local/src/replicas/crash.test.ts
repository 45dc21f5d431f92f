import type { DatabaseSpec } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { readPlaces, until } from '@howdah/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { databasePaths } from '../paths.ts'
import { eachEffectMs, killAfterEach } from '../testing/each-effect.ts'
import { runAndKillAfter } from '../testing/killed.ts'
import { sessionAt, testEngine } from '../testing/local-engine.ts'
import { eventsOf, primaryOf, replicasOf, rootOf, serverOf, whole } from '../testing/replicated.ts'

describe('kill -9 of the control plane after each of its effects', () => {
  let test: TestEngine
  let spec: DatabaseSpec
  let root: string
  let present: number[]
  beforeAll(async () => {
    test = await testEngine({ poolSize: 0 })
  })
  beforeEach(async () => {
    spec = await test.database({ instances: 2, durability: 'sync' })
    root = await rootOf(test, spec)
    const client = await test.connect(spec)
    await client.query('create table ledger (n int)')
    await client.end()
    present = []
  })
  afterAll(async () => await test.remove())

  /** A commit that was acknowledged. */
  async function note(): Promise<void> {
    const client = await test.connect(spec)
    await client.query('insert into ledger values ($1)', [present.length])
    await client.end()
    present.push(present.length)
  }

  /** One has the role, the other follows, every acknowledged commit is there, and the next one is taken. */
  async function holdTo(): Promise<void> {
    expect((await whole(test, spec)).members.map(({ role }) => role).sort()).toEqual(['primary', 'replica'])
    await note()
    const client = await test.connect(spec)
    expect((await client.query<{ n: number }>('select n from ledger order by n')).rows.map(({ n }) => n)).toEqual(present)
    expect((await client.query('select from pg_stat_replication')).rowCount).toBe(1)
    await client.end()
    expect((await readPlaces(test.dataDir)).unfinished).toEqual([])
    expect(await readdir(join(test.dataDir, 'trash'))).toEqual([])
  }

  it('of a switchover: one has the role in the end, the other one follows, and nothing is lost', async () => {
    await killAfterEach(test, {
      begin: async () => {
        await whole(test, spec)
        await note()
        return { work: { spec, switchover: randomUUID() }, root }
      },
      finish: async ({ switchover: id = '' }) => {
        await until(async () => (await test.engine.switchOver(spec, { id }).catch(() => undefined))?.outcome === 'done', { deadlineMs: 60_000, what: 'it is handed over' })
        await holdTo()
      },
    })
  }, eachEffectMs)

  it('of a failover and of what brings the lost one back: one has the role in the end, the other one follows, and nothing is lost', async () => {
    await killAfterEach(test, {
      begin: async () => {
        const observed = await whole(test, spec)
        await note()
        return { work: { spec, kill: await serverOf(test, spec, primaryOf(observed)) }, root }
      },
      finish: holdTo,
    })
  }, eachEffectMs)

  it('of clients being led to the heir: what it took stays, also where it cannot be started for a while', async () => {
    const alone = await test.database({ instances: 2 })
    const before = await whole(test, alone)
    const place = await rootOf(test, alone)
    const [heir = 0] = replicasOf(before)
    const control = join(databasePaths(place, heir).data, 'global', 'pg_control')
    const work = { spec: alone, kill: await serverOf(test, alone, primaryOf(before)) }
    test.heard.length = 0
    const killed = await runAndKillAfter(test, work, place, 'lead clients to the next one', async () => {
      const session = await sessionAt(before.endpoint, alone)
      await session.query('create table taken as select 42 as answer')
      process.kill(await serverOf(test, alone, heir), 'SIGKILL')
      await rename(control, `${control}.away`)
      // It was cut.
      await session.close().catch(() => {})
    })
    expect(killed).toMatchObject({ isDone: false })
    await test.becomes(alone, 'failed')
    expect(eventsOf(test.heard, alone, 'failover.heir-failed')).toEqual([])
    await rename(`${control}.away`, control)
    expect(primaryOf(await whole(test, alone))).toBe(heir)
    const client = await test.connect(alone)
    expect((await client.query('select answer from taken')).rows).toEqual([{ answer: 42 }])
    await client.end()
  }, 180_000)

  it.each([1, 2])('of the record of who takes over (%i): whoever comes next tells of the failover, and of what it lost', async (count) => {
    const observed = await whole(test, spec)
    test.heard.length = 0
    const kill = await serverOf(test, spec, primaryOf(observed))
    expect(await runAndKillAfter(test, { spec, kill }, root, `rename database/topology.json.tmp → database/topology.json${count === 1 ? '' : ` (${count})`}`)).toMatchObject({ isDone: false })
    await whole(test, spec)
    expect(eventsOf(test.heard, spec, 'failover.done')).toMatchObject([{ details: { from: `${spec.name}-${primaryOf(observed)}`, to: `${spec.name}-${replicasOf(observed)[0]}`, lostBytes: 0, lostBytesAre: 'at-most' } }])
  })

  it('of the record that a replica follows: commits wait for it, and not for nobody', async () => {
    const observed = await whole(test, spec)
    await note()
    const kill = await serverOf(test, spec, primaryOf(observed))
    // The first four say who has the role now, that it does, that this was told, and that what the old one owed the archive is settled.
    expect(await runAndKillAfter(test, { spec, kill }, root, 'rename database/topology.json.tmp → database/topology.json (5)')).toMatchObject({ isDone: false })
    await holdTo()
  })
})
