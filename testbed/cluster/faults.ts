import { nodeNamed } from './layout.ts'
import { pidOf, powerOff } from './machine.ts'
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
