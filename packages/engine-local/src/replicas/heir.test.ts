import type { DatabaseSpec } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { databasePaths } from '../paths.ts'
import { findPostmaster } from '../process.ts'
import { testEngine } from '../testing/local-engine.ts'
import { eventsOf, primaryOf, rootOf, serverOf, whole } from '../testing/replicated.ts'

let test: TestEngine
beforeAll(async () => {
  test = await testEngine({ timings: { checkReplicatedEvery: 100, answerWithin: 1_000, backOff: [20, 50, 100] } })
}, 120_000)
afterAll(async () => await test.remove(), 60_000)

async function rowsOf(spec: DatabaseSpec): Promise<unknown[]> {
  const client = await test.connect(spec)
  const { rows } = await client.query('select id from kept order by id')
  await client.end()
  return rows.map(({ id }: { id: number }) => id)
}

/** Stop everything as a power cut would just after `heir` was put on record, and leave these so that no server starts with them. */
async function cutBeforePromotion(spec: DatabaseSpec, heir: number, damaged: readonly number[], file = join('global', 'pg_control')): Promise<void> {
  const root = await rootOf(test, spec)
  const servers = await Promise.all(Array.from({ length: spec.instances }, async (_, index) => await serverOf(test, spec, index + 1)))
  await test.engine.close()
  for (const server of servers)
    process.kill(server, 'SIGKILL')
  await until(async () => (await Promise.all(servers.map(async (_, index) => await findPostmaster(databasePaths(root, index + 1).data)))).every(found => found === undefined), { deadlineMs: 20_000, what: 'nothing runs' })
  const { topology } = databasePaths(root)
  const record = JSON.parse(await readFile(topology, 'utf8')) as { epoch: number, members: { ordinal: number, state: string }[] } // the engine's own file
  await writeFile(topology, JSON.stringify({ ...record, epoch: record.epoch + 1, primary: heir, isPromoted: false, before: 1, members: record.members.map(member => member.ordinal === 1 ? { ...member, state: 'new' } : member) }))
  for (const ordinal of damaged)
    await rm(join(databasePaths(root, ordinal).data, file), { recursive: true })
  test.heard.length = 0
  await test.reopen()
}

async function kept(change: Partial<DatabaseSpec>): Promise<DatabaseSpec> {
  const spec = await test.database(change)
  await whole(test, spec)
  const client = await test.connect(spec)
  await client.query('create table kept as select generate_series(1, 3) as id')
  await client.end()
  return spec
}

it('an heir that does not start is passed over: the one before has the role again, and the heir is made anew', async () => {
  const spec = await kept({ instances: 2, durability: 'sync' })
  await cutBeforePromotion(spec, 2, [2])
  const after = await whole(test, spec)
  expect(primaryOf(after)).toBe(1)
  expect(await rowsOf(spec)).toEqual([1, 2, 3])
  expect(eventsOf(test.heard, spec, 'failover.heir-failed')).toMatchObject([{ severity: 'warning', details: { member: `${spec.name}-2` } }])
}, 120_000)

it('where the one before does not start either, the next replica gets the role, with what it lacked from the disk of that one', async () => {
  const spec = await kept({ instances: 3, durability: 'sync' })
  await cutBeforePromotion(spec, 2, [1, 2])
  await until(async () => (await test.engine.observe(spec))?.phase === 'ready' && primaryOf(await test.observe(spec)) === 3, { deadlineMs: 60_000, what: 'the third has the role' })
  expect(await rowsOf(spec)).toEqual([1, 2, 3])
  expect(eventsOf(test.heard, spec, 'failover.done')).toMatchObject([{ details: { to: `${spec.name}-3`, lostBytes: 0 } }])
  await whole(test, spec)
}, 120_000)

it('with sync nobody gets the role who may lack what only the heir was told of', async () => {
  const spec = await kept({ instances: 3, durability: 'sync' })
  await cutBeforePromotion(spec, 2, [1, 2], 'pg_wal')
  // Neither the WAL of the one before nor that of the heir can be read.
  const observed = await until(async () => {
    const seen = await test.observe(spec)
    return seen.phase === 'failed' ? seen : undefined
  }, { deadlineMs: 60_000, what: 'it has failed' })
  expect(observed.members.find(({ name }) => name === `${spec.name}-3`)?.role).toBe('replica')
  expect(eventsOf(test.heard, spec, 'failover.done')).toEqual([])
}, 120_000)

it('the only replica, stopped (SIGSTOP) while the primary dies of damage, is ended and started, and gets the role', async () => {
  const spec = await kept({ instances: 2 })
  process.kill(await serverOf(test, spec, 2), 'SIGSTOP')
  const primary = await serverOf(test, spec, 1)
  await rm(join(databasePaths(await rootOf(test, spec)).data, 'global', 'pg_control'))
  process.kill(primary, 'SIGKILL')
  await until(async () => primaryOf(await test.observe(spec)) === 2, { deadlineMs: 60_000, what: 'the replica has the role' })
  await whole(test, spec)
  expect(await rowsOf(spec)).toEqual([1, 2, 3])
}, 120_000)
