import type { TestEngine } from './testing/local-engine.ts'
import { Buffer } from 'node:buffer'
import { execFileSync } from 'node:child_process'
import { readdir, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { EngineError } from '@howdah/engine'
import { temporaryFolder } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testEngine } from './testing/local-engine.ts'

const isRoot = process.getuid?.() === 0

/** A disk of its own, because nobody should fill the machine's: only root may mount one. */
describe.skipIf(!isRoot || process.platform !== 'linux')('a full disk', () => {
  let test: TestEngine
  let disk: Awaited<ReturnType<typeof temporaryFolder>>
  let filler: string

  beforeAll(async () => {
    disk = await temporaryFolder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=260m,mode=0755', 'tmpfs', disk.path])
    filler = join(disk.path, 'filler')
    test = await testEngine({ dataDir: disk.path, poolSize: 0 })
    // The binaries and the template are there before the disk fills up.
    await test.engine.plan(test.spec())
  }, 120_000)

  afterAll(async () => {
    await test.remove()
    execFileSync('umount', [disk.path])
    await disk.remove()
  })

  async function leave(mib: number): Promise<void> {
    await rm(filler, { force: true })
    const { bavail, bsize } = await statfs(disk.path)
    await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - mib * 2 ** 20)))
  }

  it('at any step of a create is said clearly and leaves nothing half-made', async () => {
    const outcomes: string[] = []
    for (const mib of [0, 1, 10, 20, 30, 36, 40, 44, 46, 47, 48, 49, 50, 52, 56, 64]) {
      const spec = test.spec({ extensions: ['pgcrypto', 'cube'] })
      await leave(mib)
      try {
        expect(await test.settle(spec)).toEqual({ outcome: 'done' })
        outcomes.push('done')
      }
      catch (error) {
        if (!(error instanceof EngineError))
          throw error
        expect(error, `${mib} MiB left: ${error.message}`).toMatchObject({ code: 'exhausted', message: expect.stringContaining('space') })
        expect(await test.engine.observe(spec)).toBeUndefined()
        expect(await readdir(join(disk.path, 'databases'))).toEqual([])
        expect(await readdir(join(disk.path, 'pool'), { recursive: true })).toHaveLength(1)
        outcomes.push('exhausted')
        await rm(filler, { force: true })
        expect(await test.settle(spec)).toEqual({ outcome: 'done' })
      }
      await rm(filler, { force: true })
      await test.engine.destroy(spec)
    }
    expect(outcomes).toContain('exhausted')
    expect(outcomes.at(-1)).toBe('done')
  }, 120_000)

  it('while a database runs does not lose it', async () => {
    const spec = await test.database()
    const client = await test.connect(spec)
    await client.query('create table kept as select 42 as answer')
    await leave(0)
    await expect(client.query('create table much as select g, repeat(\'x\', 1000) from generate_series(1, 100000) g')).rejects.toThrow()
    await client.end()
    await expect(test.settle({ ...spec, generation: 2, parameters: { work_mem: '9MB' } })).rejects.toMatchObject({ code: 'exhausted' })
    await rm(filler, { force: true })
    await test.becomes(spec, 'ready')
    expect(await test.settle({ ...spec, generation: 3, parameters: { work_mem: '9MB' } })).toEqual({ outcome: 'done' })
    const again = await test.connect(spec)
    expect((await again.query('select answer, current_setting(\'work_mem\') as memory from kept')).rows).toEqual([{ answer: 42, memory: '9MB' }])
    await again.end()
  }, 60_000)
})
