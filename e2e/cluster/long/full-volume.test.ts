/** A volume that has an end, as those of real storage have, and a database that comes to it. */
import type { DatabaseSpec } from '@howdah/engine'
import type { ClusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import type { SmallDisk } from '../small-disk.ts'
import { until } from '@howdah/testkit/until'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { clusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { kubectl } from '../kubectl.ts'
import { smallDisk } from '../small-disk.ts'

const { isOurs } = inject('cluster')
/** As large as the database was promised, so that it is seen to fill. */
const megabytes = 1024
/** Of one that is filled at once. */
const smallMegabytes = 400
/** Clearly more than the 90 % from which it is told. */
const nearlyFullMegabytes = 950

describe.runIf(isOurs)('a volume that is full', () => {
  let test: ClusterEngine
  let disk: SmallDisk
  beforeAll(async () => {
    disk = await smallDisk({ node: 'node-2', megabytes })
    test = await clusterEngine({ storageClass: disk.name })
  })
  afterAll(async () => {
    await test.cleanup()
    await disk.remove()
  }, 600_000)

  it('is told while there is room; then it stops the server and is said to be the reason; with more room it comes back with everything that was acknowledged', async () => {
    // What is in its disk counts as memory of its pod.
    const spec = await test.database({ memoryMib: 2048, parameters: { max_wal_size: '512MB' } })
    const session = await test.connect(spec)
    await session.query('create table kept (entry bigint, filler text)')
    const storageEvents = (): readonly string[] => test.storyOf(spec).filter(word => word.startsWith('storage.'))
    let acknowledged = 0
    /** A megabyte of rows, and as much of WAL. */
    const write = async (): Promise<void> => {
      await session.query(`insert into kept select ${acknowledged + 1}, repeat(md5(random()::text), 32) from generate_series(1, 1000)`)
      acknowledged++
    }
    do {
      for (let count = 0; count < 10; count++)
        await write()
    } while (await usedMegabytes(spec.name) < nearlyFullMegabytes)
    await test.becomes(spec, { phase: 'degraded', reason: 'StorageNearlyFull' }, 60_000)
    expect(storageEvents()).toEqual(['storage.nearly-full'])

    await expect((async () => {
      for (;;)
        await write()
    })()).rejects.toThrow()
    // Its server may be gone.
    await session.close().catch(() => {})

    await test.becomes(spec, { phase: 'failed', reason: 'StorageFull' }, 120_000)
    expect((await test.observe(spec)).message).toContain('more storage')
    const events = test.heard.flatMap(heard => heard.kind === 'event' && heard.event.type.startsWith('storage.') ? [heard.event] : [])
    expect(events).toMatchObject([
      { type: 'storage.nearly-full', severity: 'warning', message: expect.stringMatching(/uses \d\.\d GiB of the 1\.0 GiB/) },
      { type: 'storage.full', severity: 'error', message: expect.stringContaining('more storage') },
    ])

    await disk.enlarge(4 * megabytes)
    const again = await until(async () => await test.connect(spec).catch(() => undefined), { deadlineMs: 300_000, everyMs: 250, what: 'the owner logs in' })
    expect(await again.query('select count(distinct entry)::int as entries, count(*)::int as rows from kept')).toEqual([{ entries: acknowledged, rows: 1000 * acknowledged }])
    await again.query('drop table kept')
    await again.close()
    await test.becomes(spec, { phase: 'ready' }, 300_000)
    expect(storageEvents()).toEqual(['storage.nearly-full', 'storage.full'])
  })

  async function usedMegabytes(database: string): Promise<number> {
    const answer = await kubectl('--namespace', test.namespace, 'exec', `${database}-1`, '--container', 'postgres', '--', 'df', '--output=used', '--block-size=1M', '/var/lib/postgresql/data')
    return Number(answer.split('\n').at(1))
  }
})

describe.runIf(isOurs)('a volume of a primary that is full, where a replica follows', () => {
  let test: ClusterEngine
  const disks: SmallDisk[] = []
  beforeAll(async () => {
    const first = await smallDisk({ node: 'node-2', megabytes: smallMegabytes })
    disks.push(first, await smallDisk({ node: 'node-3', megabytes: smallMegabytes, storageClass: first.name }))
    test = await clusterEngine({ storageClass: first.name })
  })
  afterAll(async () => {
    await test.cleanup()
    for (const disk of disks.toReversed())
      await disk.remove()
  }, 600_000)

  it('loses nothing that was acknowledged, and writes go on when there is room again', async () => {
    const spec = await test.database({ instances: 2, durability: 'sync', memoryMib: 1024 })
    await test.becomes(spec, { phase: 'ready' })
    const ledger = await test.ledger(spec)
    const primary = (await test.observe(spec)).members.find(({ role }) => role === 'primary')?.name ?? ''
    const node = await kubectl('--namespace', test.namespace, 'get', 'pod', primary, '--output', 'jsonpath={.spec.nodeName}')
    await kubectl('--namespace', test.namespace, 'exec', primary, '--container', 'postgres', '--', 'sh', '-c', `cat /dev/zero > /var/lib/postgresql/data/filler 2>&1; true`)
    await until(async () => await writeMuch(spec) === 'refused', { deadlineMs: 60_000, everyMs: 500, what: 'the full volume is felt' })
    await until(async () => (await test.observe(spec)).reason === 'StorageFull', { deadlineMs: 120_000, what: 'it is told' })
    await disks[node === 'node-2' ? 0 : 1]?.enlarge(4 * smallMegabytes)
    const before = ledger.count
    await until(() => ledger.count > before + 20, { deadlineMs: 300_000, what: 'writes go on' })
    await test.becomes(spec, { phase: 'ready' }, 300_000)
    expect(await ledger.end()).toEqual({ missing: [], twice: [], returned: [] })
    console.log(`${ledger.count} rows acknowledged; longest pause ${Math.round(ledger.longestPauseMs / 1000)} s; ${test.storyOf(spec).join(', ')}`)
  })

  async function writeMuch(spec: DatabaseSpec): Promise<'done' | 'refused'> {
    try {
      const session = await test.connect(spec, 5_000)
      await session.query('create table much as select repeat(md5(n::text), 8) from generate_series(1, 80000) n; drop table much')
      await session.close()
      return 'done'
    }
    catch {
      return 'refused'
    }
  }
})
