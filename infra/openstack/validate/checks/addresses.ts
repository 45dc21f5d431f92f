import type { Check, Options } from '../check.ts'
import type { Cloud } from '../cloud.ts'
import { failed, passed, skipped } from '../check.ts'
import { ApiError } from '../cloud.ts'

interface Network { readonly id: string, readonly name: string }

/** There is a network to the outside, with an address left: a router takes one, and each floating IP. */
export const addresses: Check = {
  name: 'addresses',
  service: 'network',
  async run(cloud, options) {
    const external = await findExternal(cloud, options)
    if (!external) {
      return [failed(this, options.external ? `no external network is called ${options.external}` : 'there is no external network', '`openstack network create --external --provider-network-type flat --provider-physical-network NAME public`, then a subnet with an allocation pool')]
    }
    try {
      const { network_ip_availability: { total_ips, used_ips } } = await cloud.get<{ network_ip_availability: { total_ips: number, used_ips: number } }>('network', `/network-ip-availabilities/${external.id}`)
      const detail = `${external.name}: ${used_ips} of ${total_ips} addresses used`
      return [total_ips - used_ips >= 2
        ? passed(this, detail)
        : failed(this, `${detail}; a router and a floating IP need 2`, 'release floating IPs that nothing uses: `openstack floating ip list --status DOWN`')]
    }
    catch (error) {
      if (error instanceof ApiError && [403, 404].includes(error.status))
        return [skipped(this, `${external.name}: only an administrator may ask how many addresses are left`)]
      throw error
    }
  },
}

export async function findExternal(cloud: Cloud, options: Options): Promise<Network | undefined> {
  const { networks } = await cloud.get<{ networks: Network[] }>('network', '/networks?router:external=true')
  return networks.find(({ name }) => !options.external || name === options.external)
}
