import type { Installation } from './installation.ts'
import { randomBytes } from 'node:crypto'
import { chown, copyFile, mkdir, readdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** PostgreSQL's name (`RELCACHE_INIT_FILENAME`) for what a session knows of the system catalogue before it has read it. */
const fileName = 'pg_internal.init'

/** Copies of such files, and their names in a data folder. */
export interface Caches {
  readonly folder: string
  readonly names: readonly string[]
}

/**
 * Keep aside what sessions left in a data folder that is stopped. The first session in a database takes some 20 ms of a
 * core to build it, and each start of a server removes it, in case WAL changes the catalogue.
 */
export async function keepCaches(data: string, folder: string): Promise<readonly string[]> {
  const names = (await readdir(data, { recursive: true })).filter(name => name.endsWith(`/${fileName}`))
  await Promise.all(names.map(async (name) => {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await rename(join(data, name), join(folder, name))
  }))
  return names
}

/**
 * Give it to a server that runs on a copy of that data and has had no session yet, so that nothing in its catalogue has
 * changed. PostgreSQL expects such files to be copied: `CREATE DATABASE` does it, and what of them depends on the place is
 * found out anew by whoever reads them. One that cannot be used costs what it would have saved.
 */
export async function giveCaches({ account }: Pick<Installation, 'account'>, { folder, names }: Caches, data: string): Promise<void> {
  await Promise.all(names.map(async (name) => {
    // What is left of it after a kill is removed by PostgreSQL itself, which looks at the beginning of the name.
    const draft = `${join(data, name)}.${randomBytes(6).toString('hex')}`
    await copyFile(join(folder, name), draft)
    if (account)
      await chown(draft, account.uid, account.gid)
    await rename(draft, join(data, name))
  }))
}
