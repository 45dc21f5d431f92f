import { cp, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { root } from '../tools/root.ts'
import { trackedFiles } from '../tools/tracked-files.ts'

/** What `git clone` would give somebody, had everything here been committed. */
export async function freshCopy(folder: string): Promise<void> {
  for (const path of await trackedFiles()) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await cp(join(root, path), join(folder, path))
  }
}

/**
 * This process's environment without what npm and the pinned Node added to it: that of a person's shell. Which
 * authorities a network needs is the person's.
 */
export function environmentOfPerson(): Record<string, string> {
  const own = Object.entries(process.env).filter(([key]) => !/^(?:npm_|HOWDAH_|VITEST|NODE_(?!EXTRA_CA_CERTS$)|CI$|INIT_CWD$)/.test(key))
  const path = (process.env.PATH ?? '').split(':').filter(folder => !folder.includes('node_modules'))
  return {
    ...Object.fromEntries(own.filter((entry): entry is [string, string] => entry[1] !== undefined)),
    PATH: path.join(':'),
  }
}
