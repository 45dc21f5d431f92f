/** A primary that neither works nor ends: new sessions wait for ever, and those that there are go on. */
import type { ClusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { until } from '@howdah/testkit/until'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { kubectl } from '../kubectl.ts'

let test: ClusterEngine
beforeAll(async () => {
  test = await clusterEngine()
})
afterAll(async () => await test.cleanup(), 600_000)

describe('a primary that hangs', () => {
  it('is told within seconds, and a replica takes its place; what was acknowledged is there', async () => {
    const spec = await test.database({ instances: 3, durability: 'sync' })
    await test.becomes(spec, { phase: 'ready' })
    const ledger = await test.ledger(spec)
    const primary = await primaryOf(spec.name)
    await hang(primary)
    await until(async () => (await test.observe(spec)).phase !== 'ready', { deadlineMs: 30_000, everyMs: 50, what: 'it is told' })
    await until(async () => await primaryOf(spec.name) !== primary, { deadlineMs: 240_000, everyMs: 100, what: 'a replica takes its place' })
    const before = ledger.count
    await until(() => ledger.count > before, { deadlineMs: 60_000, what: 'writes go on' })
    await test.becomes(spec, { phase: 'ready' }, 240_000)
    expect(await ledger.end()).toEqual({ missing: [], twice: [], returned: [] })
  })

  it('alone is told, and started again with its volume', async () => {
    const spec = await test.database()
    const session = await test.connect(spec)
    await session.query('create table kept as select 42 as answer')
    const [pod, volume] = [await uidOf('pod', `${spec.name}-1`), await uidOf('persistentvolumeclaim', `${spec.name}-1`)]
    await hang(`${spec.name}-1`)
    await until(async () => (await test.observe(spec)).phase !== 'ready', { deadlineMs: 30_000, everyMs: 50, what: 'it is told' })
    await until(async () => ![pod, ''].includes(await uidOf('pod', `${spec.name}-1`)), { deadlineMs: 240_000, everyMs: 100, what: 'it is made again' })
    await test.becomes(spec, { phase: 'ready' }, 240_000)
    expect(await uidOf('persistentvolumeclaim', `${spec.name}-1`)).toBe(volume)
    const again = await test.connect(spec)
    expect(await again.query('select answer from kept')).toEqual([{ answer: 42 }])
    await again.close()
  })
})

async function hang(pod: string): Promise<void> {
  await inNamespace('exec', pod, '--container', 'postgres', '--', 'sh', '-c', 'kill -STOP "$(head -n 1 /var/lib/postgresql/data/pgdata/postmaster.pid)"')
}

async function primaryOf(name: string): Promise<string> {
  return await inNamespace('get', 'clusters.postgresql.cnpg.io', name, '--output', 'jsonpath={.status.currentPrimary}')
}

async function uidOf(kind: string, name: string): Promise<string> {
  return await inNamespace('get', kind, name, '--ignore-not-found', '--output', 'jsonpath={.metadata.uid}')
}

async function inNamespace(...args: string[]): Promise<string> {
  return await kubectl('--namespace', test.namespace, ...args)
}
