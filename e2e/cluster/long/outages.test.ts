/** What takes more than one database with it: nodes, the operator. These run when nothing else does. */
import type { DatabaseSpec } from '@howdah/engine'
import type { ClusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { until } from '@howdah/testkit/until'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { resources } from '../../../packages/engine-cnpg/src/kubernetes/objects.ts'
import { clusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { cut, execOn, heal, switchOff, switchOn } from '../../../testbed/cluster/faults.ts'
import { apply, kubectl, temporaryNamespace } from '../kubectl.ts'

const { isOurs } = inject('cluster')

/** With Kubernetes' usual tolerations for a silent node, writes would not come back before this. */
const patienceMs = 240_000

const inRecovery = ['psql', '-XAtc', 'select pg_is_in_recovery()']

let test: ClusterEngine
let spec: DatabaseSpec
beforeAll(async () => {
  test = await clusterEngine()
  spec = await test.database({ instances: 3, durability: 'sync' })
  await test.becomes(spec, { phase: 'ready' })
}, 600_000)
afterAll(async () => await test.cleanup(), 600_000)

describe('the operator', () => {
  it('that is away for a minute stops no database, is named where it is needed, and goes on when it is back', async () => {
    const ledger = await test.ledger(spec)
    test.heard.length = 0
    await kubectl('--namespace', 'cnpg-system', 'scale', 'deployment', 'cnpg-controller-manager', '--replicas=0')
    const created = test.spec()
    const changed = { ...spec, generation: spec.generation + 1, parameters: { work_mem: '5MB' } }
    const away = Date.now()
    try {
      await kubectl('--namespace', 'cnpg-system', 'wait', '--for=delete', 'pod', '--selector=app.kubernetes.io/name=cloudnative-pg', '--timeout=60s')
      await expect(until(async () => (await test.engine.ensure(created)).outcome === 'done', { deadlineMs: 60_000, everyMs: 250 }))
        .rejects
        .toMatchObject({ code: 'unavailable', message: expect.stringContaining('operator\'s webhook') })
      expect(await test.api.get(resources.cluster, { namespace: test.namespace, name: created.name })).toBeUndefined()
      expect(await test.engine.observe(created)).toBeUndefined()
      await expect(test.engine.ensure(changed)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('operator\'s webhook') })
      expect(await test.observe(spec)).toMatchObject({ phase: 'ready', reason: '', generation: spec.generation })
      expect((await test.engine.logs(spec, { limit: 1 })).records).toHaveLength(1)
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
    expect(await test.settle(changed)).toEqual({ outcome: 'done' })
    spec = changed
    expect(test.storyOf(spec).filter(word => word !== 'ready')).toEqual([])
    expect(await ledger.end()).toEqual({ missing: [], twice: [], returned: [] })
  })
})

describe.runIf(isOurs)('the node of a primary', () => {
  const restore: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const undo of restore.splice(0))
      await undo()
    await allNodesReady()
  })

  it.each<[string, 'with the operator' | 'elsewhere', (pod: string) => Promise<void>, (node: string) => Promise<void>, (node: string) => Promise<void>]>([
    ['that is cut off', 'elsewhere', untilOperatorRests, cut, heal],
    ['that loses power', 'elsewhere', untilOperatorRests, switchOff, switchOn],
    ['that is cut off when the operator has just looked at it', 'elsewhere', untilOperatorLooked, cut, heal],
    ['that loses power when the operator has just looked at it', 'elsewhere', untilOperatorLooked, switchOff, switchOn],
    ['that is cut off with the operator that leads', 'with the operator', untilOperatorRests, cut, heal],
    ['that loses power with the operator that leads', 'with the operator', untilOperatorRests, switchOff, switchOn],
  ])('%s: writes come back in time, nothing that was acknowledged is lost, and there is one primary all the time', async (_, place, prepared, take, give) => {
    await primaryBecomes(place)
    const ledger = await newLedger()
    test.heard.length = 0
    const { container, name, node } = await primary()
    await prepared(name)
    restore.push(async () => await give(node))
    await take(node)
    await until(() => test.storyOf(spec).includes('failover'), { deadlineMs: patienceMs, what: 'the failover is told' })
    const before = ledger.count
    await until(() => ledger.count > before + 10, { deadlineMs: patienceMs, what: 'writes go on' })
    console.log(`writes were away for ${Math.round(ledger.longestPauseMs / 1000)} s`)
    // Also where only those reach it who are cut off with it.
    await expect(execOn(node, container, inRecovery)).rejects.toThrow()
    await test.becomes(spec, { phase: 'degraded', reason: 'InstanceMissing' })

    await restore.splice(0)[0]?.()
    await test.becomes(spec, { phase: 'ready' }, 300_000)
    expect(await primary()).not.toMatchObject({ name })
    const roles = await Promise.all((await instances('.metadata.name')).map(async pod => (await inNamespace('exec', pod, '--container', 'postgres', '--', ...inRecovery)).trim()))
    expect(roles.sort()).toEqual(['f', 't', 't'])
    expect(await ledger.end()).toEqual({ missing: [], twice: [], returned: [] })
  })

  it('that is lost with its disk takes no acknowledged write with it; what to do is said, and after that another instance is made elsewhere', async () => {
    const ledger = await newLedger()
    const { name, node } = await primary()
    restore.push(async () => {
      await switchOn(node)
      await kubectl('wait', '--for=create', `node/${node}`, '--timeout=120s')
    })
    await switchOff(node)
    await kubectl('delete', 'node', node)
    const { message } = await test.becomes(spec, { phase: 'degraded', reason: 'VolumeAway' }, 300_000)
    expect(message).toContain('delete the instance\'s volume claim and pod')

    await inNamespace('delete', 'persistentvolumeclaim', name, '--wait=false')
    await inNamespace('delete', 'pod', name)
    await test.becomes(spec, { phase: 'ready' }, 300_000)
    const before = ledger.count
    await until(() => ledger.count > before + 10, { deadlineMs: 60_000, what: 'writes go on' })
    const placed = await instances('.spec.nodeName')
    expect(placed).toHaveLength(3)
    expect(placed).not.toContain(node)
    expect(await ledger.end()).toEqual({ missing: [], twice: [], returned: [] })
  })
})

describe.runIf(isOurs)('a node that loses power', () => {
  const sleeper = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'sleeper' },
    spec: { nodeName: 'node-3', terminationGracePeriodSeconds: 0, containers: [{ name: 'sleeper', image: 'localhost/busybox:1', imagePullPolicy: 'Never', command: ['sleep', 'infinity'] }] },
  }
  let namespace: Awaited<ReturnType<typeof temporaryNamespace>>
  beforeAll(async () => {
    namespace = await temporaryNamespace()
  })
  afterAll(async () => await namespace.remove())

  it('comes back with its pods', async () => {
    await apply(namespace.name, sleeper)
    await kubectl('--namespace', namespace.name, 'wait', '--for=condition=Ready', 'pod/sleeper', '--timeout=60s')
    await switchOff('node-3')
    await switchOn('node-3')
    await kubectl('--namespace', namespace.name, 'wait', '--for=jsonpath={.status.containerStatuses[0].restartCount}=1', 'pod/sleeper', '--timeout=120s')
    await kubectl('--namespace', namespace.name, 'wait', '--for=condition=Ready', 'pod/sleeper', '--timeout=120s')
    await allNodesReady()
  })
})

async function inNamespace(...args: string[]): Promise<string> {
  return await kubectl('--namespace', test.namespace, ...args)
}

/** Something of each pod that is one, beside those that made its volume. */
async function instances(path: string): Promise<string[]> {
  return (await inNamespace('get', 'pods', '--selector', `cnpg.io/cluster=${spec.name},cnpg.io/podRole=instance`, '--output', `jsonpath={.items[*]${path}}`)).split(' ')
}

async function allNodesReady(): Promise<void> {
  await kubectl('wait', '--for=condition=Ready', 'node', '--all', '--timeout=120s')
}

async function newLedger(): ReturnType<ClusterEngine['ledger']> {
  const session = await test.connect(spec)
  await session.query('drop table if exists ledger')
  await session.close()
  return await test.ledger(spec)
}

async function primary(): Promise<{ name: string, node: string, container: string }> {
  const name = await inNamespace('get', 'cluster', spec.name, '--output', 'jsonpath={.status.currentPrimary}')
  const [node = '', id = ''] = (await inNamespace('get', 'pod', name, '--output', 'jsonpath={.spec.nodeName} {.status.containerStatuses[?(@.name=="postgres")].containerID}')).split(' ')
  return { name, node, container: id.replace('containerd://', '') }
}

/** The operator that leads takes up to 20 s to be followed by the other one, which begins with an empty memory. */
async function primaryBecomes(place: 'with the operator' | 'elsewhere'): Promise<void> {
  const leader = (await kubectl('--namespace', 'cnpg-system', 'get', 'lease', 'db9c8771.cnpg.io', '--output', 'jsonpath={.spec.holderIdentity}')).replace(/_.*/, '')
  const leads = await kubectl('--namespace', 'cnpg-system', 'get', 'pod', leader, '--output', 'jsonpath={.spec.nodeName}')
  const names = await instances('.metadata.name')
  const nodes = await instances('.spec.nodeName')
  const isThere = (name: string): boolean => (nodes[names.indexOf(name)] === leads) === (place === 'with the operator')
  const next = names.find(isThere)
  if (next === undefined || isThere((await primary()).name))
    return expect(next).toBeDefined()
  await inNamespace('patch', 'cluster', spec.name, '--subresource=status', '--type=merge', '--patch', JSON.stringify({ status: { targetPrimary: next, targetPrimaryTimestamp: new Date().toISOString(), phase: 'Switchover in progress' } }))
  await until(async () => (await primary()).name === next, { deadlineMs: 120_000, what: 'another instance is the primary' })
  await until(async () => (await instances('.status.conditions[?(@.type=="Ready")].status')).every(ready => ready === 'True'), { deadlineMs: 120_000, what: 'the others follow it' })
  await test.becomes(spec, { phase: 'ready' }, 120_000)
}

/**
 * As it is most of the time. Within 20 s of a look at the database the operator has a connection to the instance, and waits over
 * one that leads nowhere for 30 s before it does anything.
 */
async function untilOperatorRests(pod: string): Promise<void> {
  await until(async () => !await isOperatorConnected(pod), { deadlineMs: 60_000, everyMs: 500, what: 'the operator lets go of the primary' })
}

/** The worst moment. */
async function untilOperatorLooked(pod: string): Promise<void> {
  await untilOperatorRests(pod)
  await inNamespace('annotate', 'cluster', spec.name, `howdah.dev/test-looks-at=${Date.now()}`, '--overwrite')
  await until(async () => await isOperatorConnected(pod), { deadlineMs: 15_000, everyMs: 100, what: 'the operator looks at the primary' })
}

async function isOperatorConnected(pod: string): Promise<boolean> {
  const established = /:1F40 \S+ 01 / // port 8000
  return established.test(await inNamespace('exec', pod, '--container', 'postgres', '--', 'cat', '/proc/net/tcp', '/proc/net/tcp6'))
}
