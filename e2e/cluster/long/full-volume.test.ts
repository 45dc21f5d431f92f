/** A volume that has an end, as those of real storage have, and a database that comes to it. */
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
