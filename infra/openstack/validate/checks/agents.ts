import type { Check } from '../check.ts'
import { failed, passed } from '../check.ts'

interface Agent { readonly binary: string, readonly host: string, readonly alive: boolean, readonly admin_state_up: boolean }

/** Every agent of neutron is alive, and DHCP, routing and metadata have one. With OVN its own agents do that. */
export const networkAgents: Check = {
  name: 'agents',
  service: 'network',
  async run(cloud) {
    const { agents } = await cloud.get<{ agents: Agent[] }>('network', '/agents')
    const isOvn = agents.some(({ binary }) => binary.startsWith('ovn-'))
    const needed = isOvn ? ['ovn-controller'] : ['neutron-l3-agent', 'neutron-dhcp-agent', 'neutron-metadata-agent']
    const missing = needed.filter(binary => !agents.some(agent => agent.binary.startsWith(binary)))
    return [
      ...missing.map(binary => failed(this, `no ${binary} has ever reported`, `start ${binary} on a network node`)),
      ...agents.map(({ binary, host, alive, admin_state_up }) => {
        const log = `/var/log/neutron/${binary}.log on ${host}`
        if (!alive)
          return failed(this, `${binary} on ${host} is not alive`, 'start it there; if it runs, it hangs or cannot reach RabbitMQ: its last lines say in what', log)
        if (!admin_state_up)
          return failed(this, `${binary} on ${host} is switched off`, `\`openstack network agent set --enable\` with its id`, log)
        return passed(this, `${binary} on ${host}`)
      }),
    ]
  },
}
