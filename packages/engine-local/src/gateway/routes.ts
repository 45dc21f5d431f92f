import { readFile } from 'node:fs/promises'
import { BlockList, isIPv6 } from 'node:net'

/** Where the gateway of a database listens, and to which servers it leads. Written by the driver; holds no secret. */
export interface Routes {
  /** Of who holds the role. Routes of an older one than those in force are refused: somebody knows better. */
  readonly epoch: number
  readonly host: string
  readonly port: number
  readonly readOnlyPort: number
  /** Port of the server that holds the role; null: nobody does now, and clients wait. */
  readonly primary: number | null
  /** Ports of replicas that can be read from. */
  readonly replicas: readonly number[]
  /** Networks that may connect. Servers cannot tell: to them all of it comes from here. */
  readonly allowedCidrs: readonly string[]
}

export async function readRoutes(path: string): Promise<Routes> {
  return JSON.parse(await readFile(path, 'utf8')) as Routes // written by us
}

/** Whether a client of this address is in one of the networks. */
export function allows(cidrs: readonly string[]): (address: string) => boolean {
  const networks = new BlockList()
  for (const cidr of cidrs) {
    const [network = '', prefix] = cidr.split('/')
    networks.addSubnet(network, Number(prefix), isIPv6(network) ? 'ipv6' : 'ipv4')
  }
  // An IPv4 client of a socket that listens to both is written `::ffff:10.0.0.1`.
  return address => networks.check(address.replace(/^::ffff:(?=\d+\.)/, ''), /^(?:::ffff:)?[\d.]+$/.test(address) ? 'ipv4' : 'ipv6')
}
