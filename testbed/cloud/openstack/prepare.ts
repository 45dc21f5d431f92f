import { readFile } from 'node:fs/promises'
import { openrc } from '../account.ts'
import { external, region, tunnels } from '../layout.ts'
import { inside } from '../machine.ts'
import { configuration } from './configuration.ts'
import { ini } from './ini.ts'

/** The bridge that the outside network is on, and one cable for what would go between hypervisors. */
const network = `
ip link add ${external.bridge} type bridge
ip address add ${external.gateway}/24 dev ${external.bridge}
ip link set ${external.bridge} up
ip link add ${tunnels.link} type veth peer name ${tunnels.peer}
ip address add ${tunnels.address}/24 dev ${tunnels.link}
ip link set ${tunnels.link} up
ip link set ${tunnels.peer} up
`

/** The kernels of small machines lack the old tables of ebtables, and have those of iptables, which neutron's rules need. */
const folders = `
for program in iptables ip6tables; do update-alternatives --set $program /usr/sbin/$program-legacy; done
for program in ebtables arptables; do update-alternatives --set $program /usr/sbin/$program-nft; done
[ -s /etc/machine-id ] || tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
for name in keystone placement glance nova neutron; do
  mkdir -p /var/log/$name /var/lib/$name/lock /run/$name /run/lock/$name
  chown -R $name:$name /var/log/$name /var/lib/$name/lock /run/$name /run/lock/$name
done
mkdir -p /var/lib/nova/instances /var/lib/nova/tmp /var/lib/glance/images /run/mysqld /run/rabbitmq /run/libvirt
chown nova:nova /var/lib/nova/instances /var/lib/nova/tmp
chown glance:glance /var/lib/glance/images
chown mysql:mysql /run/mysqld
chown rabbitmq:rabbitmq /run/rabbitmq
`

/** The site's network, configuration files, and folders that packages leave to their init scripts. */
export async function prepareRoot(secret: string): Promise<void> {
  await inside(['sh', '-euc', network])
  await inside(['sh', '-euc', folders])
  for (const { path, group, sections } of configuration(secret))
    await write(path, group, ini(sections))
  await write('/etc/openstack/clouds.yaml', 'root', await cloudsFile())
  await inside(['sh', '-euc', 'rm -f /usr/sbin/ebtables; cat >/usr/sbin/ebtables; chmod 755 /usr/sbin/ebtables'], { input: await readFile(new URL('ebtables', import.meta.url), 'utf8') })
}

async function write(path: string, group: string, text: string): Promise<void> {
  await inside(['sh', '-euc', 'mkdir -p "$(dirname "$0")"; rm -f "$0"; umask 027; cat >"$0"; chown "root:$1" "$0"', path, group], { input: text })
}

/** For the command `openstack` in there: `--os-cloud admin`. */
async function cloudsFile(): Promise<string> {
  const clouds = await Promise.all((['admin', 'demo'] as const).map(async (account) => {
    const { OS_AUTH_URL, OS_PASSWORD } = await openrc(account)
    return [account, { region_name: region, auth: { auth_url: OS_AUTH_URL, username: account, project_name: account, password: OS_PASSWORD, user_domain_name: 'Default', project_domain_name: 'Default' } }]
  }))
  return JSON.stringify({ clouds: Object.fromEntries(clouds) })
}
