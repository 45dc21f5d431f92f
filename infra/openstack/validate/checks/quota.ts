import type { Check } from '../check.ts'
import { failed, passed } from '../check.ts'

interface Quota { readonly limit: number, readonly used: number }

/** The project may still make what the journey makes: one of each, and of cores and memory what a small server takes. */
export const quota: Check = {
  name: 'quota',
  service: 'compute',
  async run(cloud) {
    const { limits: { absolute } } = await cloud.get<{ limits: { absolute: Readonly<Record<string, number>> } }>('compute', '/limits')
    const { quota: network } = await cloud.get<{ quota: Readonly<Record<string, Quota>> }>('network', `/quotas/${cloud.projectId}/details.json`)
    const rows = [
      row('compute', 'instances', absolute.maxTotalInstances, absolute.totalInstancesUsed, 1),
      row('compute', 'cores', absolute.maxTotalCores, absolute.totalCoresUsed, 1),
      row('compute', 'ram', absolute.maxTotalRAMSize, absolute.totalRAMUsed, 512),
      ...['network', 'subnet', 'router', 'port', 'floatingip', 'security_group', 'security_group_rule'].map(kind => row('network', kind, network[kind]?.limit, network[kind]?.used, 1)),
    ]
    return rows.map(({ service, kind, limit, used, needed }) => {
      const own = { name: 'quota', service }
      // -1 is no limit.
      return limit === -1 || limit - used >= needed
        ? passed(own, `${kind}: ${used} of ${limit === -1 ? 'no limit' : limit}`)
        : failed(own, `${kind}: ${used} of ${limit} used, ${needed} more needed`, '`openstack quota show` has all of them; `openstack quota set` raises one')
    })
  },
}

function row(service: string, kind: string, limit = -1, used = 0, needed = 1) {
  return { service, kind, limit, used, needed }
}
