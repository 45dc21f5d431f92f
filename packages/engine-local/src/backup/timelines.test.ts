import type { DatabaseSpec } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testEngine } from '../testing/local-engine.ts'
import { rowsAt } from '../testing/read-archive.ts'
import { primaryOf, serverOf, whole } from '../testing/replicated.ts'

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
    return new Date(row!.at.getTime() + 1)
  }
  finally {
    await client.end()
  }
}

it('any moment can be restored across a failover and a switchover, from a backup of before them', async () => {
  const spec = await test.database({ instances: 2 })
  await note(spec, 1)
  const backup = randomUUID()
  await until(async () => (await test.engine.takeBackup(spec, backup)).outcome === 'done', { deadlineMs: 60_000, what: 'the backup is taken' })
  const moments = [await note(spec, 2)]
  const old = primaryOf(await whole(test, spec))
  process.kill(await serverOf(test, spec, old), 'SIGKILL')
  await until(async () => primaryOf(await test.observe(spec)) !== old, { deadlineMs: 30_000, what: 'another one has the role' })
  await whole(test, spec)
  moments.push(await note(spec, 3))
  await test.engine.switchOver(spec, { id: randomUUID() })
  await whole(test, spec)
  moments.push(await note(spec, 4))
  await note(spec, 5)
  expect(await rowsAt(test, spec, { kind: 'backup', backup })).toEqual([1])
  for (const [index, at] of moments.entries())
    expect(await rowsAt(test, spec, { kind: 'time', at })).toEqual([1, 2, 3, 4].slice(0, index + 2))
  const window = await test.engine.restoreWindow(spec)
  expect(window).toHaveLength(1)
}, 180_000)
