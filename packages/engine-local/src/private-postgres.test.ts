import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { temporaryFolder, until } from '@howdah/testkit'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolveAccount } from './account.ts'
import { openPrivatePostgres } from './private-postgres.ts'
import { findPostmaster, killLeftovers } from './process.ts'

describe('the private PostgreSQL', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let data: string
  beforeEach(async () => {
    folder = await temporaryFolder()
    data = join(folder.path, 'store', 'data')
  })
  afterEach(async () => {
    await killLeftovers(data)
    await folder.remove()
  })

  const open = async (options: { isKept?: boolean } = {}) => await openPrivatePostgres({ dataDir: folder.path, ...options })

  async function ask(connection: pg.ClientConfig, sql: string): Promise<unknown[]> {
    const client = new pg.Client(connection)
    await client.connect()
    try {
      return (await client.query(sql)).rows
    }
    finally {
      await client.end()
    }
  }

  it('is started again when it ends by itself, with everything that was committed', async () => {
    const server = await open()
    await ask(server.connection, 'create table t as select 1 as n')
    const pid = (await findPostmaster(data))!.pid
    process.kill(pid, 'SIGKILL')
    const rows = await until(() => ask(server.connection, 'select n from t').catch(() => undefined), { deadlineMs: 20_000, what: 'the store answers again' })
    expect(rows).toEqual([{ n: 1 }])
    expect((await findPostmaster(data))?.pid).not.toBe(pid)
    await server.close()
    expect(await findPostmaster(data)).toBeUndefined()
  })

  it('keeps its data over a stop and a start', async () => {
    const first = await open()
    await ask(first.connection, 'create table t as select 1 as n')
    await first.close()
    expect(await findPostmaster(data)).toBeUndefined()
    const second = await open()
    expect(await ask(second.connection, 'select n from t')).toEqual([{ n: 1 }])
    await second.close()
  })

  it('is adopted where it runs, also by several at once, and stopped by the last of them', async () => {
    const servers = await Promise.all([open(), open(), open()])
    const pid = (await findPostmaster(data))?.pid
    const [first, ...others] = servers
    const client = new pg.Client(first.connection)
    await client.connect()
    for (const other of others)
      await other.close()
    expect((await findPostmaster(data))?.pid).toBe(pid)
    await client.end()
    await first.close()
    expect(await findPostmaster(data)).toBeUndefined()
  })

  it('comes back after kill -9, and after a reboot that left a pid file of a stranger', async () => {
    // Nobody else starts it again in between: that would remove the pid file which the stranger's number is written to.
    const first = await open({ isKept: false })
    await ask(first.connection, 'create table t as select 1 as n')
    const pid = (await findPostmaster(data))?.pid ?? 0
    const other = await openPrivatePostgres({ dataDir: join(folder.path, 'other') })
    const stranger = (await findPostmaster(join(folder.path, 'other', 'store', 'data')))?.pid ?? 0
    process.kill(pid, 'SIGKILL')
    const second = await open({ isKept: false })
    expect(await ask(second.connection, 'select n from t')).toEqual([{ n: 1 }])
    await killLeftovers(data)
    for (const file of [join(data, 'postmaster.pid'), join(first.connection.host, `.s.PGSQL.${first.connection.port}.lock`)])
      await writeFile(file, (await readFile(file, 'utf8')).replace(/^\d+/, String(stranger)))
    const third = await open()
    expect(await ask(third.connection, 'select n from t')).toEqual([{ n: 1 }])
    await third.close()
    await other.close()
  })

  it('is started where the one that was found ends just then', async () => {
    const first = await open({ isKept: false })
    await ask(first.connection, 'create table t as select 1 as n')
    const { pid } = (await findPostmaster(data))!
    // One that is stopped is found, and takes connections that it never answers.
    process.kill(pid, 'SIGSTOP')
    const opening = open({ isKept: false })
    await delay(300)
    process.kill(pid, 'SIGKILL')
    const second = await opening
    expect(await ask(second.connection, 'select n from t')).toEqual([{ n: 1 }])
    await second.close()
  })

  it('listens on no port, asks for its password, and lets nobody else near it', async () => {
    const server = await open()
    expect(await ask(server.connection, 'show listen_addresses')).toEqual([{ listen_addresses: '' }])
    await expect(ask({ ...server.connection, password: 'guess' }, 'select 1')).rejects.toThrow(/password/)
    expect((await stat(server.connection.host)).mode & 0o777).toBe(0o700)
    expect((await stat(join(folder.path, 'store', 'password'))).mode & 0o777).toBe(0o600)
    expect((await stat(data)).mode & 0o777).toBe(0o700)
    const argv = await readFile(`/proc/${(await findPostmaster(data))?.pid}/cmdline`, 'utf8')
    const environment = await readFile(`/proc/${(await findPostmaster(data))?.pid}/environ`, 'utf8')
    expect(argv + environment).not.toContain(server.connection.password)
    await server.close()
  })

  it('leaves nothing that looks whole when it is killed while it is made', async () => {
    await writeFile(join(folder.path, 'store'), '').catch((error: unknown) => error)
    await expect(open()).rejects.toThrow()
    expect(await readdir(folder.path)).not.toContain('data')
  })

  it.skipIf(process.getuid?.() !== 0)('names the folder that its account may not enter', async () => {
    const account = await resolveAccount()
    await chmod(folder.path, 0o700)
    await expect(openPrivatePostgres({ dataDir: join(folder.path, 'deep', 'er') })).rejects.toThrow(`"${account?.name}", which may not enter ${folder.path}.`)
  })
})
