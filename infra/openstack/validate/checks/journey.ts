import type { Check, Options } from '../check.ts'
import type { Cloud } from '../cloud.ts'
import type { Finding } from '../finding.ts'
import type { Reach } from '../reach.ts'
import type { Image } from './image.ts'
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { failed, passed, skipped } from '../check.ts'
import { findExternal } from './addresses.ts'
import { findImage } from './image.ts'

interface Server { readonly status: string, readonly fault?: { readonly message: string } }
interface Flavor { readonly id: string, readonly name: string, readonly ram: number, readonly disk: number }
interface Made { readonly id: string }

/** The real thing: a network, a server on it, a login through a floating IP, a volume, a closed door. All of it is removed again, also after a failure. */
export function journey(reach: Reach): Check {
  return {
    name: 'journey',
    service: 'compute',
    async run(cloud, options) {
      const removals: (() => Promise<void>)[] = []
      const findings: Finding[] = []
      try {
        await walk(cloud, options, reach, findings, removals)
      }
      catch (error) {
        findings.push(error instanceof Stop
          ? error.finding
          : failed(this, error instanceof Error ? error.message : String(error), 'the request above was refused: its text says by which rule'))
      }
      findings.push(await removeAll(removals))
      return findings
    },
  }
}

/** Ends the journey: what comes after cannot work. */
class Stop extends Error {
  readonly finding: Finding
  constructor(finding: Finding) {
    super(finding.detail)
    this.finding = finding
  }
}

async function walk(cloud: Cloud, options: Options, reach: Reach, findings: Finding[], removals: (() => Promise<void>)[]): Promise<void> {
  const name = `validate-${randomBytes(4).toString('hex')}`
  const step = (service: string) => ({ name: 'journey', service })
  const make = async (service: string, path: string, body: object, key: string): Promise<string> => {
    const answer = await cloud.post<Record<string, Made>>(service, path, { [key]: { name, ...body } })
    const { id } = answer[key]! // each of these APIs answers with what was made, under the key of the request
    removals.push(async () => await cloud.delete(service, `${path}/${id}`))
    return id
  }

  const [image, external] = await Promise.all([findImage(cloud, options), findExternal(cloud, options)])
  const flavor = await findFlavor(cloud, options, image)
  if (!image || !external || !flavor)
    throw new Stop(skipped(step('compute'), `no ${!image ? 'image' : !external ? 'external network' : 'flavor'} to start a server with`))

  const network = await make('network', '/networks', {}, 'network')
  const subnet = await make('network', '/subnets', { network_id: network, ip_version: 4, cidr: '10.254.254.0/24' }, 'subnet')
  const router = await make('network', '/routers', { external_gateway_info: { network_id: external.id } }, 'router')
  await cloud.put('network', `/routers/${router}/add_router_interface`, { subnet_id: subnet })
  removals.push(async () => await cloud.put('network', `/routers/${router}/remove_router_interface`, { subnet_id: subnet }))
  const group = await make('network', '/security-groups', {}, 'security_group')
  const port = await make('network', '/ports', { network_id: network, security_groups: [group] }, 'port')
  const { floatingip } = await cloud.post<{ floatingip: Made & { floating_ip_address: string } }>('network', '/floatingips', { floatingip: { floating_network_id: external.id, port_id: port } })
  removals.push(async () => await cloud.delete('network', `/floatingips/${floatingip.id}`))
  const address = floatingip.floating_ip_address
  findings.push(passed(step('network'), `network, router, security group and floating IP ${address}`))

  await cloud.post('compute', '/os-keypairs', { keypair: { name, public_key: reach.publicKey } })
  removals.push(async () => await cloud.delete('compute', `/os-keypairs/${name}`))
  const { server: { id: server } } = await cloud.post<{ server: Made }>('compute', '/servers', {
    server: { name, imageRef: image.id, flavorRef: flavor.id, key_name: name, networks: [{ port }] },
  })
  removals.push(async () => await removeServer(cloud, server))
  const last = await until(options.patience, async () => {
    const { server: seen } = await cloud.get<{ server: Server }>('compute', `/servers/${server}`)
    return ['ACTIVE', 'ERROR'].includes(seen.status) ? seen : undefined
  })
  if (last?.status !== 'ACTIVE') {
    throw new Stop(failed(step('compute'), `the server is ${last?.status ?? 'still being built'}${last?.fault ? `: ${last.fault.message}` : ''}`, /valid host/.test(last?.fault?.message ?? '')
      ? 'the scheduler found no hypervisor: compare `room` with the flavor, and read nova-scheduler.log'
      : 'nova-compute.log on the hypervisor has the id of the server; a vif-plug timeout is the network agent\'s', '/var/log/nova/nova-compute.log and nova-scheduler.log'))
  }
  findings.push(passed(step('compute'), `server from ${image.name} with ${flavor.name} is ACTIVE`))

  if (await reach.accepts(address, 22))
    findings.push(failed(step('network'), 'port 22 answers before any rule admits it', 'the security group is not enforced: port_security of the network, firewall_driver of the agent'))
  const rule = await make('network', '/security-group-rules', { name: undefined, security_group_id: group, direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp', port_range_min: 22, port_range_max: 22 }, 'security_group_rule')
  const greeting = await until(options.patience, async () => await reach.ssh(address, options.user, 'hostname'))
  if (greeting === undefined) {
    const isOpen = await reach.accepts(address, 22)
    throw new Stop(failed(step('network'), isOpen ? `port 22 of ${address} is open, but ${options.user} gets no login` : `${address} is not reached on port 22`, isOpen
      ? 'is --user the image\'s account? Otherwise the metadata service gave no key: `openstack console log show`, neutron-metadata-agent.log'
      : 'floating IP, router, DHCP, in this order: `openstack console log show` has the address that the server got', '/var/log/neutron/ of the l3, dhcp and metadata agents'))
  }
  findings.push(passed(step('network'), `ssh through ${address}: ${greeting.trim()}`))

  await cloud.delete('network', `/security-group-rules/${rule}`)
  const isClosed = await until(options.patience, async () => await reach.accepts(address, 22) ? undefined : true)
  findings.push(isClosed
    ? passed(step('network'), 'port 22 is closed once its rule is gone')
    : failed(step('network'), 'port 22 still answers although its rule is gone', 'the network agent does not apply changes: it hangs, its log repeats one error', '/var/log/neutron/ of the agent on the hypervisor'))

  findings.push(await tryVolume(cloud, options, name, removals))
}

async function tryVolume(cloud: Cloud, options: Options, name: string, removals: (() => Promise<void>)[]): Promise<Finding> {
  const step = { name: 'journey', service: 'block-storage' }
  if (!cloud.has('block-storage'))
    return skipped(step, 'this cloud has no volumes')
  const { volume } = await cloud.post<{ volume: Made }>('block-storage', '/volumes', { volume: { name, size: 1 } })
  removals.push(async () => await cloud.delete('block-storage', `/volumes/${volume.id}`))
  const status = await until(options.patience, async () => {
    const { volume: seen } = await cloud.get<{ volume: { status: string } }>('block-storage', `/volumes/${volume.id}`)
    return seen.status === 'creating' ? undefined : seen.status
  })
  return status === 'available'
    ? passed(step, 'a volume of 1 GB is available')
    : failed(step, `the volume is ${status ?? 'still being made'}`, 'has the backend room, and does the volume service reach it?')
}

async function removeAll(removals: readonly (() => Promise<void>)[]): Promise<Finding> {
  const step = { name: 'removal', service: 'network' }
  const left: string[] = []
  for (const remove of removals.toReversed())
    await remove().catch(error => left.push(error instanceof Error ? error.message : String(error)))
  return left.length === 0
    ? passed(step, `all ${removals.length} things are gone`)
    : failed(step, left.join('; '), 'remove by hand what is called validate-…; a thing that cannot be deleted is still used by the next one')
}

async function removeServer(cloud: Cloud, id: string): Promise<void> {
  await cloud.delete('compute', `/servers/${id}`)
  // Its port can be deleted only once the server is gone.
  await until(120, async () => await cloud.get('compute', `/servers/${id}`).then(() => undefined, () => true))
}

/** The one that was named, or the smallest that the image fits into. Images rarely say what they need, and with less than half a gigabyte few boot. */
async function findFlavor(cloud: Cloud, options: Options, image: Image | undefined): Promise<Flavor | undefined> {
  const { flavors } = await cloud.get<{ flavors: Flavor[] }>('compute', '/flavors/detail')
  if (options.flavor)
    return flavors.find(({ name }) => name === options.flavor)
  return flavors
    .filter(({ ram, disk }) => ram >= Math.max(512, image?.min_ram ?? 0) && disk >= Math.max(1, image?.min_disk ?? 0))
    .toSorted((a, b) => a.ram - b.ram)[0]
}

/** Ask every second until there is an answer, or undefined when the seconds are over. */
async function until<T>(seconds: number, ask: () => Promise<T | undefined>): Promise<T | undefined> {
  const end = performance.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined || performance.now() > end)
      return answer
    await delay(Math.min(1000, seconds * 1000))
  }
}
