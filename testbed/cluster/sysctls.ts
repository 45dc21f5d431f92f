import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { folders } from './folders.ts'

/** Settings of this machine that the bed needs (the first), or that the kubelet makes without asking. */
const names = ['net/ipv4/ip_forward', 'vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops', 'kernel/keys/root_maxkeys', 'kernel/keys/root_maxbytes']
const file = join(folders.state, 'sysctls.json')

/** Remember them, once for as long as the bed is up, and let packets pass between nodes. */
export async function prepareSysctls(): Promise<void> {
  const values = await Promise.all(names.map(async name => [name, (await readFile(pathOf(name), 'utf8')).trim()] as const))
  // Of a bed that is up already the remembered ones are right.
  await writeFile(file, JSON.stringify(Object.fromEntries(values)), { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST')
      throw error
  })
  await writeFile(pathOf('net/ipv4/ip_forward'), '1')
}

export async function restoreSysctls(): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '{}')
  for (const [name, value] of Object.entries(JSON.parse(text) as Record<string, string>)) // written above
    await writeFile(pathOf(name), value)
}

function pathOf(name: string): string {
  return join('/proc/sys', name)
}
