import type pg from 'pg'
import type { Binaries } from '../binaries.ts'
import type { Installation } from '../installation.ts'
import type { DatabasePaths } from '../paths.ts'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { superuserConfig, superuserRole } from '@howdah/postgres'
import { RestoreError } from '../backup/restore-error.ts'
import { settingsFile } from '../config/settings.ts'
import { writeAtomically } from '../files.ts'
import { findPostmaster, isStoppedWithin, lastLines, launch, signalStop, waitUntilReady } from '../process.ts'

/** Of a socket that only we know, and of no database: whoever looks after one sees that its server is not where it should be. */
const port = 1
const startWithinMs = 10 * 60_000
const stopWithinMs = 10 * 60_000
/** Every row of a large table is one statement. */
const statementMs = 12 * 3_600_000

export interface PrivatePlace {
  readonly installation: Installation
  readonly binaries: Binaries
  readonly paths: DatabasePaths
  readonly socketFolder: string
  readonly superuserPassword: string
  /** Roles beside the superuser that may connect. */
  readonly roles?: readonly string[]
  /** Settings of its own. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A server that listens to nobody but us. */
export interface PrivateServer {
  readonly major: number
  /** How the superuser connects. */
  readonly config: (database: string) => pg.ClientConfig
  /** How another one of the roles does, for as long as its statements take. */
  readonly configOf: (role: { readonly user: string, readonly password: string }, database: string) => pg.ClientConfig
  readonly stop: () => Promise<void>
}

/** As `pg_dump` sets them for what it writes. */
const restoring: Readonly<Record<string, string>> = {
  search_path: '',
  check_function_bodies: 'off',
  row_security: 'off',
  client_min_messages: 'warning',
  client_encoding: 'UTF8',
  DateStyle: 'ISO',
  IntervalStyle: 'iso_8601',
  TimeZone: 'UTC',
  statement_timeout: '0',
  lock_timeout: '0',
  synchronous_commit: 'off',
  maintenance_work_mem: '128MB',
}

export async function openPrivately({ binaries, installation, paths, roles = [], settings = {}, socketFolder, superuserPassword }: PrivatePlace): Promise<PrivateServer> {
  const { data, instance, serverLog } = paths
  const files = { settings: join(instance, 'private.conf'), hostAccess: join(instance, 'private.hba.conf') }
  await writeFile(files.hostAccess, [superuserRole, ...roles].map(role => `local all ${role} scram-sha-256\n`).join(''), { mode: 0o644 })
  await writeAtomically(files.settings, settingsFile({
    listen_addresses: '',
    port: String(port),
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    hba_file: files.hostAccess,
    password_encryption: 'scram-sha-256',
    autovacuum: 'off',
    restart_after_crash: 'off',
    log_timezone: 'UTC',
    ...settings,
  }), { mode: 0o644, durable: false })
  const server = await launch({ binaries, account: installation.account, dataFolder: data, serverLog, args: [`--config-file=${files.settings}`] })
  if (await waitUntilReady(data, server, startWithinMs) !== 'ready')
    throw new RestoreError('StartFailed', `PostgreSQL ${binaries.version} does not start here: ${await lastLines(serverLog, 1)}`, 'Tell the operator of the platform.')
  const place = { host: socketFolder, port }
  return {
    major: binaries.major,
    config: database => ({ ...superuserConfig(binaries.major, { statementMs }), query_timeout: 0, ...place, user: superuserRole, password: superuserPassword, database }),
    configOf: (role, database) => ({ ...place, ...role, database, options: Object.entries(restoring).map(([name, value]) => `-c ${name}=${value}`).join(' ') }),
    stop: async () => {
      await stopPrivate(data)
      await Promise.all(Object.values(files).map(async file => await rm(file, { force: true })))
    },
  }
}

async function stopPrivate(data: string): Promise<void> {
  const server = await findPostmaster(data)
  if (!server)
    return
  signalStop(server.pid, 'fast')
  if (!await isStoppedWithin(data, stopWithinMs))
    throw new Error('a server that only we use did not stop')
}
