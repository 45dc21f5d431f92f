import { command } from '../../tools/command.ts'
import { bridge, nodeNamed } from './layout.ts'

/** A machine beside the cluster that knows nothing of it but the addresses which load balancers bring to one of its nodes. */
export interface Outsider {
  /** Bring an address to a node, for this machine and for that one; as a load balancer does, or the router before it. */
  readonly bring: (address: string, node: string) => Promise<void>
  readonly run: (program: string, args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<string>
  readonly remove: () => Promise<void>
}

/** Outside of the addresses of nodes, in the network that they hang on. */
const ownAddress = '10.243.0.99'

export async function outsider(): Promise<Outsider> {
  const name = 'howdah-outside'
  const link = 'howdah-out'
  const brought = new Set<string>()
  await command('ip', ['netns', 'add', name])
  await command('ip', ['link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name])
  await command('ip', ['link', 'set', link, 'master', bridge, 'up'])
  const inside = async (...args: string[]): Promise<string> => await command('ip', ['-netns', name, ...args])
  await inside('addr', 'add', `${ownAddress}/24`, 'dev', 'eth0')
  await inside('link', 'set', 'eth0', 'up')
  return {
    async bring(address, node) {
      const via = nodeNamed(node).address
      await inside('route', 'replace', `${address}/32`, 'via', via)
      await command('ip', ['route', 'replace', `${address}/32`, 'via', via])
      brought.add(address)
    },
    run: async (program, args, env = {}) => await command('ip', ['netns', 'exec', name, program, ...args], { env }),
    async remove() {
      // Its cable goes with it.
      await command('ip', ['netns', 'delete', name])
      for (const address of brought)
        await command('ip', ['route', 'delete', `${address}/32`])
    },
  }
}
