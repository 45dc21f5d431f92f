import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../tools/run.ts'
import { folders } from './folders.ts'

/** Names of the logs there are: MACHINE/PROGRAM. */
export async function logNames(): Promise<string[]> {
  const files = await Array.fromAsync(glob('*/*.log', { cwd: folders.logs }))
  return files.map(file => file.slice(0, -'.log'.length)).sort()
}

/** Show the end of one and what is added to it. */
export async function followLog(name: string): Promise<void> {
  if (!(await logNames()).includes(name))
    throw new Error(`There is no log "${name}"; npm run cluster -- logs lists them`)
  await run('tail', ['--lines=100', '--follow=name', join(folders.logs, `${name}.log`)])
}
