import type { DatabaseSpec, RestoreSource } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { dataOf, until } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testEngine } from '../testing/local-engine.ts'
import { rootOf, serverOf, whole } from '../testing/replicated.ts'

let test: TestEngine
beforeAll(async () => {
  test = await testEngine()
}, 120_000)
afterAll(async () => await test.remove(), 60_000)

async function note(spec: DatabaseSpec, n: number): Promise<Date> {
  const client = await test.connect(spec)
  try {
    await client.query('create table if not exists ledger (n int)')
    await client.query('insert into ledger values ($1)', [n])
    const { rows: [row] } = await client.query<{ at: Date }>('select clock_timestamp() as at')
    // Our clock has milliseconds where the server has microseconds: the next commit is in another one.
    await delay(3)
    return new Date(row!.at.getTime() + 1)
  }
  finally {
    await client.end()
  }
}

async function rowsOf(spec: DatabaseSpec): Promise<number[]> {
  const client = await test.connect(spec)
  const { rows } = await client.query<{ n: number }>('select n from ledger order by n')
  await client.end()
  return rows.map(({ n }) => n)
}

async function backUp(spec: DatabaseSpec): Promise<string> {
  const id = randomUUID()
  await until(async () => (await test.engine.takeBackup(spec, id)).outcome === 'done', { deadlineMs: 60_000, what: 'the backup is taken' })
  return id
}

async function restore(spec: DatabaseSpec, from: RestoreSource): Promise<string> {
  const order = { id: randomUUID(), from, undoUntil: new Date(Date.now() + 3_600_000) }
  await until(async () => (await test.engine.restore(spec, order)).outcome === 'done', { deadlineMs: 60_000, what: 'it is restored' })
  expect(await test.settle(spec)).toEqual({ outcome: 'done' })
  return order.id
}

async function undo(spec: DatabaseSpec, id: string): Promise<void> {
  await until(async () => (await test.engine.undoRestore(spec, id)).outcome === 'done', { deadlineMs: 60_000, what: 'it is undone' })
  expect(await test.settle(spec)).toEqual({ outcome: 'done' })
}

async function copyRows(spec: DatabaseSpec, at: Date): Promise<number[]> {
  const copy = test.spec({ version: spec.version, from: { id: spec.id, target: { kind: 'time', at } } })
  expect(await test.settle(copy)).toEqual({ outcome: 'done' })
  const rows = await rowsOf(copy)
  await test.engine.destroy(copy)
  return rows
}

it.each([18, 14])('a database is what it was at a moment; moments before and after that restore, and after it was undone, stay what they were (PostgreSQL %i)', async (version) => {
  const spec = await test.database({ version })
  await note(spec, 1)
  await backUp(spec)
  const first = await note(spec, 2)
  const second = await note(spec, 3)
  const id = await restore(spec, { id: spec.id, target: { kind: 'time', at: first } })
  expect(await rowsOf(spec)).toEqual([1, 2])
  const third = await note(spec, 4)
  expect(await rowsOf(spec)).toEqual([1, 2, 4])
  expect(await copyRows(spec, second)).toEqual([1, 2, 3])
  expect(await copyRows(spec, third)).toEqual([1, 2, 4])
  await undo(spec, id)
  expect(await rowsOf(spec)).toEqual([1, 2, 3])
  const fourth = await note(spec, 5)
  expect(await copyRows(spec, third)).toEqual([1, 2, 4])
  expect(await copyRows(spec, fourth)).toEqual([1, 2, 3, 5])
  // Twice to the same moment: each on a timeline of its own.
  await restore(spec, { id: spec.id, target: { kind: 'time', at: first } })
  await note(spec, 6)
  await restore(spec, { id: spec.id, target: { kind: 'time', at: first } })
  expect(await rowsOf(spec)).toEqual([1, 2])
  expect(await copyRows(spec, await note(spec, 7))).toEqual([1, 2, 7])
  expect((await readdir(await rootOf(test, spec))).filter(name => /^(?:kept|staged)-/.test(name))).toHaveLength(1)
  await test.engine.endUndo(spec)
  expect((await readdir(await rootOf(test, spec))).filter(name => /^(?:kept|staged)-/.test(name))).toEqual([])
  expect(await readdir(`${test.dataDir}/trash`)).toEqual([])
}, 240_000)

it('what it was before the restore serves until the next one takes its place, and the passwords of then open nothing', async () => {
  const spec = await test.database()
  await note(spec, 1)
  const backup = await backUp(spec)
  await test.engine.ensureRole(spec, { name: 'former', password: 'a password of then', access: 'read-only', connectionLimit: -1 })
  const later = await note(spec, 2)
  const changed = { ...spec, generation: 2, owner: { ...spec.owner, password: `p-${randomUUID()}` } }
  expect(await test.settle(changed)).toEqual({ outcome: 'done' })
  const { endpoint } = await test.observe(spec)
  await restore(changed, { id: spec.id, target: { kind: 'time', at: later } })
  expect((await test.observe(spec)).endpoint).toEqual(endpoint)
  await expect(test.connect(spec)).rejects.toThrow(/password authentication failed/)
  await expect(test.connect(changed, { user: 'former', password: 'a password of then' })).rejects.toThrow(/password authentication failed/)
  await restore(changed, { id: spec.id, target: { kind: 'backup', backup } })
  expect(await rowsOf(changed)).toEqual([1])
}, 120_000)

it('replicas of a restored database are made anew and follow it, also of one that waits for them', async () => {
  const spec = await test.database({ instances: 2, durability: 'sync' })
  await note(spec, 1)
  const backup = await backUp(spec)
  await note(spec, 2)
  const before = await whole(test, spec)
  const id = await restore(spec, { id: spec.id, target: { kind: 'backup', backup } })
  const after = await whole(test, spec)
  expect(after.endpoint).toEqual(before.endpoint)
  expect(await rowsOf(spec)).toEqual([1])
  await note(spec, 3)
  await undo(spec, id)
  await whole(test, spec)
  expect(await rowsOf(spec)).toEqual([1, 2])
}, 180_000)

it('a database whose server does not start any more is restored in place', async () => {
  const spec = await test.database()
  await note(spec, 1)
  const backup = await backUp(spec)
  const server = await serverOf(test, spec, 1)
  await rm(join(await dataOf(test.dataDir, spec.id), 'global', 'pg_control'))
  process.kill(server, 'SIGKILL')
  await test.becomes(spec, 'failed')
  await restore(spec, { id: spec.id, target: { kind: 'backup', backup } })
  expect(await rowsOf(spec)).toEqual([1])
  expect((await test.observe(spec)).phase).toBe('ready')
}, 120_000)

it('a branch becomes what its parent is now, and keeps its own address, passwords and archive', async () => {
  const parent = await test.database()
  await note(parent, 1)
  const branch = test.spec({ version: parent.version, from: { id: parent.id, target: { kind: 'latest' } } })
  expect(await test.settle(branch)).toEqual({ outcome: 'done' })
  await note(branch, 100)
  await backUp(branch)
  await note(parent, 2)
  const { endpoint } = await test.observe(branch)
  const id = await restore(branch, { id: parent.id, target: { kind: 'latest' } })
  expect(await rowsOf(branch)).toEqual([1, 2])
  expect((await test.observe(branch)).endpoint).toEqual(endpoint)
  await expect(test.connect(branch, { password: parent.owner.password })).rejects.toThrow(/password authentication failed/)
  // The backup of before is of another past: nothing after the reset can be made from it.
  const [refused] = (await test.engine.plan(test.spec({ version: branch.version, from: { id: branch.id, target: { kind: 'time', at: await note(branch, 101) } } }))).refusals
  expect(refused?.detail).toMatch(/cannot be restored/)
  await backUp(branch)
  expect(await copyRows(branch, await note(branch, 102))).toEqual([1, 2, 101, 102])
  await undo(branch, id)
  expect(await rowsOf(branch)).toEqual([1, 100])
  expect(await rowsOf(parent)).toEqual([1, 2])
}, 180_000)
