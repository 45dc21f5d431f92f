import { join } from 'node:path'
import { folders } from '../folders.ts'
import { versions } from '../versions.ts'
import { debootstrap, install } from './debian.ts'
import { keyOf, once } from './once.ts'

/** What an OpenStack of one machine is, in Debian's words. `nova-compute-kvm` brings qemu for this machine's own kind of processor alone. */
const packages = [
  ...['mariadb-server', 'rabbitmq-server', 'memcached'],
  ...['keystone', 'placement-api', 'glance-api', 'glance'],
  ...['nova-api', 'nova-conductor', 'nova-scheduler', 'nova-compute', 'nova-compute-kvm', 'libvirt-daemon-system'],
  ...['neutron-server', 'neutron-linuxbridge-agent', 'neutron-l3-agent', 'neutron-dhcp-agent', 'neutron-metadata-agent'],
  ...['python3-openstackclient', 'qemu-utils', 'genisoimage', 'ca-certificates', 'curl', 'iproute2', 'iputils-ping', 'openssh-client', 'procps', 'tcpdump'],
]

/** Debian would ask for databases and endpoints, which each cloud makes for itself when it starts. */
const answers = `
keystone keystone/configure_db boolean false
keystone keystone/create-admin-tenant boolean false
keystone keystone/register-endpoint boolean false
glance-common glance/configure_db boolean false
glance-api glance/register-endpoint boolean false
nova-common nova/configure_db boolean false
nova-common nova-common/configure_db boolean false
nova-api nova/register-endpoint boolean false
placement-api placement/register-endpoint boolean false
placement-common placement/configure_db boolean false
neutron-common neutron/configure_db boolean false
neutron-api neutron/register-endpoint boolean false
`

/** Folder with Debian and OpenStack's packages, with nothing configured. */
export async function openstackRoot(): Promise<string> {
  return await once(join(folders.roots, `openstack-${keyOf(versions.suite, packages)}`), async (root) => {
    await debootstrap(root)
    await install(root, packages, answers)
  })
}
