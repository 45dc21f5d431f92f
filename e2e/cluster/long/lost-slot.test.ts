/** Slots that keep back WAL without end: they are given up before the volume is full. */
import type { DatabaseSpec } from '@howdah/engine'
import type { ClusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { until } from '@howdah/testkit/until'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { clusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { kubectl } from '../kubectl.ts'

const segmentMb = 16
/** Of a volume of 1 GiB (`max_slot_wal_keep_size` in manifests/cluster.ts), and what a checkpoint leaves beside it. */
const keptMb = 512
const besideMb = 8 * segmentMb

describe.runIf(inject('cluster').s3)('a slot that keeps back more WAL than it may', () => {
  let test: ClusterEngine
  beforeAll(async () => {
    test = await clusterEngine()
  })
  afterAll(async () => await test.cleanup(), 600_000)

  it('is given up, and told; a replica that did not follow reads from the archive what it lacks, and follows again', async () => {
    const spec = await test.database({ instances: 2, parameters: { max_wal_size: '128MB' } })
    await test.becomes(spec, { phase: 'ready' })
    const { members } = await test.observe(spec)
    const [primary, replica] = (['primary', 'replica'] as const).map(role => members.find(member => member.role === role)?.name ?? '') as [string, string]
    const ofReplica = `_cnpg_${replica.replaceAll('-', '_')}`
    const ask = async (...statements: string[]): Promise<string> => await exec(primary, 'psql', '-XAtq', ...statements.flatMap(text => ['-c', text]))
    await ask('create table rows (n int)', 'select pg_create_physical_replication_slot(\'mine\', true)')

    await signalReceiver(replica, 'STOP')
    // Each leaves a segment behind that is nearly empty.
    for (let written = 0; written <= keptMb + besideMb; written += segmentMb)
      await ask('insert into rows values (1)', 'select pg_switch_wal()')
    await until(async () => {
      await ask('checkpoint')
      return told(spec).length === 2
    }, { deadlineMs: 120_000, everyMs: 1_000, what: 'that both slots are given up is told' })
    expect(told(spec).sort()).toEqual([ofReplica, 'mine'])
    await test.becomes(spec, { phase: 'degraded', reason: 'InstanceMissing' })

    await signalReceiver(replica, 'CONT')
    await test.becomes(spec, { phase: 'ready' }, 300_000)
    expect(await ask('select slot_name, wal_status = \'lost\' from pg_replication_slots order by 1')).toBe(`${ofReplica}|f\nmine|t`)
    expect(await exec(replica, 'psql', '-XAtqc', 'select count(*) from rows')).toBe(await ask('select count(*) from rows'))
    // A segment that waits for the archive stays for that reason.
    await until(async () => {
      await ask('checkpoint')
      return Number(await ask('select (sum(size) / 1024 / 1024)::int from pg_ls_waldir()')) <= keptMb + besideMb
    }, { deadlineMs: 240_000, everyMs: 2_000, what: 'no more WAL is on the volume than may be' })
  })

  function told({ id }: DatabaseSpec): unknown[] {
    return test.heard.flatMap(heard => heard.kind === 'event' && heard.event.ref.id === id && heard.event.type === 'slot.lost' ? [heard.event.details.slot] : [])
  }

  async function signalReceiver(pod: string, name: 'STOP' | 'CONT'): Promise<void> {
    await exec(pod, 'sh', '-c', `for folder in /proc/[0-9]*; do if grep -qs [w]alreceiver $folder/cmdline; then kill -${name} \${folder#/proc/}; fi; done`)
  }

  async function exec(pod: string, ...command: string[]): Promise<string> {
    return (await kubectl('--namespace', test.namespace, 'exec', pod, '--container', 'postgres', '--', ...command)).trim()
  }
})
