import type { TestEngine } from './testing/local-engine.ts'
import type { SmallDisk } from './testing/small-disk.ts'
import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '@howdah/engine'
import { readPlaces, until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testEngine } from './testing/local-engine.ts'
import { canMount, smallDisk } from './testing/small-disk.ts'

describe.skipIf(!canMount)('a full disk', () => {
  let test: TestEngine
  let disk: SmallDisk

  beforeAll(async () => {
    disk = await smallDisk(700)
    test = await testEngine({ dataDir: disk.path, poolSize: 1 })
  }, 120_000)

  afterAll(async () => {
    await test.remove()
    await disk.remove()
  }, 60_000)

  it('is not filled by a copy, a restore or an upgrade: each says what it needs and what there is, before anything is touched', async () => {
    const spec = await test.database({ version: 17 })
    const backup = randomUUID()
    await until(async () => (await test.engine.takeBackup(spec, backup)).outcome === 'done', { deadlineMs: 60_000, what: 'the backup is taken' })
    await disk.leave(200_000)
    const refusal = { code: 'exhausted', message: expect.stringMatching(/needs 0\.\d\d GiB on the disk, and 0\.\d\d GiB are free/) }
    for (const target of [{ kind: 'latest' }, { kind: 'backup', backup }] as const)
      await expect(test.engine.plan(test.spec({ version: 17, from: { id: spec.id, target } }))).rejects.toMatchObject(refusal)
    await expect(test.engine.planRestore(spec, { id: spec.id, target: { kind: 'backup', backup } })).rejects.toMatchObject(refusal)
    await expect(test.engine.planUpgrade({ ...spec, version: 18 })).rejects.toMatchObject(refusal)
    await expect(until(async () => (await test.engine.rehearseUpgrade(spec, { id: backup, version: 18 })).outcome === 'done', { deadlineMs: 20_000, what: 'it is refused' })).rejects.toMatchObject(refusal)
    expect(await test.observe(spec)).toMatchObject({ phase: 'ready', undo: undefined })
    await disk.free()
    await test.engine.destroy(spec)
  }, 60_000)

  it('at any step of a create is said clearly and leaves nothing half-made', async () => {
    const outcomes: string[] = []
    // From a disk that is full at the claim to one that has room for everything.
    for (const kib of [0, 4, 16, 64, 256, 1024, 2048, 3072, 4096, 6144, 65_536]) {
      // A create sets the pool to work again after what the last round did to it.
      await test.engine.destroy(await test.database())
      await until(async () => (await readPlaces(disk.path)).members.length > 0, { deadlineMs: 20_000, what: 'the pool is filled' })
      const spec = test.spec({ extensions: ['pgcrypto', 'cube'] })
      await disk.leave(kib)
      try {
        expect(await test.settle(spec)).toEqual({ outcome: 'done' })
        outcomes.push('done')
      }
      catch (error) {
        if (!(error instanceof EngineError))
          throw error
        expect(error, `${kib} KiB left: ${error.message}`).toMatchObject({ code: 'exhausted', message: expect.stringContaining('space') })
        expect(await test.engine.observe(spec)).toBeUndefined()
        expect((await readPlaces(disk.path)).databases.size).toBe(0)
        outcomes.push('exhausted')
        await disk.free()
        expect(await test.settle(spec)).toEqual({ outcome: 'done' })
      }
      await disk.free()
      await test.engine.destroy(spec)
    }
    expect(outcomes).toContain('exhausted')
    expect(outcomes.at(-1)).toBe('done')
  }, 120_000)

  it('while a database runs does not lose it', async () => {
    // A member of the pool that is given up for want of room would make some.
    await test.reopen({ poolSize: 0 })
    const spec = await test.database()
    const client = await test.connect(spec)
    await client.query('create table kept as select 42 as answer')
    await disk.leave(0)
    await expect(client.query('create table much as select g, repeat(\'x\', 1000) from generate_series(1, 100000) g')).rejects.toThrow()
    await client.end()
    await expect(test.settle({ ...spec, generation: 2, parameters: { work_mem: '9MB' } })).rejects.toMatchObject({ code: 'exhausted' })
    await disk.free()
    await test.becomes(spec, 'ready')
    expect(await test.settle({ ...spec, generation: 3, parameters: { work_mem: '9MB' } })).toEqual({ outcome: 'done' })
    const again = await test.connect(spec)
    expect((await again.query('select answer, current_setting(\'work_mem\') as memory from kept')).rows).toEqual([{ answer: 42, memory: '9MB' }])
    await again.end()
  }, 60_000)

  it('with WAL that the archive does not take is warned of before it is full', async () => {
    await disk.free()
    const spec = await test.database()
    await test.becomes(spec, 'ready')
    await test.reopen({ timings: { checkEvery: 100 } })
    const wal = join(disk.path, 'backups', spec.id, 'wal')
    await rename(wal, `${wal}.away`)
    await writeFile(wal, 'no folder')
    const client = await test.connect(spec)
    await client.query('create table filler (text text); insert into filler select repeat(md5(n::text), 8) from generate_series(1, 80000) n')
    await client.end()
    await test.becomes(spec, 'degraded')
    const warnings = () => test.heard.flatMap(item => item.kind === 'event' && item.event.type === 'archive.disk-filling' ? [item.event] : [])
    await disk.leave(30 * 1024)
    await until(() => warnings().length > 0, { deadlineMs: 20_000, what: 'the disk is warned of' })
    expect(warnings()[0]).toMatchObject({ ref: { id: spec.id }, severity: 'error', message: expect.stringContaining('When it is full the server stops') })
    await disk.free()
    await rm(wal)
    await rename(`${wal}.away`, wal)
    await test.becomes(spec, 'ready', 90_000)
  })
})
