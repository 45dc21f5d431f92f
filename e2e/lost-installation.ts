import type { Ended } from './program.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { temporaryFolder, until } from '@howdah/testkit'
import { Client } from 'pg'
import { program } from './program.ts'
import { startServer } from './server.ts'

const main = join(import.meta.dirname, '../apps/cli/src/main.ts')

/** What is left of an installation whose machine is lost: its archives, wherever they are, its key, and the command elsewhere. */
export interface LostInstallation {
  /** A folder of what is left, with room for more. */
  readonly folder: string
  /** The file of the key. */
  readonly key: string
  /** Of its database `orders`: 1,500 numbered rows up to the restore point `the-end`, one more behind it. */
  readonly id: string
  readonly howdah: (...words: string[]) => Promise<Ended>
  readonly remove: () => Promise<void>
}

/** What `howdah restore --from … -o json` answers. */
export interface RestoredFolder {
  readonly bin: string
  readonly data: string
  readonly passwordFile: string
  readonly user: string
}

/** An installation that had a database, with these settings; `save` is called with its data folder before that is gone. */
export async function lostInstallation(settings: Readonly<Record<string, string>>, save: (dataDir: string, folder: string) => Promise<void> = async () => {}): Promise<LostInstallation> {
  const kept = await temporaryFolder()
  const key = join(kept.path, 'secret.key')
  const server = await startServer(settings)
  try {
    const { body: { id } } = await server.api<{ id: string }>('POST', '/api/databases', { body: { name: 'orders' }, isAwaited: true })
    const { body: { database, host, password, port, tls, user } } = await server.api<{ database: string, host: string, password: string, port: number, tls: { caCertificate: string }, user: string }>('GET', '/api/databases/orders/connection')
    const client = new Client({ host, port, user, password, database, ssl: { ca: tls.caCertificate } })
    await client.connect()
    await client.query('create table ledger as select generate_series(1, 1000) n')
    await server.api('POST', '/api/databases/orders/backups', { isAwaited: true })
    await client.query('insert into ledger select generate_series(1001, 1500)')
    await server.api('POST', '/api/databases/orders/restore-points', { body: { name: 'the-end' } })
    await client.query('insert into ledger select generate_series(1501, 1501)')
    await client.end()
    // A server that stops in order archives its last WAL.
    await server.api('POST', '/api/databases/orders/hibernate', { isAwaited: true })
    await save(server.dataDir, kept.path)
    await cp(join(server.dataDir, 'secret.key'), key)
    return {
      folder: kept.path,
      key,
      id,
      howdah: async (...words) => await program(process.execPath, [main, ...words], { env: { HOWDAH_DATA_DIR: join(kept.path, 'nowhere') } }),
      remove: kept.remove,
    }
  }
  catch (error) {
    await kept.remove()
    throw error
  }
  finally {
    await server.stop()
  }
}

/** Start PostgreSQL from a restored folder, as the command says how, and count what is in `ledger`. */
export async function ledgerOf({ bin, data, passwordFile, user }: RestoredFolder): Promise<{ rows: number, last: number }> {
  const { gid, uid } = await stat(data)
  const server = spawn(join(bin, 'postgres'), ['-D', data, '-k', data, '-c', 'listen_addresses='], { stdio: 'ignore', cwd: '/', env: { PATH: process.env.PATH }, ...process.getuid?.() === 0 ? { uid, gid } : {} })
  const ended = once(server, 'exit')
  try {
    await until(async () => (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).includes('ready'), { deadlineMs: 60_000, everyMs: 50, what: 'PostgreSQL is ready' })
    const client = new Client({ host: data, port: 5432, user, password: (await readFile(passwordFile, 'utf8')).trim(), database: 'orders' })
    await client.connect()
    const { rows: [ledger] } = await client.query<{ rows: number, last: number }>('select count(*)::int as rows, max(n) as last from ledger')
    await client.end()
    return ledger!
  }
  finally {
    server.kill('SIGINT')
    await ended
  }
}
