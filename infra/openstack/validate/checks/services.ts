import type { Check } from '../check.ts'
import { failed, passed } from '../check.ts'

interface Service { readonly binary: string, readonly host: string, readonly state: string, readonly status: string, readonly disabled_reason?: string | null }

/** Every process of nova reports to the database, and none was switched off. */
export const computeServices: Check = {
  name: 'services',
  service: 'compute',
  async run(cloud) {
    const { services } = await cloud.get<{ services: Service[] }>('compute', '/os-services')
    const missing = ['nova-scheduler', 'nova-conductor', 'nova-compute'].filter(binary => !services.some(service => service.binary === binary))
    return [
      ...missing.map(binary => failed(this, `no ${binary} has ever reported`, `start ${binary}; then \`nova-manage cell_v2 discover_hosts\``)),
      ...services.map(service => report(service)),
    ]

    function report({ binary, host, state, status, disabled_reason }: Service) {
      if (state !== 'up')
        return failed(computeServices, `${binary} on ${host} is ${state}`, `start it there; if it runs, can it reach RabbitMQ and the database? Are the clocks the same?`, `/var/log/nova/${binary}.log on ${host}`)
      if (status !== 'enabled')
        return failed(computeServices, `${binary} on ${host} is ${status}${disabled_reason ? `: ${disabled_reason}` : ''}`, `\`openstack compute service set --enable ${host} ${binary}\``, `/var/log/nova/${binary}.log on ${host}`)
      return passed(computeServices, `${binary} on ${host}`)
    }
  },
}
