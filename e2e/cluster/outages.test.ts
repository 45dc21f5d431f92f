/** What takes more than one database with it: nodes, the operator. These run when nothing else does. */
import type { DatabaseSpec } from '@howdah/engine'
import type { ClusterEngine } from '../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { until } from '@howdah/testkit/until'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { clusterEngine } from '../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { cut, heal, switchOff, switchOn } from '../../testbed/cluster/faults.ts'
import { kubectl } from './kubectl.ts'

const { isOurs } = inject('cluster')

/** With Kubernetes' usual tolerations for a silent node, writes would not come back before this. */
const patienceMs = 240_000

let test: ClusterEngine
beforeAll(async () => {
  test = await clusterEngine()
})
afterAll(async () => await test.cleanup(), 600_000)

describe.runIf(isOurs)('the node of a primary', () => {
  let spec: DatabaseSpec
  beforeAll(async () => {
    spec = await test.database({ instances: 3, durability: 'sync' })
    await test.becomes(spec, { phase: 'ready' })
  }, 600_000)
  const restore: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const undo of restore.splice(0))
      await undo()
    await kubectl('wait', '--for=condition=Ready', 'node', '--all', '--timeout=120s')
  })

  it.each<[string, (node: string) => Promise<void>, (node: string) => Promise<void>]>([
    ['that is cut off', cut, heal],
    ['that loses power', switchOff, switchOn],
  ])('%s: writes come back in time, nothing that was acknowledged is lost, and there is one primary when it returns', async (_, take, give) => {
    const table = await test.connect(spec)
    await table.query('drop table if exists ledger')
    await table.close()
    const ledger = await test.ledger(spec)
    test.heard.length = 0
    const { name, node } = await primaryOf(spec)
    restore.push(async () => await give(node))
    await take(node)
    await until(() => test.storyOf(spec).includes('failover'), { deadlineMs: patienceMs, what: 'the failover is told' })
    const before = ledger.count
    await until(() => ledger.count > before + 10, { deadlineMs: patienceMs, what: 'writes go on' })
    console.log(`writes were away for ${Math.round(ledger.longestPauseMs / 1000)} s`)
    await test.becomes(spec, { phase: 'degraded', reason: 'InstanceMissing' })

    await restore.splice(0)[0]?.()
    await test.becomes(spec, { phase: 'ready' }, 300_000)
    expect(await primaryOf(spec)).not.toMatchObject({ name })
    const pods = await kubectl('--namespace', test.namespace, 'get', 'pods', '--selector', `cnpg.io/cluster=${spec.name}`, '--output', 'jsonpath={.items[*].metadata.name}')
    const inRecovery = await Promise.all(pods.split(' ').map(async pod =>
      (await kubectl('--namespace', test.namespace, 'exec', pod, '--container', 'postgres', '--', 'psql', '-XAtc', 'select pg_is_in_recovery()')).trim()))
    expect(inRecovery.sort()).toEqual(['f', 't', 't'])
    expect(await ledger.end()).toEqual({ missing: [], twice: [], returned: [] })
  })

  async function primaryOf({ name }: DatabaseSpec): Promise<{ name: string, node: string }> {
    const primary = await kubectl('--namespace', test.namespace, 'get', 'cluster', name, '--output', 'jsonpath={.status.currentPrimary}')
    return { name: primary, node: await kubectl('--namespace', test.namespace, 'get', 'pod', primary, '--output', 'jsonpath={.spec.nodeName}') }
  }
})

describe('the operator', () => {
  it('that is away for a minute stops no database, is named where it is needed, and goes on when it is back', async () => {
    const spec = await test.database()
    await test.becomes(spec, { phase: 'ready' })
    const ledger = await test.ledger(spec)
    test.heard.length = 0
    await kubectl('--namespace', 'cnpg-system', 'scale', 'deployment', 'cnpg-controller-manager', '--replicas=0')
    const created = test.spec()
    const away = Date.now()
    try {
      await kubectl('--namespace', 'cnpg-system', 'wait', '--for=delete', 'pod', '--selector=app.kubernetes.io/name=cloudnative-pg', '--timeout=60s')
      await expect(until(async () => (await test.engine.ensure(created)).outcome === 'done', { deadlineMs: 60_000, everyMs: 250 }))
        .rejects
        .toMatchObject({ code: 'unavailable', message: expect.stringContaining('webhook') })
      const before = ledger.count
      await until(() => Date.now() - away > 60_000 && ledger.count > before, { deadlineMs: 90_000, everyMs: 100 })
    }
    finally {
      await kubectl('--namespace', 'cnpg-system', 'scale', 'deployment', 'cnpg-controller-manager', '--replicas=2')
      await kubectl('--namespace', 'cnpg-system', 'rollout', 'status', 'deployment', 'cnpg-controller-manager', '--timeout=120s')
    }
    await until(async () => await test.engine.ensure(created).then(({ outcome }) => outcome === 'done', (error: unknown) => {
      expect(error).toMatchObject({ code: 'unavailable' })
      return false
    }), { deadlineMs: 240_000, everyMs: 250, what: 'the new database is made' })
    expect(test.storyOf(spec).filter(word => word !== 'ready')).toEqual([])
    expect(await ledger.end()).toEqual({ missing: [], twice: [], returned: [] })
  })
})
