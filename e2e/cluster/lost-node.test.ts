/** A node that is lost with its disk. Runs when nothing else does. */
import type { ClusterEngine } from '../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { until } from '@howdah/testkit/until'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { clusterEngine } from '../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { switchOff, switchOn } from '../../testbed/cluster/faults.ts'
import { kubectl } from './kubectl.ts'

const { isOurs } = inject('cluster')

describe.runIf(isOurs)('a node that is lost for good', () => {
  let test: ClusterEngine
  beforeAll(async () => {
    test = await clusterEngine()
  })
  afterAll(async () => await test.cleanup(), 600_000)

  it('takes no acknowledged write with it; what to do is said, and after that another instance is made elsewhere', async () => {
    const spec = await test.database({ instances: 2, durability: 'sync' })
    await test.becomes(spec, { phase: 'ready' })
    const inNamespace = async (...args: string[]): Promise<string> => await kubectl('--namespace', test.namespace, ...args)
    const primary = await inNamespace('get', 'cluster', spec.name, '--output', 'jsonpath={.status.currentPrimary}')
    const node = await inNamespace('get', 'pod', primary, '--output', 'jsonpath={.spec.nodeName}')
    const ledger = await test.ledger(spec)

    await switchOff(node)
    try {
      await kubectl('delete', 'node', node)
      const { message } = await test.becomes(spec, { phase: 'degraded', reason: 'VolumeAway' }, 300_000)
      expect(message).toContain('delete the instance\'s volume claim and pod')

      await inNamespace('delete', 'persistentvolumeclaim', primary, '--wait=false')
      await inNamespace('delete', 'pod', primary)
      await test.becomes(spec, { phase: 'ready' }, 300_000)
    }
    finally {
      await switchOn(node)
      await kubectl('wait', '--for=create', `node/${node}`, '--timeout=120s')
      await kubectl('wait', '--for=condition=Ready', 'node', '--all', '--timeout=120s')
    }
    const before = ledger.count
    await until(() => ledger.count > before + 10, { deadlineMs: 60_000, what: 'writes go on' })
    const placed = await inNamespace('get', 'pods', '--selector', `cnpg.io/cluster=${spec.name}`, '--output', 'jsonpath={.items[*].spec.nodeName}')
    expect(placed.split(' ')).toHaveLength(2)
    expect(placed).not.toContain(node)
    expect(await ledger.end()).toEqual({ missing: [], twice: [], returned: [] })
  })
})
