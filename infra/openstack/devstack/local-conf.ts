/**
 * `node infra/openstack/devstack/local-conf.ts HOST_ADDRESS >local.conf`: DevStack's configuration for one node, every
 * line with its reason, with secrets made now. There is no default secret: a cloud of this file has its own.
 */
import { randomBytes } from 'node:crypto'
import { isIPv4 } from 'node:net'
import process from 'node:process'

/** Branch of DevStack and of every service. A stable one: `master` is another cloud every day. The first of a year can be upgraded to the first of the next. */
const release = 'stable/2026.1'

const [address = ''] = process.argv.slice(2)
if (!isIPv4(address)) {
  console.error('Name the IPv4 address of this machine that its users reach: node infra/openstack/devstack/local-conf.ts 198.51.100.20 >local.conf')
  process.exit(2)
}
// Letters and digits only: DevStack puts them into URLs and SQL.
const secret = () => randomBytes(20).toString('hex')

console.log(`[[local|localrc]]
# The address that APIs listen on and the catalogue names. It must not change afterwards.
HOST_IP=${address}

# Five secrets, none of them shared: of the administrator, the database, the message queue, the services, and the metadata proxy.
ADMIN_PASSWORD=${secret()}
DATABASE_PASSWORD=${secret()}
RABBIT_PASSWORD=${secret()}
SERVICE_PASSWORD=${secret()}
METADATA_PROXY_SHARED_SECRET=${secret()}

# One release for all services.
KEYSTONE_BRANCH=${release}
GLANCE_BRANCH=${release}
NOVA_BRANCH=${release}
NEUTRON_BRANCH=${release}
PLACEMENT_BRANCH=${release}
CINDER_BRANCH=${release}

# Keystone, Glance, Nova, Placement, Neutron with OVN and Cinder are on by default; nobody needs these.
disable_service horizon tempest dstat

# Addresses of the project's networks, and of the outside. The second one is on a bridge of this machine: nobody beyond it knows
# a way there, unless PUBLIC_INTERFACE names a free network card that is plugged into the real one.
IPV4_ADDRS_SAFE_TO_USE=10.20.0.0/20
FLOATING_RANGE=203.0.113.0/24
PUBLIC_NETWORK_GATEWAY=203.0.113.1
Q_FLOATING_ALLOCATION_POOL=start=203.0.113.10,end=203.0.113.250
IP_VERSION=4

# Volumes are files of this disk, so it needs room for all of them.
VOLUME_BACKING_FILE_SIZE=40G

# With hardware that virtualizes: kvm. In a virtual machine without it: qemu, twenty times slower.
LIBVIRT_TYPE=kvm

# Where the log of the installation goes. Services write to the journal: journalctl -u devstack@n-cpu.
LOGFILE=$DEST/logs/stack.sh.log
LOGDAYS=2

# Nothing is fetched again that is there, so that a second run is fast and the same.
RECLONE=False

# DevStack's own image (cirros) has neither systemd nor room for Kubernetes; upload Debian's cloud image instead.
DOWNLOAD_DEFAULT_IMAGES=False

[[post-config|$NOVA_CONF]]
[DEFAULT]
# Memory is what runs out first: promise no more of it than there is.
ram_allocation_ratio = 1.0
`)
