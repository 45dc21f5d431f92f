import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { programPath } from '../../testbed/cluster/build/programs.ts'
import { command } from '../../tools/command.ts'

/** kubectl as the administrator of the cluster under test. */
export async function kubectl(...args: string[]): Promise<string> {
  return await command(await programPath('kubectl'), ['--kubeconfig', inject('cluster').kubeconfig, ...args])
}

export async function apply(namespace: string, object: object): Promise<void> {
  await command(await programPath('kubectl'), ['--kubeconfig', inject('cluster').kubeconfig, '--namespace', namespace, 'apply', '--server-side', '--filename', '-'], { input: JSON.stringify(object) })
}

/**
 * A namespace of this test's own. `remove` waits until everything in it is gone. Databases go first: they may run for half an hour
 * after they were told to stop, and so Kubernetes would look at a namespace with one in it again after a quarter of an hour.
 */
export async function temporaryNamespace(): Promise<{ name: string, remove: () => Promise<void> }> {
  const name = `test-${randomBytes(4).toString('hex')}`
  await kubectl('create', 'namespace', name)
  return {
    name,
    async remove() {
      await kubectl('--namespace', name, 'delete', 'clusters.postgresql.cnpg.io', '--all', '--cascade=foreground', '--timeout=300s')
      await kubectl('--namespace', name, 'delete', 'pods', '--all', '--timeout=300s')
      await kubectl('delete', 'namespace', name, '--timeout=300s')
    },
  }
}
