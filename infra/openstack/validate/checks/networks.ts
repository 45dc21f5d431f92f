import type { Check } from '../check.ts'
import { failed, passed } from '../check.ts'

interface Network {
  readonly 'name': string
  readonly 'status': string
  readonly 'mtu': number
  readonly 'router:external': boolean
  /** Only administrators see how a network travels. */
  readonly 'provider:network_type'?: string
  readonly 'provider:physical_network'?: string | null
}

/** What networks there are, how they travel, and that each can be used. */
export const networks: Check = {
  name: 'networks',
  service: 'network',
  async run(cloud) {
    const { networks } = await cloud.get<{ networks: Network[] }>('network', '/networks')
    return networks.map((network) => {
      const how = [network['provider:network_type'], network['provider:physical_network'] && `on ${network['provider:physical_network']}`].filter(Boolean).join(' ')
      const detail = [`${network.name}${network['router:external'] ? ' (external)' : ''}`, how, `MTU ${network.mtu}`].filter(Boolean).join(', ')
      return network.status === 'ACTIVE'
        ? passed(this, detail)
        : failed(this, `${detail}: ${network.status}`, `\`openstack network set --enable ${network.name}\`, or look why its ports are not wired`)
    })
  },
}
