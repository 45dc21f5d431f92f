import { glob, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../run.ts'
import { aptInstall } from './apt.ts'
import { cache } from './cache.ts'
import { findProgram } from './find-program.ts'
import { Missing } from './missing.ts'

/** Path of psql. */
export async function psql(): Promise<string> {
  const path = await findProgram('psql')
    ?? (await aptInstall('postgresql-client')
      ? await findProgram('psql')
      : undefined)
  if (!path)
    throw new Missing('psql is missing; install the PostgreSQL client (Debian: apt-get install postgresql-client)')
  return path
}

/** Path of pgbench. */
export async function pgbench(): Promise<string> {
  const path = await find() ?? (await unpack()
    ? await find()
    : undefined)
  if (!path)
    throw new Missing('pgbench is missing; it comes with the PostgreSQL server packages (Debian: apt-get install postgresql)')
  return path

  async function find(): Promise<string | undefined> {
    const folders = await Array.fromAsync(glob([
      '/usr/lib/postgresql/*/bin',
      '/usr/pgsql-*/bin',
      join(cache, 'postgresql/usr/lib/postgresql/*/bin'),
    ]))
    return await findProgram('pgbench', folders.sort().reverse())
  }
}

/**
 * Debian ships pgbench in the server's package, whose installation would make and start a server. So the package is
 * only unpacked. Its libraries come with psql.
 */
async function unpack(): Promise<boolean> {
  const apt = await findProgram('apt-get')
  if (!apt)
    return false
  await psql()
  const folder = join(cache, 'postgresql')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  return await run('sh', ['-c', 'apt-get download "$(apt-cache depends postgresql | sed -n "s/^ *Depends: \\(postgresql-[0-9]*\\)$/\\1/p")" && dpkg-deb -x postgresql-*.deb .'], { cwd: folder }) === 0
}
