import type { DatabaseSpec } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import { readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { segmentOf } from '@howdah/postgres'
import { until } from '@howdah/testkit'
import { untilDone } from '@howdah/testkit/until-done'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { databasePaths } from '../paths.ts'
import { runAndKillAfter } from '../testing/killed.ts'
import { testEngine } from '../testing/local-engine.ts'
import { primaryOf, replicasOf, rootOf, serverOf, whole } from '../testing/replicated.ts'
import { readTopology } from './topology.ts'

const patience = { deadlineMs: 90_000 }

let test: TestEngine
let spec: DatabaseSpec
let archive: string
beforeAll(async () => {
  test = await testEngine({ poolSize: 0, timings: { checkReplicatedEvery: 100, answerWithin: 1_000, backOff: [20, 50, 100] } })
}, 120_000)
beforeEach(async () => {
  spec = await test.database({ instances: 2, durability: 'sync' })
  await whole(test, spec)
  archive = join(test.dataDir, 'backups', spec.id, 'wal')
})
afterAll(async () => await test.remove(), 60_000)

async function takeArchiveAway(): Promise<void> {
  await rename(archive, `${archive}.away`)
  await writeFile(archive, 'no folder')
}

async function bringArchiveBack(): Promise<void> {
  await rm(archive)
  await rename(`${archive}.away`, archive)
}

/** Some segments, all of which the replica has replayed in the end. */
async function writeMuch(): Promise<void> {
  await until(async () => {
    const client = await test.connect(spec).catch(() => undefined)
    try {
      await client?.query(`set synchronous_commit = remote_apply; create table much as select repeat(md5(n::text), 20) from generate_series(1, 60000) n; drop table much`)
      return client !== undefined
    }
    catch {
      return false
    }
    finally {
      // A failover may have cut it.
      await client?.end().catch(() => {})
    }
  }, { deadlineMs: 60_000, what: 'the write is taken' })
}

/** Every member follows, and may get the role, while the archive may be away. Answers who has it. */
async function follow(): Promise<number> {
  const { topology } = databasePaths(await rootOf(test, spec))
  const observed = await until(async () => {
    const seen = await test.observe(spec)
    const isWhole = seen.members.every(({ phase }) => phase === 'ready') && (await readTopology(topology))?.members.every(({ state }) => state === 'replica')
    return isWhole ? seen : undefined
  }, { deadlineMs: 60_000, what: 'all follow' })
  return primaryOf(observed)
}

/** Have the replica let go of what it has replayed, as it does in time, whether or not that is archived. */
async function letReplicaForget(): Promise<void> {
  const [replica = 0] = replicasOf(await test.observe(spec))
  const wal = join(databasePaths(await rootOf(test, spec), replica).data, 'pg_wal')
  const done = (await readdir(join(wal, 'archive_status'))).filter(name => name.endsWith('.done')).map(name => name.slice(0, -'.done'.length)).filter(name => segmentOf(name))
  expect(done.length).toBeGreaterThan(1)
  for (const name of done) {
    await rm(join(wal, name))
    await rm(join(wal, 'archive_status', `${name}.done`))
  }
}

/** No segment is missing between the first one and the last, and of every timeline it is known where it began. */
async function holdToArchive(): Promise<void> {
  const backup = randomUUID()
  await untilDone('a backup is taken', async () => await test.engine.takeBackup(spec, backup), patience)
  const names = await readdir(archive)
  const segments = names.map(segmentOf).filter(segment => segment !== undefined)
  const numbers = [...new Set(segments.map(({ number }) => number))].sort((a, b) => a - b)
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => numbers[0]! + index))
  for (const timeline of new Set(segments.map(({ timeline }) => timeline)).difference(new Set([1])))
    expect(names).toContain(`${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`)
  expect(await readTopology(databasePaths(await rootOf(test, spec)).topology)).toMatchObject({ isPromoted: true, inherits: false })
}

describe('what a dead primary had not archived is archived by its heir', () => {
  it.each([
    ['its heir is on record', 'rename database/topology.json.tmp → database/topology.json'],
    ['its heir is promoted', 'pg_promote'],
    ['that is on record', 'rename database/topology.json.tmp → database/topology.json (2)'],
  ])('also where the control plane is killed when %s', async (_, effect) => {
    await takeArchiveAway()
    await writeMuch()
    const kill = await serverOf(test, spec, primaryOf(await test.observe(spec)))
    expect(await runAndKillAfter(test, { spec, kill }, await rootOf(test, spec), effect)).toMatchObject({ isDone: false })
    await bringArchiveBack()
    await whole(test, spec)
    await holdToArchive()
  }, 180_000)

  it('also after two failovers while the archive was away, of replicas that had let go of what they had replayed', async () => {
    await takeArchiveAway()
    for (let round = 0; round < 2; round++) {
      await writeMuch()
      await letReplicaForget()
      const before = await follow()
      process.kill(await serverOf(test, spec, before), 'SIGKILL')
      await until(async () => primaryOf(await test.observe(spec)) !== before, { deadlineMs: 60_000, what: 'another one has the role' })
      await follow()
    }
    await bringArchiveBack()
    await whole(test, spec)
    await holdToArchive()
  }, 240_000)

  it('also where the heir dies before the next control plane has seen to it', async () => {
    await takeArchiveAway()
    await writeMuch()
    const first = primaryOf(await test.observe(spec))
    const kill = await serverOf(test, spec, first)
    process.kill(kill, 'SIGKILL')
    await until(async () => primaryOf(await test.observe(spec)) !== first, { deadlineMs: 60_000, what: 'another one has the role' })
    const heir = await follow()
    const root = await rootOf(test, spec)
    const status = join(databasePaths(root, heir).data, 'pg_wal', 'archive_status')
    const pid = await serverOf(test, spec, heir)
    const { topology } = databasePaths(root)
    await test.engine.close()
    const record = await readTopology(topology)
    process.kill(pid, 'SIGKILL')
    // As it was just after the promotion.
    for (const name of (await readdir(status)).filter(name => /^00000001[0-9A-F]{16}\.ready$/.test(name)))
      await rename(join(status, name), join(status, name.replace('.ready', '.done')))
    await writeFile(topology, JSON.stringify({ ...record, inherits: true }))
    await test.reopen()
    await until(async () => primaryOf(await test.observe(spec)) !== heir, { deadlineMs: 60_000, what: 'the next one has the role' })
    await follow()
    await bringArchiveBack()
    await whole(test, spec)
    await holdToArchive()
  }, 240_000)
})

it('what a primary had not archived when it handed over its role is archived by the next one', async () => {
  await takeArchiveAway()
  await writeMuch()
  await letReplicaForget()
  const id = randomUUID()
  // How far the replica is, is seen with the next look.
  await until(async () => (await test.engine.switchOver(spec, { id })).outcome === 'done', { ...patience, what: 'it is handed over' })
  await follow()
  await bringArchiveBack()
  await whole(test, spec)
  await holdToArchive()
}, 180_000)
