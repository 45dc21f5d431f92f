import { kubectlReading } from '../../testbed/cloud/kubernetes.ts'

/** On the server's side: CloudNativePG's definitions do not fit into the annotation that a client would leave. */
export async function applyObjects(objects: readonly object[]): Promise<void> {
  await kubectlReading(objects.map(object => JSON.stringify(object)).join('\n'), 'apply', '--server-side', '--force-conflicts', '--filename', '-')
}
