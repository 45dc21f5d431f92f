/** A volume that has an end, as those of real storage have, and a database that comes to it. */
import type { ClusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { until } from '@howdah/testkit/until'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { clusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { enlargeDisk, giveDisk, takeDisk } from '../../../testbed/cluster/faults.ts'
import { apply, kubectl } from '../kubectl.ts'

const { isOurs } = inject('cluster')
const node = 'node-2'
const megabytes = 320

describe.runIf(isOurs)('a volume that is full', () => {
  let test: ClusterEngine
  let storageClass: string
  beforeAll(async () => {
    const disk = `small-${Math.random().toString(36).slice(2, 8)}`
    storageClass = disk
    await giveDisk(node, disk, megabytes)
    await apply('default', { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: disk }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' })
    await apply('default', {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: disk },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: disk,
        local: { path: `/mnt/${disk}` },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }] } },
      },
    })
    test = await clusterEngine({ storageClass })
  })
  afterAll(async () => {
    await test.cleanup()
    await kubectl('delete', 'persistentvolume', storageClass)
    await kubectl('delete', 'storageclass', storageClass)
    await takeDisk(node, storageClass)
  }, 600_000)

  it('stops the server and is said to be the reason; with more room it comes back with everything that was acknowledged', async () => {
    // What is in its disk counts as memory of its pod.
    const spec = await test.database({ memoryMib: 1024, parameters: { max_wal_size: '1GB' } })
    const session = await test.connect(spec)
    await session.query('create table kept (entry bigint, filler text)')
    let acknowledged = 0
    // Each is a megabyte of rows, and another of WAL.
    await expect((async () => {
      for (;;) {
        await session.query(`insert into kept select ${acknowledged + 1}, repeat(md5(random()::text), 32) from generate_series(1, 1000)`)
        acknowledged++
      }
    })()).rejects.toThrow()
    // Its server may be gone.
    await session.close().catch(() => {})
    expect(acknowledged).toBeGreaterThan(20)

    await test.becomes(spec, { phase: 'failed', reason: 'StorageFull' }, 120_000)
    expect((await test.observe(spec)).message).toContain('more storage')

    await enlargeDisk(node, storageClass, 4 * megabytes)
    await test.becomes(spec, { phase: 'ready' }, 300_000)
    const again = await until(async () => await test.connect(spec).catch(() => undefined), { deadlineMs: 30_000, everyMs: 250, what: 'the owner logs in' })
    expect(await again.query('select count(distinct entry)::int as entries, count(*)::int as rows from kept')).toEqual([{ entries: acknowledged, rows: 1000 * acknowledged }])
    await again.close()
  })
})
