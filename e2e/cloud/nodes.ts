import { kubectl } from '../../testbed/cloud/kubernetes.ts'

/** Another one after each start of the node. */
export async function bootIdOf(node: string): Promise<string> {
  return await kubectl('get', 'node', node, '--output', 'jsonpath={.status.nodeInfo.bootID}')
}

export async function nodesReady(): Promise<void> {
  await kubectl('wait', '--for=condition=Ready', 'node', '--all', '--timeout=300s')
}
