import { until } from '@howdah/testkit/until'
import { Cloud } from '../../../infra/openstack/validate/cloud.ts'
import { openrc, secret } from '../account.ts'
import { endpoints, external, flavors, region } from '../layout.ts'
import { inside } from '../machine.ts'

interface Made { readonly id: string }

const expected = [
  ...['neutron-linuxbridge-agent', 'neutron-l3-agent', 'neutron-dhcp-agent', 'neutron-metadata-agent'],
  ...['nova-compute', 'nova-conductor', 'nova-scheduler'],
]

/** Users, projects and the catalogue. */
export async function identityContent(): Promise<void> {
  const cloud = await Cloud.signIn(await openrc('admin'))
  const find = async (kind: string, name: string) => {
    const answer = await cloud.get<Record<string, Made[]>>('identity', `/${kind}?name=${name}`)
    return answer[kind]![0]!.id // made by `keystone-manage bootstrap`
  }
  const make = async (key: string, body: object) => {
    const answer = await cloud.post<Record<string, Made>>('identity', `/${key}s`, { [key]: body })
    return answer[key]!.id // what was made, under the key of the request
  }
  const [admin, member] = [await find('roles', 'admin'), await find('roles', 'member')]
  const password = await secret()
  const user = async (name: string, project: string, role: string) => {
    const id = await make('user', { name, password, domain_id: 'default', default_project_id: project })
    await cloud.put('identity', `/projects/${project}/users/${id}/roles/${role}`, undefined)
  }
  const service = await make('project', { name: 'service', domain_id: 'default' })
  for (const name of ['placement', 'glance', 'nova', 'neutron'])
    await user(name, service, admin)
  await user('demo', await make('project', { name: 'demo', domain_id: 'default' }), member)
  for (const [type, name] of [['placement', 'placement'], ['image', 'glance'], ['compute', 'nova'], ['network', 'neutron']] as const) {
    const id = await make('service', { name, type })
    for (const kind of ['public', 'internal', 'admin'])
      await make('endpoint', { service_id: id, interface: kind, url: endpoints[type], region_id: region })
  }
}

/** Every agent and every process of nova has reported, and the hypervisor is in its cell. */
export async function agentsAlive(): Promise<void> {
  const cloud = await Cloud.signIn(await openrc('admin'))
  let isMapped = false
  await until(async () => {
    const { agents } = await cloud.get<{ agents: { binary: string, alive: boolean }[] }>('network', '/agents')
    const { services } = await cloud.get<{ services: { binary: string, state: string }[] }>('compute', '/os-services')
    const alive = new Set([
      ...agents.filter(({ alive }) => alive).map(({ binary }) => binary),
      ...services.filter(({ state }) => state === 'up').map(({ binary }) => binary),
    ])
    if (alive.has('nova-compute') && !isMapped) {
      await inside(['nova-manage', 'cell_v2', 'discover_hosts'], { user: 'nova' })
      isMapped = true
    }
    return expected.every(binary => alive.has(binary))
  }, { deadlineMs: 180_000, everyMs: 1000, what: 'every agent is alive' })
}

export async function cloudContent(): Promise<void> {
  const cloud = await Cloud.signIn(await openrc('admin'))
  for (const flavor of flavors)
    await cloud.post('compute', '/flavors', { flavor })
  const { network } = await cloud.post<{ network: Made }>('network', '/networks', {
    network: { 'name': external.name, 'router:external': true, 'provider:network_type': 'flat', 'provider:physical_network': external.physicalNetwork },
  })
  await cloud.post('network', '/subnets', {
    subnet: { network_id: network.id, name: external.name, ip_version: 4, cidr: external.cidr, gateway_ip: external.gateway, enable_dhcp: false, allocation_pools: [external.pool] },
  })
}
