import type { Sections } from './ini.ts'
import { endpoints, external, hostName, region, tunnels } from '../layout.ts'

interface ConfigurationFile {
  readonly path: string
  /** Who may read it beside root. */
  readonly group: string
  readonly sections: Sections
}

type Service = 'keystone' | 'placement' | 'glance' | 'nova' | 'neutron'

/**
 * The privileged helpers of neutron's agents. With more than one thread they fall over each other's locks when the machine is
 * busy ("cannot switch to a different thread"), and the agent looks alive while none of its networks gets DHCP.
 */
const oneThread = Object.fromEntries(['privsep', 'privsep_dhcp_release', 'privsep_namespace', 'privsep_conntrack', 'privsep_link'].map(section => [section, { thread_pool_size: 1 }]))

/** Every file that differs from what Debian's packages bring. One secret serves all: it is made for this cloud and ends with it. */
export function configuration(secret: string): readonly ConfigurationFile[] {
  const account = (username: Service) => ({
    auth_url: endpoints.identity,
    auth_type: 'password',
    project_domain_name: 'Default',
    user_domain_name: 'Default',
    project_name: 'service',
    username,
    password: secret,
  })
  const tokens = (service: Service) => ({
    ...account(service),
    www_authenticate_uri: endpoints.identity,
    memcached_servers: '127.0.0.1:11211',
  })
  const database = (name: string, user: Service) => ({ connection: `mysql+pymysql://${user}:${secret}@127.0.0.1/${name}` })
  const messages = 'rabbit://guest:guest@127.0.0.1:5672/'
  // One worker each: nothing here is asked by many.
  return [
    {
      path: '/etc/mysql/mariadb.conf.d/99-howdah.cnf',
      group: 'mysql',
      sections: {
        mariadbd: {
          'bind-address': '127.0.0.1',
          'skip-name-resolve': null,
          'max_connections': 400,
          'innodb_buffer_pool_size': '256M',
          // Nobody misses this database after a power cut.
          'innodb_flush_log_at_trx_commit': 0,
          'innodb_doublewrite': 0,
          'innodb_use_native_aio': 0,
          'skip-log-bin': null,
          'performance_schema': 'OFF',
        },
      },
    },
    {
      path: '/etc/keystone/keystone.conf',
      group: 'keystone',
      sections: {
        DEFAULT: { log_dir: '/var/log/keystone' },
        database: database('keystone', 'keystone'),
        cache: { enabled: true, backend: 'dogpile.cache.memcached', memcache_servers: '127.0.0.1:11211' },
        token: { provider: 'fernet', expiration: 14_400 },
      },
    },
    {
      path: '/etc/placement/placement.conf',
      group: 'placement',
      sections: {
        DEFAULT: { log_dir: '/var/log/placement' },
        api: { auth_strategy: 'keystone' },
        placement_database: database('placement', 'placement'),
        keystone_authtoken: tokens('placement'),
      },
    },
    {
      path: '/etc/glance/glance-api.conf',
      group: 'glance',
      sections: {
        DEFAULT: { log_dir: '/var/log/glance', bind_host: '127.0.0.1', workers: 1 },
        database: database('glance', 'glance'),
        glance_store: { stores: 'file', default_store: 'file', filesystem_store_datadir: '/var/lib/glance/images' },
        image_format: { disk_formats: 'ami,ari,aki,raw,qcow2,iso' },
        paste_deploy: { flavor: 'keystone' },
        oslo_concurrency: { lock_path: '/var/lib/glance/lock' },
        keystone_authtoken: tokens('glance'),
      },
    },
    {
      path: '/etc/nova/nova.conf',
      group: 'nova',
      sections: {
        DEFAULT: {
          log_dir: '/var/log/nova',
          host: hostName,
          my_ip: '127.0.0.1',
          state_path: '/var/lib/nova',
          instances_path: '/var/lib/nova/instances',
          transport_url: messages,
          compute_driver: 'libvirt.LibvirtDriver',
          // A server's disk is a layer over its image; turning each image into a raw one first takes longer than anything else.
          force_raw_images: false,
          vif_plugging_timeout: 60,
          reserved_host_memory_mb: 512,
          // Every guest is idle most of the time.
          ram_allocation_ratio: 4,
          cpu_allocation_ratio: 16,
          disk_allocation_ratio: 10,
        },
        api: { auth_strategy: 'keystone' },
        api_database: database('nova_api', 'nova'),
        database: database('nova', 'nova'),
        conductor: { workers: 1 },
        scheduler: { workers: 1, discover_hosts_in_cells_interval: 10 },
        keystone_authtoken: tokens('nova'),
        placement: { region_name: region, ...account('placement') },
        glance: { api_servers: endpoints.image },
        neutron: { region_name: region, ...account('neutron'), service_metadata_proxy: true, metadata_proxy_shared_secret: secret },
        libvirt: { virt_type: 'qemu', cpu_mode: 'none', connection_uri: 'qemu:///system' },
        vnc: { enabled: false },
        oslo_concurrency: { lock_path: '/var/lib/nova/tmp' },
      },
    },
    {
      path: '/etc/neutron/neutron.conf',
      group: 'neutron',
      sections: {
        DEFAULT: {
          log_dir: '/var/log/neutron',
          host: hostName,
          bind_host: '127.0.0.1',
          state_path: '/var/lib/neutron',
          core_plugin: 'ml2',
          service_plugins: 'router',
          auth_strategy: 'keystone',
          transport_url: messages,
          notify_nova_on_port_status_changes: true,
          notify_nova_on_port_data_changes: true,
          api_workers: 1,
          rpc_workers: 1,
          rpc_state_report_workers: 0,
          // A lost agent is seen a bit sooner than after 75 seconds.
          agent_down_time: 45,
          send_events_interval: 1,
        },
        experimental: { linuxbridge: true },
        agent: {
          root_helper: 'sudo /usr/bin/neutron-rootwrap /etc/neutron/rootwrap.conf',
          root_helper_daemon: 'sudo /usr/bin/neutron-rootwrap-daemon /etc/neutron/rootwrap.conf',
          report_interval: 10,
        },
        ...oneThread,
        database: database('neutron', 'neutron'),
        oslo_concurrency: { lock_path: '/var/lib/neutron/lock' },
        keystone_authtoken: tokens('neutron'),
        nova: { region_name: region, ...account('nova') },
      },
    },
    {
      path: '/etc/neutron/plugins/ml2/ml2_conf.ini',
      group: 'neutron',
      sections: {
        ml2: { type_drivers: 'flat,vxlan,local', tenant_network_types: 'vxlan', mechanism_drivers: 'linuxbridge,l2population', extension_drivers: 'port_security' },
        ml2_type_flat: { flat_networks: external.physicalNetwork },
        ml2_type_vxlan: { vni_ranges: '1:1000' },
        securitygroup: { enable_ipset: true },
      },
    },
    {
      path: '/etc/neutron/plugins/ml2/linuxbridge_agent.ini',
      group: 'neutron',
      sections: {
        linux_bridge: { bridge_mappings: `${external.physicalNetwork}:${external.bridge}` },
        vxlan: { enable_vxlan: true, local_ip: tunnels.address, l2_population: true },
        securitygroup: { firewall_driver: 'iptables', enable_security_group: true, enable_ipset: true },
      },
    },
    { path: '/etc/neutron/l3_agent.ini', group: 'neutron', sections: { DEFAULT: { interface_driver: 'linuxbridge' } } },
    {
      path: '/etc/neutron/dhcp_agent.ini',
      group: 'neutron',
      sections: { DEFAULT: { interface_driver: 'linuxbridge', dhcp_driver: 'neutron.agent.linux.dhcp.Dnsmasq', enable_isolated_metadata: true, resync_interval: 5 } },
    },
    {
      path: '/etc/neutron/metadata_agent.ini',
      group: 'neutron',
      sections: { DEFAULT: { nova_metadata_host: '127.0.0.1', metadata_proxy_shared_secret: secret, metadata_workers: 1 } },
    },
    // No systemd, no D-Bus and no cgroups in here.
    {
      path: '/etc/libvirt/qemu.conf',
      group: 'root',
      sections: { '': { user: '"root"', group: '"root"', security_driver: '"none"', stdio_handler: '"file"', cgroup_controllers: '[]', namespaces: '[]', remember_owner: 0 } },
    },
    {
      path: '/etc/libvirt/libvirtd.conf',
      group: 'root',
      sections: { '': { auth_unix_ro: '"none"', auth_unix_rw: '"none"', host_uuid: '"7c9e6679-7425-40de-944b-e07fc1f90ae7"' } },
    },
  ]
}
