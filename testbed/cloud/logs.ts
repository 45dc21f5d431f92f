import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../tools/run.ts'
import { folders } from './folders.ts'
import { pathInside } from './machine.ts'

/** Name → file: what programs wrote to their terminal, and what OpenStack's services write themselves. */
async function logFiles(): Promise<ReadonlyMap<string, string>> {
  const places = [[folders.logs, '*.log'], [await pathInside('/var/log'), '{glance,keystone,neutron,nova,placement}/*.log']] as const
  const found = await Promise.all(places.map(async ([folder, pattern]) => (await Array.fromAsync(glob(pattern, { cwd: folder }))).map(file => [file.replace(/\.log$/, ''), join(folder, file)] as const)))
  return new Map(found.flat().sort())
}

/** List them, or show the end of one and what is added to it. */
export async function logs(name?: string): Promise<void> {
  const files = await logFiles()
  if (!name)
    return console.log([...files.keys()].join('\n'))
  const file = files.get(name)
  if (!file)
    throw new Error(`There is no log "${name}"; npm run cloud -- logs lists them`)
  await run('tail', ['--lines=100', '--follow=name', file])
}
