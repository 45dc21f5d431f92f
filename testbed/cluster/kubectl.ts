import { command, succeeds } from '../../tools/command.ts'
import { programPath } from './build/programs.ts'
import { kubeconfig } from './folders.ts'

/** kubectl as the administrator. */
export async function kubectl(...args: string[]): Promise<string> {
  return await command(await programPath('kubectl'), ['--kubeconfig', kubeconfig, ...args])
}

export async function kubectlSucceeds(...args: string[]): Promise<boolean> {
  return await succeeds(await programPath('kubectl'), ['--kubeconfig', kubeconfig, ...args])
}

/** Apply objects on the server's side: big definitions do not fit into the annotation that a client would leave. */
export async function apply(objects: readonly object[]): Promise<void> {
  const input = objects.map(object => JSON.stringify(object)).join('\n')
  await command(await programPath('kubectl'), ['--kubeconfig', kubeconfig, 'apply', '--server-side', '--force-conflicts', '--filename', '-'], { input })
}
