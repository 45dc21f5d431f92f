import type { NodeLayout } from './layout.ts'
import { command, succeeds } from '../../tools/command.ts'
import { findProgram } from '../../tools/needs/find-program.ts'
import { bridge, hostAddress, nodes, podNetwork, serviceNetwork } from './layout.ts'
import { enter } from './machine.ts'

/** The bridge that all nodes hang on, and this machine's way to services. */
export async function layBridge(): Promise<void> {
  if (await succeeds('ip', ['link', 'show', bridge]))
    return
  await ip('link add', bridge, 'type bridge')
  await ip('addr add', `${hostAddress}/24 dev`, bridge)
  await ip('link set', bridge, 'up')
  // Without the source, calls of the API server to a service leave with an address that nodes cannot answer.
  await ip('route add', serviceNetwork, 'dev', bridge, 'src', hostAddress)
}

/** Connect a node that was just started. Its cable vanishes with it. */
export async function connect(node: NodeLayout, pid: number): Promise<void> {
  await ip('link add', node.link, `type veth peer name eth0 netns ${pid}`)
  await ip('link set', node.link, 'master', bridge, 'up')
  const inside = async (...words: string[]) => await command('nsenter', [...enter(pid), 'ip', ...split(words)])
  await inside('link set lo up')
  await inside(`addr add ${node.address}/24 dev eth0`)
  await inside('link set eth0 up')
  await inside(`route add ${podNetwork} via ${hostAddress}`)
  await inside(`route add ${serviceNetwork} via ${hostAddress}`)
  await command('nsenter', [...enter(pid), 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'])
  await ip('route replace', node.podNetwork, 'via', node.address)
}

/** Pull a node's cable, or put it back. Everything on the node runs on. */
export async function setLink(node: NodeLayout, state: 'up' | 'down'): Promise<void> {
  await ip('link set', node.link, state)
}

/** Take away what this machine itself was given; cables are gone with their nodes. */
export async function removeBridge(): Promise<void> {
  if (await succeeds('ip', ['link', 'show', bridge]))
    await ip('link del', bridge)
  // Tables of the kube-proxy that ran here.
  for (const family of ['ip', 'ip6']) {
    if (await succeeds('nft', ['list', 'table', family, 'kube-proxy']))
      await command('nft', ['delete', 'table', family, 'kube-proxy'])
  }
}

/** A network of this machine that the bed's would hide, if there is one. */
export async function networkInTheWay(): Promise<string | undefined> {
  // Without the program there is hardly a network; it is installed later.
  if (!await findProgram('ip'))
    return undefined
  const routes = JSON.parse(await command('ip', ['-json', 'route', 'show'])) as { dst: string, dev: string }[] // written by ip
  const own = [serviceNetwork, ...nodes.map(node => node.podNetwork)]
  return routes.find(({ dst, dev }) => dev !== bridge && own.includes(dst))?.dst
}

async function ip(...words: string[]): Promise<void> {
  await command('ip', split(words))
}

function split(words: readonly string[]): string[] {
  return words.flatMap(word => word.split(' '))
}
