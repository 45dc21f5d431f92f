import type { Binaries } from '../binaries.ts'
import type { TestEngine } from '../testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { resolveAccount } from '../account.ts'
import { installBinaries } from '../binaries.ts'
import { databasePaths } from '../paths.ts'
import { findPostmaster, isStoppedWithin, launch, signalStop } from '../process.ts'
import { testEngine } from '../testing/local-engine.ts'
import { primaryOf, rootOf, whole } from '../testing/replicated.ts'

describe('servers that run an older minor than the newest here', () => {
  let test: TestEngine
  beforeAll(async () => {
    test = await testEngine()
  }, 120_000)
  afterAll(async () => await test.remove(), 60_000)

  /** Start all servers of a database with other binaries while nobody looks after them. */
  async function runOn(binaries: Binaries, id: string, instances: number): Promise<void> {
    const account = await resolveAccount()
    await test.engine.close()
    const root = await rootOf(test, { id })
    const places = Array.from({ length: instances }, (_, index) => databasePaths(root, index + 1))
    for (const { data } of places) {
      signalStop((await findPostmaster(data))?.pid ?? 0, 'fast')
      expect(await isStoppedWithin(data, 20_000)).toBe(true)
    }
    for (const { data, serverLog, settings } of places) {
      await launch({ binaries, account, dataFolder: data, serverLog, args: [`--config-file=${settings}`] })
      await until(async () => (await findPostmaster(data))?.ready, { deadlineMs: 20_000, what: 'the older one runs' })
    }
    await test.reopen()
  }

  it.each([1, 2])('restart with the newest when that is asked for, replicas first (%i instances)', async (instances) => {
    const spec = await test.database({ instances })
    await whole(test, spec)
    const binaries = await installBinaries({ major: 18, version: '18.0', source: 'bundled', bin: inject('olderPostgres') }, test.dataDir)
    await runOn(binaries, spec.id, instances)
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    const before = await whole(test, spec)
    expect((await test.engine.planUpgrade(spec)).steps).toEqual(instances === 1 ? ['restart', 'login'] : ['replicas', 'hand-over', 'login'])
    const order = { id: randomUUID(), version: 18, undoUntil: new Date() }
    await until(async () => (await test.engine.upgrade(spec, order)).outcome === 'done', { deadlineMs: 60_000, what: 'all run the newest' })
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    const after = await whole(test, spec)
    expect(after).toMatchObject({ endpoint: before.endpoint, undo: undefined })
    expect(after.serverVersion).not.toBe(before.serverVersion)
    expect(primaryOf(after) === primaryOf(before)).toBe(instances === 1)
    expect((await test.engine.planUpgrade(spec)).refusals).toMatchObject([{ pointer: '/version', detail: expect.stringContaining('the newest of its major version here') }])
  }, 120_000)
})
