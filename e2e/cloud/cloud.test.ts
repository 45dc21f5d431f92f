/**
 * infra/ on a real OpenStack, from a bare machine to a database and back to nothing. One story: each test begins where the
 * one before it ended, and the first failure ends it (`bail` in vitest.config.ts).
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '@howdah/testkit/until'
import { afterAll, describe, expect, it } from 'vitest'
import { api, possessions } from '../../testbed/cloud/api.ts'
import { apply } from '../../testbed/cloud/apply.ts'
import { destroy } from '../../testbed/cloud/destroy.ts'
import { down } from '../../testbed/cloud/down.ts'
import { kubectl, kubernetes, playbook, snapshots } from '../../testbed/cloud/kubernetes.ts'
import { external } from '../../testbed/cloud/layout.ts'
import { killDaemon, pidOf, startDaemon } from '../../testbed/cloud/machine.ts'
import { agents } from '../../testbed/cloud/openstack/daemons.ts'
import { postgresql } from '../../testbed/cloud/postgresql.ts'
import { Steps } from '../../testbed/cloud/steps.ts'
import { terraform } from '../../testbed/cloud/terraform.ts'
import { up } from '../../testbed/cloud/up.ts'
import { serviceLogs } from '../../testbed/cloud/validate.ts'
import { startDatabase, startOperator } from './database.ts'
import { failures, findingsOf } from './findings.ts'
import { bootIdOf, nodesReady } from './nodes.ts'
import { plannedChanges } from './plan.ts'
import { everyPodReachesEveryPod, nodesOfMovingPods, podsReady, startMovingPods, startPods } from './pods.ts'
import { accepts, floatingIps, serialShown, ssh } from './reach.ts'
import { reset, serverIds } from './servers.ts'

const steps = new Steps()
afterAll(down)

describe('OpenStack', () => {
  it('starts', async () => {
    await down()
    await up(steps)
  })

  it('is in order: validate makes a server, logs in, and leaves nothing', async () => {
    const before = await possessions('admin')
    const { code, findings } = await findingsOf('--logs', await serviceLogs())
    expect(findings.filter(({ outcome }) => outcome === 'failed')).toEqual([])
    expect(code).toBe(0)
    expect(findings.map(({ detail }) => detail)).toEqual(expect.arrayContaining([expect.stringMatching(/^ssh through 203\.0\.113\./), 'port 22 is closed once its rule is gone', expect.stringMatching(/^all \d+ things are gone$/)]))
    expect(await possessions('admin')).toEqual(before)
  })

  it('a killed agent is found, with its log and the next step', async () => {
    const agent = agents.find(({ name }) => name === 'neutron-l3-agent')!
    await killDaemon(agent.name)
    const found = await until(async () => (await failures())[0], { deadlineMs: 120_000, everyMs: 2000, what: 'validate sees that the agent is gone' })
    expect(found).toMatchObject({ service: 'network', detail: 'neutron-l3-agent on cloud is not alive', log: expect.stringContaining('neutron-l3-agent.log'), next: expect.stringContaining('start it') })
    await startDaemon(agent)
    await until(async () => (await failures()).length === 0, { deadlineMs: 120_000, everyMs: 2000, what: 'the agent is alive again' })
  })

  it('a quota of 0 is found', async () => {
    const set = async (instances: number) => await api('admin', 'PUT', 'compute', '/os-quota-sets/{project}', { quota_set: { instances } })
    await set(0)
    expect(await failures()).toMatchObject([{ service: 'compute', detail: 'instances: 0 of 0 used, 1 more needed' }])
    await set(10)
    expect(await failures()).toEqual([])
  })

  it('an image that nobody can start from is found', async () => {
    const { images } = await api<{ images: { id: string }[] }>('admin', 'GET', 'image', '/images?name=nano')
    const action = async (name: string) => await api('admin', 'POST', 'image', `/images/${images[0]!.id}/actions/${name}`)
    await action('deactivate')
    expect(await failures()).toMatchObject([{ service: 'image', detail: expect.stringContaining('no active image is called nano'), next: expect.stringContaining('image set --activate nano') }])
    await action('reactivate')
    expect(await failures()).toEqual([])
  })

  it('an outside network without addresses is found', async () => {
    const { subnets } = await api<{ subnets: { id: string }[] }>('admin', 'GET', 'network', `/subnets?name=${external.name}`)
    const pool = async (range: object) => await api('admin', 'PUT', 'network', `/subnets/${subnets[0]!.id}`, { subnet: { allocation_pools: [range] } })
    await pool({ start: external.pool.start, end: external.pool.start })
    expect(await failures()).toMatchObject([{ service: 'network', detail: expect.stringContaining('0 of 1 addresses used') }])
    await pool(external.pool)
    expect(await failures()).toEqual([])
  })
})

describe('Terraform', () => {
  it('makes the nodes, and has nothing to do the second time', async () => {
    await postgresql(steps)
    await apply(steps)
    for (const address of Object.values(await floatingIps()))
      await until(async () => await ssh(address, 'hostname').catch(() => undefined), { deadlineMs: 600_000, everyMs: 2000, what: `ssh to ${address}` })
  })

  it('closes everything that nobody opened', async () => {
    const addresses = await floatingIps()
    const open = async (node: string) => (await Promise.all([22, 111, 2379, 6443, 10250].map(async port => await accepts(addresses[node]!, port) ? [port] : []))).flat()
    expect(await open('control-plane-1')).toEqual([22])
    expect(await open('worker-1')).toEqual([22])
  })

  it('sees a rule that was deleted by hand, and puts it back', async () => {
    const address = (await floatingIps())['worker-1']!
    const { security_groups: [group] } = await api<{ security_groups: { security_group_rules: { id: string, port_range_min: number | null }[] }[] }>('demo', 'GET', 'network', '/security-groups?name=howdah-ssh')
    const rule = group!.security_group_rules.find(({ port_range_min }) => port_range_min === 22)!
    await api('demo', 'DELETE', 'network', `/security-group-rules/${rule.id}`)
    await until(async () => !await accepts(address, 22), { deadlineMs: 60_000, everyMs: 1000, what: 'port 22 is closed' })
    expect(await plannedChanges()).toEqual([expect.stringMatching(/^create module\.security\.openstack_networking_secgroup_rule_v2\.ssh\[/)])
    await terraform(['apply', '-auto-approve'])
    await until(async () => await accepts(address, 22), { deadlineMs: 60_000, everyMs: 1000, what: 'port 22 is open again' })
    expect(await plannedChanges()).toEqual([])
  })
})

describe('Kubernetes', () => {
  it('is made of the nodes', async () => {
    await kubernetes(steps)
  })

  it('a second run changes nothing', async () => {
    const recap = await playbook('cluster.yml')
    expect([...recap.matchAll(/changed=(\d+)/g)].map(([, changed]) => changed)).toEqual(['0', '0'])
  })

  it('pods of different nodes reach each other, directly and through a Service by its name', async () => {
    await startPods()
    await podsReady(2)
    await everyPodReachesEveryPod()
  })

  it('is reached by administrators on the control plane only, and keeps etcd and kubelets to itself', async () => {
    const addresses = await floatingIps()
    expect(await accepts(addresses['control-plane-1']!, 6443)).toBe(true)
    for (const port of [2379, 2380, 10250])
      expect(await accepts(addresses['control-plane-1']!, port), String(port)).toBe(false)
    expect(await accepts(addresses['worker-1']!, 10250)).toBe(false)
  })

  it('pods are cut off when a port loses its address pairs, and Terraform brings them back', async () => {
    const { ports: [port] } = await api<{ ports: { id: string }[] }>('demo', 'GET', 'network', '/ports?name=howdah-worker-1')
    await api('demo', 'PUT', 'network', `/ports/${port!.id}`, { port: { allowed_address_pairs: [] } })
    await until(async () => await everyPodReachesEveryPod().then(() => false, () => true), { deadlineMs: 90_000, everyMs: 1000, what: 'the pods are cut off' })
    expect(await plannedChanges()).toEqual(['update module.nodes.openstack_networking_port_v2.node["worker-1"]'])
    await terraform(['apply', '-auto-approve'])
    await until(async () => await everyPodReachesEveryPod().then(() => true, () => false), { deadlineMs: 120_000, everyMs: 1000, what: 'the pods talk again' })
  })

  it('a node that was reset comes back with its pods', async () => {
    const before = await bootIdOf('worker-1')
    await reset('howdah-worker-1')
    await until(async () => await bootIdOf('worker-1') !== before, { deadlineMs: 480_000, everyMs: 2000, what: 'the node has started again' })
    await nodesReady()
    await podsReady(2)
    await until(async () => await everyPodReachesEveryPod().then(() => true, () => false), { deadlineMs: 180_000, everyMs: 2000, what: 'the pods talk again' })
  })

  it('carries CloudNativePG and a database that one logs in to', async () => {
    await startOperator()
    expect(await startDatabase()).toMatch(/^17\./)
  })

  it('every program shows a new certificate after they were renewed, and all still trust each other', async () => {
    const addresses = await floatingIps()
    const shown = async () => await Promise.all([
      ...[2379, 6443, 10250].map(async port => await serialShown(addresses['control-plane-1']!, port)),
      serialShown(addresses['worker-1']!, 10250),
    ])
    const before = await shown()
    expect(new Set(before).size).toBe(4)
    // None of them lasts that long.
    await playbook('cluster.yml', '--tags', 'certificates', '--extra-vars', 'certificate_renewal_days=366')
    const after = await shown()
    expect(after.filter(serial => serial.startsWith('serial=') && !before.includes(serial))).toHaveLength(4)
    await nodesReady()
    await podsReady(2)
    await everyPodReachesEveryPod()
  })

  it('a snapshot of etcd brings back what it holds, and forgets what came later', async () => {
    const make = async (name: string) => await kubectl('create', 'configmap', name)
    await make('before')
    await playbook('snapshot.yml')
    await make('after')
    const [file = ''] = await readdir(snapshots)
    await playbook('restore.yml', '--extra-vars', `snapshot=${join(snapshots, file)}`)
    await until(async () => await kubectl('get', 'configmap', 'before').catch(() => undefined), { deadlineMs: 120_000, everyMs: 2000, what: 'the API answers again' })
    await expect(kubectl('get', 'configmap', 'after')).rejects.toThrow('not found')
    await nodesReady()
  })
})

describe('a worker more', () => {
  it('changes only itself, and joins', async () => {
    const others = await serverIds()
    expect((await plannedChanges('-var', 'workers={"count":2,"flavor":"m1.medium"}')).filter(change => !/^create .*\["worker-2"\]$/.test(change))).toEqual([])
    await apply(steps, 2)
    expect(await serverIds()).toMatchObject(others)
    await kubernetes(steps)
    await podsReady(3)
    await everyPodReachesEveryPod()
  })

  it('is drained: what ran there runs elsewhere', async () => {
    await startMovingPods()
    expect(await nodesOfMovingPods()).toEqual(['worker-1', 'worker-2'])
    await kubectl('drain', 'worker-2', '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=240s')
    expect(await nodesOfMovingPods()).toEqual(['worker-1', 'worker-1'])
  })

  it('is replaced: a new server with the old address, which joins', async () => {
    const [before, addresses] = [await serverIds(), await floatingIps()]
    await kubectl('delete', 'node', 'worker-2')
    await terraform(['apply', '-auto-approve', '-replace=module.nodes.openstack_compute_instance_v2.node["worker-2"]'])
    const { 'howdah-worker-2': replaced, ...others } = await serverIds()
    expect(replaced).not.toBe(before['howdah-worker-2'])
    expect(before).toMatchObject(others)
    expect(await floatingIps()).toEqual(addresses)
    await playbook('cluster.yml', '--limit', 'worker-2')
    await podsReady(3)
    await nodesReady()
    await everyPodReachesEveryPod()
  })
})

describe('the end', () => {
  it('destroy leaves nothing, asked of the APIs', async () => {
    await destroy(steps)
    expect(await possessions('demo')).toEqual([])
  })

  it('down leaves nothing of the cloud on this machine', async () => {
    await down()
    expect(await pidOf()).toBeUndefined()
  })
})
