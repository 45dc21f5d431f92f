import { once } from 'node:events'
import { createServer } from 'node:http'

/** `METHOD /path` without the query → what is answered: a body, or a status alone. Later entries win, so that a test says only what differs. */
export type Answers = Readonly<Record<string, object | number>>

const healthy: Answers = {
  'GET /compute': {},
  'GET /compute/os-services': { services: ['nova-scheduler', 'nova-conductor', 'nova-compute'].map(binary => ({ binary, host: 'node', state: 'up', status: 'enabled' })) },
  'GET /network/v2.0': {},
  'GET /network/v2.0/agents': { agents: ['neutron-linuxbridge-agent', 'neutron-l3-agent', 'neutron-dhcp-agent', 'neutron-metadata-agent'].map(binary => ({ binary, host: 'node', alive: true, admin_state_up: true })) },
  'GET /placement/resource_providers': { resource_providers: [{ uuid: 'provider', name: 'node' }] },
  'GET /placement/resource_providers/provider/inventories': { inventories: { VCPU: { total: 2, reserved: 0, allocation_ratio: 16 }, MEMORY_MB: { total: 8192, reserved: 512, allocation_ratio: 1 }, DISK_GB: { total: 40, reserved: 0, allocation_ratio: 1 } } },
  'GET /placement/resource_providers/provider/usages': { usages: { VCPU: 1, MEMORY_MB: 1024, DISK_GB: 3 } },
  'GET /compute/limits': { limits: { absolute: { maxTotalInstances: 10, totalInstancesUsed: 1, maxTotalCores: 20, totalCoresUsed: 1, maxTotalRAMSize: 51200, totalRAMUsed: 1024 } } },
  'GET /network/v2.0/quotas/project/details.json': { quota: Object.fromEntries(['network', 'subnet', 'router', 'port', 'floatingip', 'security_group', 'security_group_rule'].map(kind => [kind, { limit: 10, used: 1 }])) },
  'GET /image/v2/images': { images: [{ id: 'image', name: 'debian-12', status: 'active', min_ram: 0, min_disk: 0 }] },
  'GET /network/v2.0/networks': { networks: [{ 'id': 'external', 'name': 'public', 'status': 'ACTIVE', 'mtu': 1500, 'router:external': true, 'provider:network_type': 'flat', 'provider:physical_network': 'physnet1' }] },
  'GET /network/v2.0/network-ip-availabilities/external': { network_ip_availability: { total_ips: 240, used_ips: 3 } },
  'GET /compute/flavors/detail': { flavors: [{ id: 'flavor', name: 'm1.small', ram: 1024, disk: 3 }] },
  'POST /network/v2.0/networks': { network: { id: 'network' } },
  'POST /network/v2.0/subnets': { subnet: { id: 'subnet' } },
  'POST /network/v2.0/routers': { router: { id: 'router' } },
  'PUT /network/v2.0/routers/router/*': {},
  'POST /network/v2.0/security-groups': { security_group: { id: 'group' } },
  'POST /network/v2.0/security-group-rules': { security_group_rule: { id: 'rule' } },
  'POST /network/v2.0/ports': { port: { id: 'port' } },
  'POST /network/v2.0/floatingips': { floatingip: { id: 'address', floating_ip_address: '203.0.113.10' } },
  'POST /compute/os-keypairs': { keypair: {} },
  'POST /compute/servers': { server: { id: 'server' } },
  'GET /compute/servers/server': { server: { status: 'ACTIVE' } },
  ...Object.fromEntries(['networks', 'subnets', 'routers', 'security-groups', 'security-group-rules', 'ports', 'floatingips'].map(kind => [`DELETE /network/v2.0/${kind}/*`, 204])),
  'DELETE /compute/servers/*': 204,
  'DELETE /compute/os-keypairs/*': 202,
}

/** A cloud that answers as a healthy single node with linuxbridge does. Only tests import this. */
export async function fakeCloud(differences: Answers = {}) {
  const requests: string[] = []
  const answers: Answers = { ...healthy, ...differences }
  const server = createServer((request, response) => {
    const name = `${request.method} ${new URL(request.url ?? '/', 'http://cloud').pathname}`
    request.resume()
    requests.push(name)
    const isGone = requests.includes(name.replace('GET', 'DELETE')) && name.startsWith('GET')
    const answer = isGone
      ? 404
      : answers[name] ?? answers[name.replace(/\/[^/]+$/, '/*')] ?? (name === 'POST /v3/auth/tokens' ? token(origin()) : 404)
    const status = typeof answer === 'number' ? answer : request.method === 'POST' ? 201 : 200
    response.writeHead(status, { 'content-type': 'application/json', ...(name === 'POST /v3/auth/tokens' ? { 'x-subject-token': 'token' } : {}) })
    response.end(typeof answer === 'number' ? '' : JSON.stringify(answer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    env: { OS_AUTH_URL: `${origin()}/v3`, OS_USERNAME: 'demo', OS_PASSWORD: 'secret', OS_PROJECT_NAME: 'demo' },
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }

  function origin(): string {
    const address = server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  }
}

function token(origin: string) {
  return {
    token: {
      project: { id: 'project' },
      catalog: ['identity', 'image', 'compute', 'network', 'placement'].map(type => ({
        type,
        endpoints: [{ interface: 'public', region_id: 'RegionOne', url: `${origin}/${type}` }],
      })),
    },
  }
}
