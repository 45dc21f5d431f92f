import { kubeconfig } from './folders.ts'
import { kubectl, kubectlSucceeds } from './kubectl.ts'
import { machinesOn, pidOf } from './machine.ts'
import { memoryAround } from './processes.ts'

/** What is up, for a person to read. */
export async function status(): Promise<string> {
  const machines = await memoryOfAll()
  if (machines.length === 0)
    return 'The test cluster is down.'
  const lines = machines.map(({ memory, name }) => `${name.padEnd(14)} ${memory === undefined ? 'off' : `on, ${memory} MiB`}`)
  const total = machines.reduce((sum, { memory = 0 }) => sum + memory, 0)
  lines.push(`${'together'.padEnd(14)} ${total} MiB`, '', `KUBECONFIG=${kubeconfig}`, '')
  lines.push(await kubectlSucceeds('get', '--raw', '/readyz')
    ? [await kubectl('get', 'nodes', '--output=wide'), await kubectl('get', 'pods', '--all-namespaces')].join('\n').trimEnd()
    : 'The API server does not answer.')
  return lines.join('\n')
}

/** What each machine takes, in MiB; undefined for one that is off. */
export async function memoryOfAll(): Promise<readonly { readonly name: string, readonly memory: number | undefined }[]> {
  return await Promise.all((await machinesOn()).sort().map(async (name) => {
    const pid = await pidOf(name)
    return { name, memory: pid ? await memoryAround(pid) : undefined }
  }))
}
