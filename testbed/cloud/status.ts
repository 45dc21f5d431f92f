import { memoryAround } from '../cluster/processes.ts'
import { possessions } from './api.ts'
import { inside, pidOf } from './machine.ts'
import { daemons } from './openstack/daemons.ts'

/** What is up, for a person to read. */
export async function status(): Promise<string> {
  const pid = await pidOf()
  if (!pid)
    return 'The test cloud is down.'
  const lines = [`on, ${await memoryAround(pid)} MiB`]
  for (const { name } of daemons)
    lines.push(`${name.padEnd(28)}${await isAlive(name) ? 'runs' : 'has ended'}`)
  lines.push('', 'Project demo owns:', ...await possessions('demo').catch(error => [`unknown: ${error instanceof Error ? error.message : String(error)}`]))
  return lines.join('\n')
}

async function isAlive(name: string): Promise<boolean> {
  return await inside(['sh', '-euc', 'kill -0 "$(cat "/run/daemons/$0")"', name]).then(() => true, () => false)
}
