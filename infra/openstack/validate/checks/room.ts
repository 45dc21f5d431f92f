import type { Check } from '../check.ts'
import { failed, passed } from '../check.ts'

interface Provider { readonly uuid: string, readonly name: string }
type Inventories = Readonly<Record<string, { readonly total: number, readonly reserved: number, readonly allocation_ratio: number }>>

/** Room for one small server on at least one hypervisor, as the scheduler counts it: placement, not the hypervisor's own figures. */
export const room: Check = {
  name: 'room',
  service: 'placement',
  async run(cloud) {
    const { resource_providers: providers } = await cloud.get<{ resource_providers: Provider[] }>('placement', '/resource_providers')
    if (providers.length === 0)
      return [failed(this, 'no hypervisor has reported what it has', 'nova-compute makes the entry when it starts; its log says why it did not', '/var/log/nova/nova-compute.log')]
    const all = await Promise.all(providers.map(async ({ uuid, name }) => {
      const [{ inventories }, { usages }] = await Promise.all([
        cloud.get<{ inventories: Inventories }>('placement', `/resource_providers/${uuid}/inventories`),
        cloud.get<{ usages: Readonly<Record<string, number>> }>('placement', `/resource_providers/${uuid}/usages`),
      ])
      const free = (kind: string) => {
        const inventory = inventories[kind]
        return inventory ? Math.floor((inventory.total - inventory.reserved) * inventory.allocation_ratio) - (usages[kind] ?? 0) : 0
      }
      return { name, cpus: free('VCPU'), memory: free('MEMORY_MB'), disk: free('DISK_GB') }
    }))
    const hasRoom = all.some(({ cpus, memory }) => cpus >= 1 && memory >= 512)
    return all.map(({ name, cpus, memory, disk }) => {
      const detail = `${name}: ${cpus} vCPU, ${memory} MB, ${disk} GB free`
      return hasRoom
        ? passed(this, detail)
        : failed(this, detail, 'delete servers, add a hypervisor, or look for allocations without a server: `nova-manage placement audit`')
    })
  },
}
