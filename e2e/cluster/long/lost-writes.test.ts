/** With asynchronous durability a primary may take with it what it had acknowledged: how much that is, is said. */
import type { ServiceEvent } from '@howdah/engine'
import type { ClusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { until } from '@howdah/testkit/until'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { clusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { kubectl } from '../kubectl.ts'

/** What a server writes by itself meanwhile. */
const besideBytes = 1024 * 1024

let test: ClusterEngine
beforeAll(async () => {
  test = await clusterEngine()
})
afterAll(async () => await test.cleanup(), 600_000)

it('a failover says at once that it does not know what is lost, and how many bytes it was when the old primary is back', async () => {
  const spec = await test.database({ instances: 2 })
  await test.becomes(spec, { phase: 'ready' })
  const primary = (await test.observe(spec)).members.find(({ role }) => role === 'primary')?.name ?? ''
  const events = (type: string): readonly ServiceEvent[] => test.heard.flatMap(heard => heard.kind === 'event' && heard.event.ref.id === spec.id && heard.event.type === type ? [heard.event] : [])
  const session = await test.connect(spec)
  await session.query('create table rows as select 1 as n')
  await session.close()
  // Nothing leaves it any more, and it acknowledges on. A replica that hears nothing asks anew after five seconds.
  const written = await inNamespace('exec', primary, '--container', 'postgres', '--', 'sh', '-c', `
    for folder in /proc/[0-9]*; do if grep -qs [w]alsender $folder/cmdline; then kill -STOP \${folder#/proc/}; fi; done
    psql -XAtq app -c "select pg_current_wal_lsn()" -c "insert into rows select generate_series(2, 1000)" -c "select pg_current_wal_lsn()"`)
  await inNamespace('delete', 'pod', primary, '--grace-period=0', '--force')
  const [failover] = await until(() => events('failover').length > 0 ? events('failover') : undefined, { deadlineMs: 120_000, what: 'the failover is told' })
  expect(failover).toMatchObject({ severity: 'warning', details: { from: primary, lostBytes: null }, message: expect.stringContaining('may be lost') })
  const [loss] = await until(() => events('failover.loss').length > 0 ? events('failover.loss') : undefined, { deadlineMs: 180_000, what: 'the loss is told' })
  await test.becomes(spec, { phase: 'ready' }, 180_000)

  const after = await test.connect(spec)
  const [row] = await after.query(`select count(*)::int as rows, pg_wal_lsn_diff('${written.split('\n')[1]}', '${written.split('\n')[0]}')::int as bytes from rows`)
  await after.close()
  const { bytes, rows } = row as { bytes: number, rows: number }
  expect(rows, 'what was acknowledged last is lost').toBe(1)
  expect(loss).toMatchObject({ severity: 'error', details: { from: primary, to: failover?.details.to } })
  expect(loss?.details.lostBytes).toBeGreaterThanOrEqual(bytes)
  expect(loss?.details.lostBytes).toBeLessThan(bytes + besideBytes)
})

async function inNamespace(...args: string[]): Promise<string> {
  return (await kubectl('--namespace', test.namespace, ...args)).trim()
}
