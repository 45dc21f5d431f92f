import { kubeconfig } from './folders.ts'
import { kubectl, kubectlSucceeds } from './kubectl.ts'
import { machinesOn, pidOf } from './machine.ts'
import { memoryAround } from './processes.ts'

/** What is up, for a person to read. */
export async function status(): Promise<string> {
  const machines = (await machinesOn()).sort()
  if (machines.length === 0)
    return 'The test cluster is down.'
  const lines: string[] = []
  let total = 0
  for (const name of machines) {
    const pid = await pidOf(name)
    const memory = pid ? await memoryAround(pid) : 0
    total += memory
    lines.push(`${name.padEnd(14)} ${pid ? `on, ${memory} MiB` : 'off'}`)
  }
  lines.push(`${'together'.padEnd(14)} ${total} MiB`, '', `KUBECONFIG=${kubeconfig}`, '')
  lines.push(await kubectlSucceeds('get', '--raw', '/readyz')
    ? [await kubectl('get', 'nodes', '--output=wide'), await kubectl('get', 'pods', '--all-namespaces')].join('\n').trimEnd()
    : 'The API server does not answer.')
  return lines.join('\n')
}
