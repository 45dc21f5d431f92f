import type { Account } from './account.ts'
import type { Log } from './log.ts'
import { randomBytes } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readIfThere, withFileLock } from '@howdah/machine'
import pg from 'pg'
import { checkReachable, resolveAccount } from './account.ts'
import { discoverBinaries, installBinaries } from './binaries.ts'
import { makeFolder, writeAtomically } from './files.ts'
import { initdb } from './initdb.ts'
import { keepRunning } from './keep-running.ts'
import { findPostmaster, isStoppedWithin, lastLines, launch, signalStop, waitUntilReady } from './process.ts'
import { socketFolderFor } from './socket-folder.ts'

/** What `pg` needs to connect. */
export interface PrivateConnection {
  /** Folder of the Unix socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
}

export interface PrivatePostgres {
  readonly connection: PrivateConnection
  /** Shut it down, unless someone else is connected: another process of the control plane may share it. */
  close: () => Promise<void>
}

export interface PrivatePostgresOptions {
  /** Data directory of the installation. Absolute; enterable by the account that PostgreSQL runs as. */
  readonly dataDir: string
  /** Account to run as under root; the default is `howdah`, else `postgres`. */
  readonly account?: string
  /** Settings beside ours, for tests. */
  readonly settings?: Readonly<Record<string, string>>
  readonly logger?: Pick<Log, 'info' | 'warn' | 'error'>
  /** False: a server that ends by itself stays down, as tests of just that want it. Default: it is started again. */
  readonly isKept?: boolean
}

/** Names the socket file; no TCP port is opened. */
const socketPort = 5432
const superuser = 'howdah'
const startDeadlineMs = 60_000
const endsWithinMs = 5_000
const silent = { warn: () => {}, error: () => {} }

/**
 * One PostgreSQL for the program's own use: started, or adopted when it still runs, also after a kill -9 of whoever
 * started it and after a reboot. It listens on a Unix socket only, in a folder that others cannot enter, and asks for
 * a generated password.
 */
export async function openPrivatePostgres(options: PrivatePostgresOptions): Promise<PrivatePostgres> {
  const dataDir = resolve(options.dataDir)
  const account = await resolveAccount(options.account)
  const root = join(dataDir, 'store')
  await makeFolder(dataDir, 0o755)
  await makeFolder(root, 0o755)
  await checkReachable(root, account)
  const place = {
    account,
    dataDir,
    root,
    dataFolder: join(root, 'data'),
    socketFolder: await socketFolderFor(dataDir, 'store', account),
  }
  const lock = join(root, 'lock')

  return await withFileLock(lock, async () => {
    const password = await passwordOf(root)
    const running = await findPostmaster(place.dataFolder)
    if (!running)
      await start(place, password, options.settings)
    const connection = {
      host: place.socketFolder,
      port: socketPort,
      user: superuser,
      password,
      database: 'postgres',
    }
    let isAdopted = running !== undefined
    try {
      await connects(connection)
    }
    catch (error) {
      // What was found may have been at its end.
      if (!isAdopted || !await isStoppedWithin(place.dataFolder, endsWithinMs))
        throw error
      isAdopted = false
      await start(place, password, options.settings)
      await connects(connection)
    }
    options.logger?.info({ adopted: isAdopted }, 'the store runs')
    const restart = async (): Promise<void> => await withFileLock(lock, async () => {
      // A folder that is away for a moment must not be taken for a first start.
      if (await readIfThere(join(place.dataFolder, 'PG_VERSION')) === undefined)
        throw new Error('the data of the store are not where they were')
      if (!await findPostmaster(place.dataFolder))
        await start(place, password, options.settings)
    })
    const keeper = options.isKept === false ? undefined : keepRunning(connection, restart, options.logger ?? silent)
    return {
      connection,
      async close() {
        await keeper?.close()
        await withFileLock(lock, async () => await stop(place.dataFolder, connection))
      },
    }
  })
}

async function stop(dataFolder: string, connection: PrivateConnection): Promise<void> {
  const server = await findPostmaster(dataFolder)
  if (!server || await isShared(connection))
    return
  signalStop(server.pid, 'fast')
  if (!await isStoppedWithin(dataFolder, 10_000)) {
    signalStop(server.pid, 'immediate')
    await isStoppedWithin(dataFolder, 5_000)
  }
}

async function passwordOf(root: string): Promise<string> {
  const path = join(root, 'password')
  const known = await readIfThere(path)
  if (known !== undefined)
    return known
  const password = randomBytes(32).toString('base64url')
  await writeAtomically(path, password, { mode: 0o600, durable: true })
  return password
}

interface Place {
  readonly account: Account | undefined
  readonly dataDir: string
  readonly root: string
  readonly dataFolder: string
  readonly socketFolder: string
}

async function start(place: Place, password: string, settings: Readonly<Record<string, string>> | undefined): Promise<void> {
  const { account, dataFolder, root } = place
  const binaries = await binariesFor(dataFolder, place.dataDir)
  if (await readIfThere(join(dataFolder, 'PG_VERSION')) === undefined) {
    // Made beside its place and moved there when complete, so that a kill in the middle leaves nothing that looks whole.
    const unfinished = `${dataFolder}.tmp`
    await rm(unfinished, { recursive: true, force: true })
    await initdb({
      binaries,
      account,
      dataFolder: unfinished,
      superuser: { name: superuser, password },
    })
    await rename(unfinished, dataFolder)
  }
  const logFolder = join(root, 'log')
  await makeFolder(logFolder, 0o700, account)
  const config = join(dataFolder, 'howdah.conf')
  await writeAtomically(config, settingsText(place.socketFolder, logFolder, settings), { mode: 0o600, owner: account, durable: false })
  const serverLog = join(root, 'server.log')
  const server = await launch({
    binaries,
    account,
    dataFolder,
    serverLog,
    args: [`--config-file=${config}`],
  })
  if (await waitUntilReady(dataFolder, server, startDeadlineMs) !== 'ready')
    throw new Error(`the store's PostgreSQL did not start; its last words:\n${await lastLines(serverLog)}`)
}

/** Data keeps to the major that made it; new data gets the newest one there is. */
async function binariesFor(dataFolder: string, dataDir: string) {
  const sets = await discoverBinaries(dataDir)
  const major = Number(await readIfThere(join(dataFolder, 'PG_VERSION')) ?? sets[0]?.major)
  const set = sets.find(candidate => candidate.major === major)
  if (!set) {
    throw new Error(Number.isNaN(major)
      ? 'there is no PostgreSQL for this platform: install one (14 or later) and try again'
      : `the store was made by PostgreSQL ${major}, which is not here any more: install it and try again`)
  }
  return await installBinaries(set, dataDir)
}

function settingsText(socketFolder: string, logFolder: string, more: Readonly<Record<string, string>> = {}): string {
  const settings: Record<string, string> = {
    listen_addresses: '',
    port: String(socketPort),
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    max_connections: '200',
    shared_buffers: '64MB',
    max_wal_size: '512MB',
    jit: 'off',
    // An idle store should not wake the machine five times a second.
    bgwriter_delay: '1s',
    wal_writer_delay: '1s',
    logging_collector: 'on',
    log_directory: logFolder,
    log_filename: 'store-%a.log',
    log_truncate_on_rotation: 'on',
    log_rotation_age: '1d',
    log_timezone: 'UTC',
    timezone: 'UTC',
    ...more,
  }
  return Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll('\'', '\'\'')}'\n`).join('')
}

async function connects(connection: PrivateConnection): Promise<void> {
  const client = new pg.Client({ ...connection })
  await client.connect()
  await client.end()
}

async function isShared(connection: PrivateConnection): Promise<boolean> {
  const client = new pg.Client({ ...connection })
  await client.connect()
  try {
    const { rows } = await client.query<{ count: string }>(
      'select count(*) from pg_stat_activity where backend_type = \'client backend\' and pid <> pg_backend_pid()',
    )
    return rows[0]?.count !== '0'
  }
  finally {
    await client.end()
  }
}
