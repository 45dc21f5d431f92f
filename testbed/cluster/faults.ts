import { command as run } from '../../tools/command.ts'
import { execInContainer } from './containerd.ts'
import { nodeNamed } from './layout.ts'
import { enter, pidOf, powerOff } from './machine.ts'
import { setLink } from './network.ts'
import { startNode } from './node.ts'

/** Pull a node's cable: what runs there runs on, and nobody reaches it. */
export async function cut(name: string): Promise<void> {
  await setLink(nodeNamed(name), 'down')
}

/** Put the cable back. */
export async function heal(name: string): Promise<void> {
  await setLink(nodeNamed(name), 'up')
}

/** Take a node's power: all of its processes end at once. Its disk stays. */
export async function switchOff(name: string): Promise<void> {
  await powerOff(nodeNamed(name).name)
}

/** Start it again with the disk that it had. */
export async function switchOn(name: string): Promise<void> {
  const node = nodeNamed(name)
  if (!await pidOf(name))
    await startNode(node)
}

/** Run a program in a container of a node, also of one that is cut off. */
export async function execOn(node: string, container: string, args: readonly string[]): Promise<string> {
  return await execInContainer(nodeNamed(node).name, container, args)
}

/** Give a node a disk of its own at /mnt/NAME, which has an end. */
export async function giveDisk(node: string, name: string, megabytes: number): Promise<void> {
  await onNode(node, ['mkdir', '-p', `/mnt/${name}`])
  await onNode(node, ['mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0777`, 'tmpfs', `/mnt/${name}`])
}

/** Make it larger, with what is on it. */
export async function enlargeDisk(node: string, name: string, megabytes: number): Promise<void> {
  await onNode(node, ['mount', '-o', `remount,size=${megabytes}m`, `/mnt/${name}`])
}

/** Take it away, with what is on it. */
export async function takeDisk(node: string, name: string): Promise<void> {
  await onNode(node, ['umount', '--lazy', `/mnt/${name}`])
  await onNode(node, ['rmdir', `/mnt/${name}`])
}

async function onNode(node: string, command: readonly string[]): Promise<void> {
  const pid = await pidOf(nodeNamed(node).name)
  if (!pid)
    throw new Error(`${node} is off`)
  await run('nsenter', [...enter(pid), ...command])
}

/** Take away this machine's way to an address of the cluster; whoever holds a connection hears nothing more. */
export async function hide(address: string): Promise<void> {
  await run('ip', ['route', 'add', 'unreachable', `${address}/32`])
}

/** Give it back. */
export async function show(address: string): Promise<void> {
  await run('ip', ['route', 'delete', 'unreachable', `${address}/32`])
}
