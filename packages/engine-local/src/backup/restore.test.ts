import type { DatabaseSpec, RestoreTarget } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testEngine } from '../testing/local-engine.ts'

let test: TestEngine
beforeAll(async () => {
  test = await testEngine()
}, 120_000)
afterAll(async () => await test.remove(), 60_000)

async function takeBackup(spec: DatabaseSpec): Promise<string> {
  const id = randomUUID()
  await until(async () => (await test.engine.takeBackup(spec, id)).outcome === 'done', { deadlineMs: 60_000, what: 'the backup is taken' })
  return id
}

/** A database of its own that begins as another one was. */
function copyOf(source: DatabaseSpec, target: RestoreTarget): DatabaseSpec {
  return test.spec({ version: source.version, from: { id: source.id, target } })
}

async function rowsOf(spec: DatabaseSpec): Promise<number[]> {
  const client = await test.connect(spec)
  try {
    return (await client.query<{ n: number }>('select n from ledger order by n')).rows.map(({ n }) => n)
  }
  finally {
    await client.end()
  }
}

interface Commit { readonly n: number, readonly at: Date, readonly lsn: string }

/** Rows one by one, each with the moment and the position just after its commit. */
async function write(spec: DatabaseSpec, from: number, count: number): Promise<Commit[]> {
  const client = await test.connect(spec)
  const commits: Commit[] = []
  try {
    await client.query('create table if not exists ledger (n int primary key, filler text)')
    for (let n = from; n < from + count; n++) {
      await client.query('insert into ledger values ($1::int, repeat(md5($1::int::text), 20))', [n])
      const { rows: [row] } = await client.query<{ at: Date, lsn: string }>('select clock_timestamp() as at, pg_current_wal_insert_lsn()::text as lsn')
      if (row)
        commits.push({ n, lsn: row.lsn, at: new Date(row.at.getTime() + 1) })
      // Our clock has milliseconds where the server has microseconds: the next commit is in another one.
      await delay(3)
    }
    return commits
  }
  finally {
    await client.end()
  }
}

describe.each([18, 14])('a database that begins as another was (PostgreSQL %i)', (version) => {
  let source: DatabaseSpec
  let backup: string
  let before: Commit[]
  let after: Commit[]

  beforeAll(async () => {
    source = await test.database({ version })
    before = await write(source, 1, 20)
    backup = await takeBackup(source)
    after = await write(source, 21, 40)
    await test.engine.createRestorePoint(source, 'before-the-mistake')
    after.push(...await write(source, 61, 20))
  }, 120_000)

  const firstRows = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

  it('holds exactly the commits up to any moment', async () => {
    for (const index of [0, 17, 59]) {
      const commit = after[index]!
      const copy = copyOf(source, { kind: 'time', at: commit.at })
      expect(await test.settle(copy)).toEqual({ outcome: 'done' })
      expect(await rowsOf(copy)).toEqual(firstRows(commit.n))
      await test.engine.destroy(copy)
    }
  }, 120_000)

  it('holds exactly what was written before any position', async () => {
    for (const index of [3, 31]) {
      const commit = after[index]!
      const copy = copyOf(source, { kind: 'lsn', lsn: commit.lsn })
      expect(await test.settle(copy)).toEqual({ outcome: 'done' })
      expect(await rowsOf(copy)).toEqual(firstRows(commit.n))
      await test.engine.destroy(copy)
    }
  }, 120_000)

  it('is at its restore point, at its backup, or at the latest', async () => {
    for (const [target, count] of [[{ kind: 'name', name: 'before-the-mistake' }, 60], [{ kind: 'backup', backup }, 20], [{ kind: 'latest' }, 80]] as const) {
      const copy = copyOf(source, target)
      expect(await test.settle(copy)).toEqual({ outcome: 'done' })
      expect(await rowsOf(copy), target.kind).toEqual(firstRows(count))
      await test.engine.destroy(copy)
    }
  }, 120_000)

  it('has an archive of its own, from which it can be restored in its turn', async () => {
    const copy = copyOf(source, { kind: 'backup', backup })
    await test.settle(copy)
    const own = await takeBackup(copy)
    const more = await write(copy, 100, 3)
    const grandchild = copyOf(copy, { kind: 'time', at: more[1]!.at })
    expect(await test.settle(grandchild)).toEqual({ outcome: 'done' })
    expect(await rowsOf(grandchild)).toEqual([...firstRows(20), 100, 101])
    expect((await test.engine.backups(copy)).map(({ id }) => id)).toEqual([own])
    expect((await test.engine.backups(source)).map(({ id }) => id)).toEqual([backup])
    expect(before).toHaveLength(20)
  }, 120_000)

  it('is not opened by what opens the other', async () => {
    const copy = copyOf(source, { kind: 'backup', backup })
    await test.settle(copy)
    await expect(test.connect(copy, { password: source.owner.password })).rejects.toThrow(/password authentication failed/)
    await expect(test.connect(source, { password: copy.owner.password })).rejects.toThrow(/password authentication failed/)
  }, 60_000)
})
