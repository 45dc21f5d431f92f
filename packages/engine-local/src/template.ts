import type { Catalogue, Session } from '@howdah/postgres'
import type { Binaries } from './binaries.ts'
import type { Caches } from './catalogue-caches.ts'
import type { Installation } from './installation.ts'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { EngineError } from '@howdah/engine'
import { hasCode, readIfThere } from '@howdah/machine'
import { maintenanceDatabase, readCatalogue, superuserRole } from '@howdah/postgres'
import { keepCaches } from './catalogue-caches.ts'
import { syncDataFolder } from './clone.ts'
import { runErrands } from './errands.ts'
import { makeFolder, writeAtomically } from './files.ts'
import { initdb } from './initdb.ts'
import { placeholderDatabase, prepareDatabases, prepareMain, prepareRoles, prepareTemplate } from './preparation.ts'
import { findPostmaster, isAlive, isStoppedWithin, killLeftovers, lastLines, launch, signalStop, waitUntilReady } from './process.ts'
import { asSuperuser } from './sessions.ts'
import { socketFolderFor } from './socket-folder.ts'
import { throwAway } from './trash.ts'

const run = promisify(execFile)

/** A stopped server with everything in it that does not depend on a request. Databases begin as copies of it. */
export interface Template {
  readonly data: string
  /** What its first sessions have found out about the catalogue (see catalogue-caches.ts). */
  readonly caches: Caches
  /** Password of the superuser until the copy gets its own. */
  readonly superuserPassword: string
  readonly preload: string
  readonly catalogue: Catalogue
}

type Prepared = Omit<Template, 'data' | 'caches'> & { readonly caches: Caches['names'] }

/** Grows when the preparation changes, so that templates of an older release are made anew. */
const recipe = 6

const startDeadlineMs = 60_000

export function templateName(binaries: Binaries): string {
  return `${binaries.version}-${binaries.source}-${recipe}`
}

/** The template for these binaries, made when there is none yet. */
export async function openTemplate(installation: Installation, binaries: Binaries): Promise<Template> {
  const root = join(installation.paths.templates, templateName(binaries))
  const known = await readIfThere(join(root, 'template.json'))
  if (known !== undefined) {
    const prepared = JSON.parse(known) as Prepared // our own file, written whole
    return { ...prepared, data: join(root, 'data'), caches: { folder: join(root, 'caches'), names: prepared.caches } }
  }
  const unfinished = `${root}.${randomBytes(4).toString('hex')}.${process.pid}.tmp`
  await makeFolder(unfinished, 0o755)
  try {
    const made = await prepareDataFolder(installation, binaries, unfinished)
    await writeAtomically(join(unfinished, 'template.json'), JSON.stringify(made), { mode: 0o600, durable: true })
    await rename(unfinished, root)
  }
  catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    // Another process was faster; what it made is as good.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST'))
      throw error
  }
  return await openTemplate(installation, binaries)
}

/** Remove templates that were never finished, and the servers that were preparing them. */
export async function sweepTemplates(installation: Installation): Promise<void> {
  const { templates } = installation.paths
  for (const name of await readdir(templates)) {
    const maker = /\.(\d+)\.tmp$/.exec(name)
    if (maker && !isAlive(Number(maker[1]))) {
      await killLeftovers(join(templates, name, 'data'))
      await throwAway(installation.paths, join(templates, name))
    }
  }
}

/** `initdb`, then everything that every database has; leaves the server stopped. */
async function prepareDataFolder(installation: Installation, binaries: Binaries, root: string): Promise<Prepared> {
  const data = join(root, 'data')
  const superuserPassword = randomBytes(32).toString('base64url')
  await initdb({
    binaries,
    account: installation.account,
    dataFolder: data,
    superuser: { name: superuserRole, password: superuserPassword },
    isSynced: false,
  })
  const socketFolder = await socketFolderFor(installation.paths.root, root, installation.account)
  let prepared: Omit<Prepared, 'caches'>
  let wal: string | undefined
  try {
    const preload = await startServer('pg_stat_statements').catch(async (error: unknown) => {
      // A PostgreSQL of the machine may come without its contrib modules.
      installation.log.warn({ err: error, binaries }, 'this PostgreSQL does not start with pg_stat_statements; trying without')
      return await startServer('')
    })
    const server = {
      identity: { port: 5432, major: binaries.major, superuserPassword },
      socketFolder,
    }
    const catalogue = await asSuperuser(server, maintenanceDatabase, readCatalogue)
    await asSuperuser(server, maintenanceDatabase, async session => await prepareRoles(session, binaries.major, superuserPassword))
    // The first logical database is a copy of the one, all others are copies of the other.
    for (const database of ['template1', maintenanceDatabase])
      await asSuperuser(server, database, async session => await prepareTemplate(session, binaries.major))
    await asSuperuser(server, maintenanceDatabase, prepareDatabases)
    await asSuperuser(server, placeholderDatabase, prepareMain)
    wal = await asSuperuser(server, maintenanceDatabase, beginSegment)
    // Sessions of ours, and the first ones of users.
    for (const database of [maintenanceDatabase, placeholderDatabase])
      await asSuperuser(server, database, async session => await session.query('select 1'))
    prepared = { superuserPassword, preload, catalogue }
  }
  finally {
    await stopServer(data)
    await rm(socketFolder, { recursive: true, force: true })
  }
  const caches = await keepCaches(data, join(root, 'caches'))
  await dropMaps(data)
  await dropWal(data, wal)
  // All of it at once: by itself each statement that makes or drops a database would wait for the disk.
  await runErrands(installation.account, async errands => await syncDataFolder(binaries, data, errands))
  return { ...prepared, caches }

  async function startServer(preload: string): Promise<string> {
    const serverLog = join(root, 'server.log')
    const server = await launch({
      binaries,
      account: installation.account,
      dataFolder: data,
      serverLog,
      args: [
        '-c',
        'listen_addresses=',
        '-c',
        `unix_socket_directories=${socketFolder}`,
        '-c',
        `shared_preload_libraries=${preload}`,
        '-c',
        'fsync=off',
      ],
    })
    if (await waitUntilReady(data, server, startDeadlineMs) !== 'ready')
      throw new EngineError('unavailable', `PostgreSQL ${binaries.version} does not start here: ${await lastLines(serverLog, 1)}`)
    return preload
  }
}

/**
 * Remove the maps of free space and of visibility, which PostgreSQL makes again when it first needs them: they are a
 * quarter of the files that each copy has.
 */
async function dropMaps(data: string): Promise<void> {
  const names = await readdir(data, { recursive: true })
  await Promise.all(names.filter(name => /^(?:base|global)\/.*\d_(?:fsm|vm)$/.test(name)).map(async name => await rm(join(data, name))))
}

/** What the preparation has written is not needed once it is in the data files. Answers the segment that is. */
async function beginSegment(session: Session): Promise<string | undefined> {
  await session.query('select pg_switch_wal()')
  await session.query('checkpoint')
  const [row] = await session.query<{ name: string }>('select pg_walfile_name(pg_current_wal_insert_lsn()) as name')
  return row?.name
}

/** Remove all segments but one, which is nearly empty, and give the disk back what that one has not used: a third of each copy. */
async function dropWal(data: string, needed: string | undefined): Promise<void> {
  if (needed === undefined)
    return
  const folder = join(data, 'pg_wal')
  const names = (await readdir(folder)).filter(name => /^[0-9A-F]{24}$/.test(name))
  if (!names.includes(needed))
    return
  await Promise.all(names.filter(name => name !== needed).map(async name => await rm(join(folder, name))))
  if (process.platform !== 'linux')
    return
  try {
    await run('fallocate', ['--dig-holes', join(folder, needed)])
  }
  catch {
    // A small system may not have it, and not every file system can: the copies are larger then.
  }
}

async function stopServer(data: string): Promise<void> {
  const server = await findPostmaster(data)
  if (!server)
    return
  signalStop(server.pid, 'fast')
  if (!await isStoppedWithin(data, 30_000))
    throw new EngineError('unavailable', 'the server of a template did not stop')
}
