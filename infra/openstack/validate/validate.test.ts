import type { Answers } from './fake-cloud.ts'
import type { Reach } from './reach.ts'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fakeCloud } from './fake-cloud.ts'
import { withReach } from './reach.ts'
import { report, table } from './report.ts'
import { validate } from './validate.ts'

const options = { user: 'debian', patience: 0 }

/** What fails in a cloud that differs from a healthy one in this. */
async function failuresOf(differences: Answers, more: object = {}) {
  await using cloud = await fakeCloud(differences)
  const findings = await validate(cloud.env, { ...options, ...more })
  return findings.flatMap(finding => finding.outcome === 'failed' ? [finding] : [])
}

/** A server whose door is where its security group's rule is. */
function reachOf(cloud: { readonly requests: readonly string[] }, differences: Partial<Reach> = {}): Reach {
  const isOpen = () => cloud.requests.includes('POST /network/v2.0/security-group-rules') && !cloud.requests.includes('DELETE /network/v2.0/security-group-rules/rule')
  return {
    publicKey: 'ssh-ed25519 AAAA validate',
    accepts: async () => isOpen(),
    ssh: async () => isOpen() ? 'server\n' : undefined,
    ...differences,
  }
}

describe('a healthy cloud', () => {
  it('has no failure, and says what it could not look at', async () => {
    await using cloud = await fakeCloud()
    const { failed, skipped, findings } = report(await validate(cloud.env, options), 1)
    expect(findings.filter(({ outcome }) => outcome === 'failed')).toEqual([])
    expect({ failed, skipped }).toEqual({ failed: 0, skipped: 1 })
  })

  it('has its networks told, and how they travel', async () => {
    await using cloud = await fakeCloud()
    expect(await validate(cloud.env, options)).toContainEqual({ outcome: 'passed', check: 'networks', service: 'network', detail: 'public (external), flat on physnet1, MTU 1500' })
  })

  it('is only looked at when nothing may be made', async () => {
    await using cloud = await fakeCloud()
    await validate(cloud.env, options)
    expect(cloud.requests.filter(request => !request.startsWith('GET') && request !== 'POST /v3/auth/tokens')).toEqual([])
  })
})

describe('a broken cloud: each failure names the service, the log and the next step', () => {
  const agent = (binary: string, alive = true, admin_state_up = true) => ({ binary, host: 'node-2', alive, admin_state_up })
  it.each([
    ['a dead agent', { 'GET /network/v2.0/agents': { agents: [agent('neutron-l3-agent', false), agent('neutron-dhcp-agent'), agent('neutron-metadata-agent')] } }, 'network', 'neutron-l3-agent on node-2 is not alive', 'neutron-l3-agent.log on node-2'],
    ['an agent switched off', { 'GET /network/v2.0/agents': { agents: [agent('neutron-l3-agent', true, false), agent('neutron-dhcp-agent'), agent('neutron-metadata-agent')] } }, 'network', 'switched off', 'neutron-l3-agent.log'],
    ['an agent that was never there', { 'GET /network/v2.0/agents': { agents: [agent('neutron-l3-agent'), agent('neutron-dhcp-agent')] } }, 'network', 'no neutron-metadata-agent', 'neutron'],
    ['a compute service down', { 'GET /compute/os-services': { services: [...['nova-scheduler', 'nova-conductor'].map(binary => ({ binary, host: 'node', state: 'up', status: 'enabled' })), { binary: 'nova-compute', host: 'node-2', state: 'down', status: 'enabled' }] } }, 'compute', 'nova-compute on node-2 is down', 'nova-compute.log on node-2'],
    ['no compute service', { 'GET /compute/os-services': { services: [] } }, 'compute', 'no nova-scheduler', 'nova'],
    ['a quota of 0', { 'GET /compute/limits': { limits: { absolute: { maxTotalInstances: 0, totalInstancesUsed: 0, maxTotalCores: -1, maxTotalRAMSize: -1 } } } }, 'compute', 'instances: 0 of 0 used', 'nova'],
    ['a full network quota', { 'GET /network/v2.0/quotas/project/details.json': { quota: { floatingip: { limit: 2, used: 2 } } } }, 'network', 'floatingip: 2 of 2 used', 'neutron'],
    ['no image', { 'GET /image/v2/images': { images: [] } }, 'image', 'there is no image', 'glance'],
    ['an image that is not ready', { 'GET /image/v2/images': { images: [{ id: 'image', name: 'debian-12', status: 'queued' }] } }, 'image', 'there is no image', 'glance'],
    ['no address left', { 'GET /network/v2.0/network-ip-availabilities/external': { network_ip_availability: { total_ips: 8, used_ips: 7 } } }, 'network', '7 of 8 addresses used', 'neutron'],
    ['no external network', { 'GET /network/v2.0/networks': { networks: [] } }, 'network', 'no external network', 'neutron'],
    ['a network that is down', { 'GET /network/v2.0/networks': { networks: [{ 'id': 'external', 'name': 'public', 'status': 'DOWN', 'mtu': 1500, 'router:external': true }] } }, 'network', 'public (external), MTU 1500: DOWN', 'neutron'],
    ['a full hypervisor', { 'GET /placement/resource_providers/provider/usages': { usages: { VCPU: 1, MEMORY_MB: 7600 } } }, 'placement', '80 MB', 'placement'],
    ['no hypervisor', { 'GET /placement/resource_providers': { resource_providers: [] } }, 'placement', 'no hypervisor', 'nova-compute.log'],
    ['an API that fails', { 'GET /compute/os-services': 500 }, 'compute', '500', 'nova'],
    ['an endpoint that is down', { 'GET /image/v2': 503 }, 'image', 'answers 503', 'glance'],
  ] as [string, Answers, string, string, string][])('%s', async (_, differences, service, detail, log) => {
    const failures = await failuresOf(differences)
    expect(failures[0]).toMatchObject({ service, detail: expect.stringContaining(detail), log: expect.stringContaining(log), next: expect.stringMatching(/\w{4}/) })
  })

  it('an image that was deactivated is told with how to activate it', async () => {
    const images = [{ id: 'image', name: 'debian-12', status: 'deactivated' }]
    expect(await failuresOf({ 'GET /image/v2/images': { images } }, { image: 'debian-12' })).toMatchObject([{ service: 'image', detail: expect.stringContaining('debian-12 (deactivated)'), next: expect.stringContaining('openstack image set --activate debian-12') }])
  })

  it('a named image that is not there is told with those that are', async () => {
    expect(await failuresOf({}, { image: 'ubuntu' })).toMatchObject([{ service: 'image', detail: 'no active image is called ubuntu; there are debian-12 (active)' }])
  })

  it('what only an administrator may ask is skipped, not failed', async () => {
    expect(await failuresOf({ 'GET /compute/os-services': 403, 'GET /network/v2.0/network-ip-availabilities/external': 403 })).toEqual([])
  })
})

describe('who cannot sign in', () => {
  it('gets one finding, without the password in it', async () => {
    const failures = await failuresOf({ 'POST /v3/auth/tokens': 401 })
    expect(failures).toMatchObject([{ check: 'sign in', service: 'identity', detail: expect.stringContaining('401') }])
    expect(JSON.stringify(failures)).not.toContain('secret')
  })

  it('is told which variable is missing', async () => {
    expect(await validate({ OS_AUTH_URL: 'http://127.0.0.1:1' }, options)).toMatchObject([{ outcome: 'failed', detail: expect.stringContaining('OS_USERNAME is not set') }])
  })

  it('is told that nothing listens there', async () => {
    const env = { OS_AUTH_URL: 'http://127.0.0.1:1', OS_APPLICATION_CREDENTIAL_ID: 'id', OS_APPLICATION_CREDENTIAL_SECRET: 'secret' }
    expect(await validate(env, options)).toMatchObject([{ outcome: 'failed', detail: expect.stringMatching(/ECONNREFUSED|bad port/) }])
  })
})

describe('the journey', () => {
  const journeyOf = async (differences: Answers = {}, reach: Partial<Reach> = {}) => {
    await using cloud = await fakeCloud(differences)
    const findings = await validate(cloud.env, options, reachOf(cloud, reach))
    return { findings, requests: cloud.requests, failures: findings.filter(({ outcome }) => outcome === 'failed') }
  }
  const count = (requests: readonly string[], start: string) => requests.filter(request => request.startsWith(start)).length

  it('logs in through the floating IP, sees the door close, and removes what it made', async () => {
    const { findings, failures, requests } = await journeyOf()
    expect(failures).toEqual([])
    expect(findings.map(({ detail }) => detail)).toEqual(expect.arrayContaining(['ssh through 203.0.113.10: server', 'port 22 is closed once its rule is gone', expect.stringMatching(/things are gone/)]))
    for (const kind of ['networks', 'subnets', 'routers', 'security-groups', 'ports', 'floatingips'])
      expect(count(requests, `DELETE /network/v2.0/${kind}/`), kind).toBe(1)
    expect(count(requests, 'DELETE /compute/')).toBe(2)
  })

  it('takes the smallest flavor that the image fits into', async () => {
    const flavor = (name: string, ram: number, disk: number) => ({ id: name, name, ram, disk })
    const { findings } = await journeyOf({
      'GET /compute/flavors/detail': { flavors: [flavor('large', 8192, 20), flavor('medium', 2048, 10), flavor('flat', 1024, 1), flavor('nano', 192, 5)] },
      'GET /image/v2/images': { images: [{ id: 'image', name: 'debian-12', status: 'active', min_ram: 0, min_disk: 3 }] },
    })
    expect(findings.map(({ detail }) => detail)).toContain('server from debian-12 with medium is ACTIVE')
  })

  it('removes in reverse, so that nothing is deleted while another thing uses it', async () => {
    const { requests } = await journeyOf()
    const order = ['DELETE /compute/servers/server', 'DELETE /network/v2.0/ports/port', 'PUT /network/v2.0/routers/router/remove_router_interface', 'DELETE /network/v2.0/routers/router', 'DELETE /network/v2.0/networks/network']
    expect(requests.filter(request => order.includes(request))).toEqual(order)
  })

  it('a server in ERROR is told with its fault, and all is removed', async () => {
    const { failures, requests } = await journeyOf({ 'GET /compute/servers/server': { server: { status: 'ERROR', fault: { message: 'No valid host was found.' } } } })
    expect(failures).toMatchObject([{ service: 'compute', detail: 'the server is ERROR: No valid host was found.', next: expect.stringContaining('room') }])
    expect(count(requests, 'DELETE /network/v2.0/networks/')).toBe(1)
  })

  it('a refused request ends the journey, and what was made before is removed', async () => {
    const { failures, requests } = await journeyOf({ 'POST /network/v2.0/routers': 409 })
    expect(failures).toMatchObject([{ detail: expect.stringContaining('409') }])
    expect(count(requests, 'DELETE /network/v2.0/subnets/')).toBe(1)
    expect(count(requests, 'POST /compute/servers')).toBe(0)
  })

  it('a group that lets everybody in is a failure', async () => {
    expect((await journeyOf({}, { accepts: async () => true })).failures.map(({ detail }) => detail)).toEqual([
      'port 22 answers before any rule admits it',
      'port 22 still answers although its rule is gone',
    ])
  })

  it('no way to the server and no login are two different failures', async () => {
    expect((await journeyOf({}, { accepts: async () => false, ssh: async () => undefined })).failures).toMatchObject([{ detail: '203.0.113.10 is not reached on port 22' }])
    expect((await journeyOf({}, { ssh: async () => undefined })).failures).toMatchObject([{ detail: expect.stringContaining('debian gets no login'), next: expect.stringContaining('metadata') }])
  })

  it('what cannot be removed is said', async () => {
    expect((await journeyOf({ 'DELETE /network/v2.0/routers/*': 409 })).failures).toMatchObject([{ check: 'removal', detail: expect.stringContaining('409') }])
  })
})

describe('the logs', () => {
  it('an error since the last start is found, an older one is not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'logs-'))
    try {
      await mkdir(join(folder, 'nova'))
      await mkdir(join(folder, 'neutron'))
      const line = (level: string, text: string) => `2026-11-20 17:00:00.123 42 ${level} service [-] ${text}\n`
      await writeFile(join(folder, 'nova', 'nova-compute.log'), line('ERROR', 'of another life') + line('INFO', 'Starting compute node (version 26.2.2)') + line('INFO', 'fine'))
      await writeFile(join(folder, 'neutron', 'neutron-l3-agent.log'), line('INFO', 'Logging enabled!') + line('ERROR', 'Failed to process router') + line('INFO', 'fine'))
      expect(await failuresOf({}, { logs: folder })).toMatchObject([{ service: 'neutron-l3-agent', log: expect.stringContaining('Failed to process router') }])
    }
    finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('the real reach', () => {
  it('tells an open port from a closed one, and gives a key', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    await withReach(async ({ accepts, publicKey }) => {
      expect(publicKey).toMatch(/^ssh-ed25519 /)
      expect(await accepts('127.0.0.1', port)).toBe(true)
      await new Promise(resolve => server.close(resolve))
      expect(await accepts('127.0.0.1', port)).toBe(false)
    })
  })
})

it('the table puts log and next step below a failure', async () => {
  const findings = await failuresOf({ 'GET /image/v2/images': { images: [] } })
  expect(table(findings)).toMatch(/✘.*image.*there is no image\n\s+log: {2}\/var\/log\/glance.*\n\s+next: /)
})
