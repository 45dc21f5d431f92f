import type { TestEngine } from '../testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '@howdah/engine'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testEngine } from '../testing/local-engine.ts'

describe('a backup', () => {
  let test: TestEngine
  beforeAll(async () => {
    test = await testEngine()
  })
  afterAll(async () => await test.remove())

  it('does not hold up a restart of its database, and begins anew after it', async () => {
    const spec = await test.database()
    const client = await test.connect(spec)
    await client.query('create table much as select n, repeat(md5(n::text), 20) as text from generate_series(1, 200000) n')
    await client.end()
    const id = randomUUID()
    // The step before it has ended. How far the copy itself is may be told for the first time when it is done.
    await until(async () => {
      const progress = await test.engine.takeBackup(spec, id)
      return progress.outcome === 'continue' && progress.step === 'checkpoint'
    }, { deadlineMs: 60_000, what: 'files are being copied' })
    const restarted = { ...spec, generation: 2, restartToken: 'now' }
    expect(await test.settle(restarted)).toEqual({ outcome: 'done' })
    await until(async () => {
      try {
        return (await test.engine.takeBackup(restarted, id)).outcome === 'done'
      }
      catch (error) {
        // Its session was cut: "not now", and the next call begins it again.
        if (error instanceof EngineError && error.code === 'unavailable')
          return false
        throw error
      }
    }, { deadlineMs: 100_000, what: 'the backup is taken' })
    const copy = test.spec({ from: { id: spec.id, target: { kind: 'backup', backup: id } } })
    expect(await test.settle(copy)).toEqual({ outcome: 'done' })
    const restored = await test.connect(copy)
    expect((await restored.query('select count(*)::int as rows from much')).rows).toEqual([{ rows: 200_000 }])
    await restored.end()
  })

  it('of a database that was stopped before is refused, and leaves nothing', async () => {
    const spec = await test.database()
    const asleep = { ...spec, generation: 2, hibernated: true }
    expect(await test.settle(asleep)).toEqual({ outcome: 'done' })
    await expect(until(async () => (await test.engine.takeBackup(asleep, randomUUID())).outcome === 'done', { deadlineMs: 20_000 })).rejects.toMatchObject({ code: 'conflict' })
    expect(await readdir(join(test.dataDir, 'backups', spec.id))).not.toContain('base')
  })
})
