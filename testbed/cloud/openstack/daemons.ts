import type { Daemon } from '../machine.ts'

export const base: readonly Daemon[] = [
  { name: 'mariadb', user: 'mysql', words: ['mariadbd'] },
  {
    name: 'rabbitmq',
    user: 'rabbitmq',
    words: ['/usr/lib/rabbitmq/bin/rabbitmq-server'],
    env: {
      RABBITMQ_NODENAME: 'rabbit@localhost',
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      ERL_EPMD_ADDRESS: '127.0.0.1',
      // Erlang's schedulers would spin while they wait.
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none',
    },
  },
  { name: 'memcached', user: 'memcache', words: ['memcached', '-l', '127.0.0.1', '-m', '64'] },
]

const neutron = '--config-file=/etc/neutron/neutron.conf'
const ml2 = '--config-file=/etc/neutron/plugins/ml2/ml2_conf.ini'

export const keystone = wsgi('keystone', 'keystone', 5000, 'keystone-wsgi-public', { processes: 2 })

export const apis: readonly Daemon[] = [
  wsgi('placement-api', 'placement', 8778, 'placement-api', { threads: 4 }),
  { name: 'glance-api', user: 'glance', words: ['glance-api', '--config-file=/etc/glance/glance-api.conf'] },
  { name: 'neutron-server', user: 'neutron', words: ['neutron-server', neutron, ml2] },
  wsgi('nova-api', 'nova', 8774, 'nova-api-wsgi', { processes: 2 }),
  wsgi('nova-metadata', 'nova', 8775, 'nova-metadata-wsgi'),
  { name: 'nova-conductor', user: 'nova', words: ['nova-conductor'] },
  { name: 'nova-scheduler', user: 'nova', words: ['nova-scheduler'] },
]

export const libvirt: Daemon = { name: 'libvirtd', user: 'root', words: ['libvirtd'] }

/** Changes the kernel's networks and starts guests, hence root. Without the option it would read a second file too, in which the package asks for hardware virtualization. */
export const compute: Daemon = { name: 'nova-compute', user: 'root', words: ['nova-compute', '--config-file=/etc/nova/nova.conf'] }

export const agents: readonly Daemon[] = [
  { name: 'neutron-linuxbridge-agent', user: 'root', words: ['neutron-linuxbridge-agent', neutron, '--config-file=/etc/neutron/plugins/ml2/linuxbridge_agent.ini'] },
  { name: 'neutron-l3-agent', user: 'root', words: ['neutron-l3-agent', neutron, '--config-file=/etc/neutron/l3_agent.ini'] },
  { name: 'neutron-dhcp-agent', user: 'root', words: ['neutron-dhcp-agent', neutron, '--config-file=/etc/neutron/dhcp_agent.ini'] },
  { name: 'neutron-metadata-agent', user: 'root', words: ['neutron-metadata-agent', neutron, '--config-file=/etc/neutron/metadata_agent.ini'] },
]

/** Every program that runs for as long as the cloud does. */
export const daemons: readonly Daemon[] = [...base, keystone, ...apis, libvirt, compute, ...agents]

function wsgi(name: string, user: string, port: number, file: string, { processes = 1, threads = 1 } = {}): Daemon {
  return {
    name,
    user,
    words: [
      'uwsgi_python3',
      ...['--master', '--need-app', '--die-on-term', '--no-orphans', '--enable-threads', '--lazy-apps', '--thunder-lock', '--disable-logging'],
      '--buffer-size=65535',
      '--add-header=Connection: close',
      `--http-socket=127.0.0.1:${port}`,
      `--processes=${processes}`,
      `--threads=${threads}`,
      `--wsgi-file=/usr/bin/${file}`,
    ],
  }
}
