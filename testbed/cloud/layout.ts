/**
 * Addresses and names of the cloud. It has a network namespace to itself, so none of them is seen on this machine, and
 * nothing in it reaches anything outside.
 */
export const hostName = 'cloud'
export const region = 'RegionOne'

const address = '127.0.0.1'

export const endpoints = {
  identity: `http://${address}:5000/v3`,
  image: `http://${address}:9292`,
  placement: `http://${address}:8778`,
  compute: `http://${address}:8774/v2.1`,
  network: `http://${address}:9696`,
} as const

/** The network that floating IPs come from. Whoever is in the cloud's namespace is at its gateway's address. */
export const external = {
  name: 'public',
  bridge: 'br-ext',
  physicalNetwork: 'physnet1',
  cidr: '203.0.113.0/24',
  gateway: '203.0.113.1',
  pool: { start: '203.0.113.10', end: '203.0.113.250' },
} as const

/** Between the hypervisor's own networks: here one cable with both ends on this machine. */
export const tunnels = { link: 'tunnel0', peer: 'tunnel1', address: '198.51.100.1' } as const

export const flavors = [
  { name: 'm1.nano', ram: 256, vcpus: 1, disk: 1 },
  { name: 'm1.medium', ram: 2048, vcpus: 1, disk: 6 },
] as const

/** Whom the cloud knows: its administrator, and somebody with one project. */
export type Account = 'admin' | 'demo'

/** Names of images, and the account that each one's key is for. */
export const images = {
  /** A kernel and a busybox: boots in seconds without hardware virtualization. */
  nano: { name: 'nano', user: 'root' },
  /** Debian with cloud-init, container runtime and Kubernetes' programs. */
  node: { name: 'debian-12', user: 'debian' },
} as const
