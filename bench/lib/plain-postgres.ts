import type { Context } from './bench.ts'
import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chown, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '@howdah/testkit'
import pg from 'pg'

const run = promisify(execFile)
const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** PostgreSQL without a platform around it. */
export interface PlainPostgres {
  readonly version: string
  /** Milliseconds of `initdb`, start and first query, one after the other. What it made is gone when it resolves. */
  readonly make: () => Promise<number>
  /** Milliseconds until a server answers this role on a folder that was copied from a running one, with nothing synced. It is stopped when it resolves. */
  readonly start: (data: string, user: string) => Promise<number>
}

/**
 * The floor of a create: what anybody does who has the same programs and no pool. The flags are those that the local
 * driver gives; there is no TLS and no password to check, and the socket is asked every millisecond whether it answers.
 */
export async function plainPostgres({ afterwards }: Context, dataDir: string): Promise<PlainPostgres> {
  const [version] = (await readdir(join(dataDir, 'postgresql'))).filter(name => /^\d+\.\d+$/.test(name)).sort((a, b) => Number(b) - Number(a))
  if (version === undefined)
    throw new Error('the server has installed no PostgreSQL')
  const bin = join(dataDir, 'postgresql', version, 'bin')
  const { uid, gid } = await stat(join(dataDir, 'store', 'data'))
  const folder = join(dirname(dataDir), 'plain')
  await mkdir(folder, { mode: 0o755 })
  // As the local driver does: what is made here does not pass over what was deleted here.
  await run('chattr', ['+T', folder]).catch(() => undefined)
  const running = new Set<() => Promise<void>>()
  afterwards(async () => void await Promise.all([...running].map(end => end())))

  /** Answers how to end it, once it answers. */
  async function begin(data: string, user: string, settings: readonly string[] = []): Promise<() => Promise<void>> {
    const port = await freePort()
    const server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', ...settings], { uid, gid, cwd: '/', env: environment, stdio: 'ignore' })
    const ended = new Promise(resolve => server.once('exit', resolve))
    const end = async (): Promise<void> => {
      server.kill('SIGQUIT')
      await ended
      running.delete(end)
    }
    running.add(end)
    await until(async () => await isAnswering(port, user), { deadlineMs: 30_000, everyMs: 1, what: 'the plain PostgreSQL answers' })
    return end
  }

  return {
    version,
    async make() {
      const data = join(folder, randomUUID())
      await mkdir(data, { mode: 0o700 })
      await chown(data, uid, gid)
      const begun = performance.now()
      await run(join(bin, 'initdb'), ['--pgdata', data, '--username', 'plain', '--auth=trust', '--data-checksums', '--encoding=UTF8', '--locale=C.UTF-8', '--no-instructions'], { uid, gid, cwd: '/', env: environment })
      const end = await begin(data, 'plain')
      const took = performance.now() - begun
      await end()
      await rm(data, { recursive: true })
      return took
    },
    async start(data, user) {
      const trusting = join(folder, 'trusting.conf')
      await writeFile(trusting, 'host all all 127.0.0.1/32 trust\n')
      await rm(join(data, 'postmaster.pid'), { force: true })
      const begun = performance.now()
      const end = await begin(data, user, ['-c', `hba_file=${trusting}`, '-c', 'fsync=off'])
      const took = performance.now() - begun
      await end()
      return took
    },
  }
}

async function isAnswering(port: number, user: string): Promise<boolean> {
  const client = new pg.Client({ host: '127.0.0.1', port, user, database: 'postgres' })
  try {
    await client.connect()
    await client.query('select 1')
    return true
  }
  catch (error) {
    // Not yet: nothing listens, or the server says that it is starting.
    if (error instanceof Error && 'code' in error && (error.code === 'ECONNREFUSED' || error.code === '57P03'))
      return false
    throw error
  }
  finally {
    await client.end()
  }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (typeof address !== 'object' || address === null)
    throw new Error('a TCP server has a port')
  return address.port
}
