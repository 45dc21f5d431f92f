import type { DatabaseSpec, RestoreTarget } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { maintenanceDatabase, superuserRole } from '@howdah/postgres'
import { dataOf, placeOf, until } from '@howdah/testkit'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { lookedAtWithinMs } from '../database.ts'
import { databasePaths } from '../paths.ts'
import { testEngine } from '../testing/local-engine.ts'
import { asSuperuser } from '../testing/superuser.ts'

/** Few, so that somebody who wants in can knock at all of them. */
const portRange = { from: 28_430, to: 28_435 }

/** Sessions of our superuser beside the one that asks. */
const others = `from pg_stat_activity where usename = '${superuserRole}' and backend_type = 'client backend' and pid <> pg_backend_pid()`

/** The server that replays is the server of the database. */
describe.each([18, 14])('a database that begins as another was (PostgreSQL %i)', (version) => {
  let test: TestEngine
  let source: DatabaseSpec
  let backup: string
  beforeAll(async () => {
    test = await testEngine({ portRange })
    source = await test.database({ version })
    const client = await test.connect(source)
    await client.query('create table ledger as select n from generate_series(1, 1000) n')
    await client.end()
    backup = randomUUID()
    await until(async () => (await test.engine.takeBackup(source, backup)).outcome === 'done', { deadlineMs: 120_000, what: 'the backup is taken' })
  }, 240_000)
  afterAll(async () => await test.remove(), 120_000)

  const targets: [string, () => RestoreTarget][] = [['latest', () => ({ kind: 'latest' })], ['backup', () => ({ kind: 'backup', backup })]]
  const copyOf = (target: RestoreTarget, change: Partial<DatabaseSpec> = {}): DatabaseSpec => test.spec({ version, from: { id: source.id, target }, ...change })

  /** What the log of the database tells of. */
  async function logOf({ id }: DatabaseSpec): Promise<string> {
    const { log } = databasePaths(await placeOf(test.dataDir, id))
    return (await Promise.all((await readdir(log)).map(async name => await readFile(join(log, name), 'utf8')))).join('')
  }

  /** Make it, as if what looks at it afterwards came in time on a machine however busy. */
  async function settleHolding(copy: DatabaseSpec): Promise<void> {
    const soon = globalThis.setTimeout
    const later = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((work: () => void, ms?: number) => soon(work, ms === lookedAtWithinMs ? 60_000 : ms)) as typeof soon) // nobody here passes it anything else
    try {
      expect(await test.settle(copy)).toEqual({ outcome: 'done' })
    }
    finally {
      later.mockRestore()
    }
  }

  it.each(targets)('is served by one start, with nothing of the replay in its settings (%s)', async (_, target) => {
    const copy = copyOf(target())
    expect(await test.settle(copy)).toEqual({ outcome: 'done' })
    const log = await logOf(copy)
    expect(log.match(/starting PostgreSQL/g)).toHaveLength(1)
    expect(log).toContain('archive recovery complete')
    // Nothing that its owner would have to wonder about.
    expect(log).not.toMatch(/WARNING|archive command failed|FATAL/)
    const { rows: settings } = await asSuperuser(test, copy, maintenanceDatabase, async client => await client.query<{ name: string, setting: string }>(`
      select name, setting from pg_settings
      where pending_restart or name in ('fsync', 'autovacuum', 'archive_mode', 'restore_command', 'wal_init_zero') order by name`))
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({ archive_mode: 'on', autovacuum: 'on', fsync: 'on', restore_command: '', wal_init_zero: 'on' })
    // What is in effect is what the plan compares with.
    expect(await test.engine.plan(copy)).toMatchObject({ steps: [] })
    await test.engine.destroy(copy)
  }, 240_000)

  it('begins its timeline with a segment whose zeros are not written', async () => {
    const copy = copyOf({ kind: 'latest' })
    expect(await test.settle(copy)).toEqual({ outcome: 'done' })
    const wal = join(await dataOf(test.dataDir, copy.id), 'pg_wal')
    const [first = ''] = (await readdir(wal)).filter(name => /^00000002[0-9A-F]{16}$/.test(name)).sort()
    const { blocks, size } = await stat(join(wal, first))
    expect(blocks * 512).toBeLessThan(size / 2)
    await test.engine.destroy(copy)
  }, 240_000)

  it.each(targets)('is looked at by the session that made it, or by another one where that has ended (%s)', async (_, target) => {
    const copy = copyOf(target())
    await settleHolding(copy)
    await asSuperuser(test, copy, maintenanceDatabase, async (client) => {
      const { rows: before } = await client.query(`select pid ${others}`)
      expect(before).toHaveLength(1)
      expect(await test.engine.roles(copy)).toMatchObject([{ name: copy.owner.user }])
      expect((await client.query(`select pid ${others} and query ~ 'rolconnlimit'`)).rows).toEqual(before)
      await client.query(`select pg_terminate_backend(pid) ${others}`)
      expect(await test.engine.logicalDatabases(copy)).toMatchObject([{ name: copy.database }])
    })
    await test.engine.destroy(copy)
  }, 240_000)

  it('has no session held in it for long', async () => {
    const copy = copyOf({ kind: 'latest' })
    expect(await test.settle(copy)).toEqual({ outcome: 'done' })
    await asSuperuser(test, copy, maintenanceDatabase, async client => await until(async () => (await client.query(`select ${others}`)).rowCount === 0, { deadlineMs: 30_000, what: 'nobody holds a session' }))
    await test.engine.destroy(copy)
  }, 240_000)

  it('gets another logical database, though a session is held where those are copied from', async () => {
    const copy = copyOf({ kind: 'latest' })
    await settleHolding(copy)
    await test.engine.ensureLogicalDatabase(copy, { name: 'second', owner: copy.owner.user })
    expect((await test.engine.logicalDatabases(copy)).map(({ name }) => name).sort()).toEqual([copy.database, 'second'].sort())
    await test.engine.destroy(copy)
  }, 240_000)

  it.each(targets)('archives the history of its timeline under its own name, and nothing into the archive of the other (%s)', async (_, target) => {
    const walOf = async ({ id }: DatabaseSpec): Promise<string[]> => await readdir(join(test.dataDir, 'backups', id, 'wal'))
    const copy = copyOf(target())
    expect(await test.settle(copy)).toEqual({ outcome: 'done' })
    const histories = await until(async () => {
      const names = (await walOf(copy)).filter(name => name.endsWith('.history'))
      return names.length > 0 ? names : undefined
    }, { deadlineMs: 60_000, what: 'the history is archived' })
    expect(histories).toEqual(['00000002.history'])
    expect((await walOf(source)).filter(name => name.endsWith('.history') || name.startsWith('00000002'))).toEqual([])
    await test.engine.destroy(copy)
  }, 240_000)

  it.each(targets)('is never opened by what opens the other, at no moment of its making (%s)', async (_, target) => {
    const { endpoint } = await test.observe(source)
    const superuserPassword = (JSON.parse(await readFile(databasePaths(await placeOf(test.dataDir, source.id)).identity, 'utf8')) as { superuserPassword: string }).superuserPassword
    const keys = [{ user: source.owner.user, password: source.owner.password, database: source.database }, { user: superuserRole, password: superuserPassword, database: source.database }]
    const heard = new Set<string>()
    const opened: string[] = []
    const making = { isOver: false }
    async function knock(port: number, key: typeof keys[number]): Promise<void> {
      while (!making.isOver) {
        const client = new Client({ ...key, host: '127.0.0.1', port, ssl: { ca: endpoint?.caCertificate } })
        client.on('error', () => {}) // a cut connection has been told of by then
        try {
          await client.connect()
          opened.push(`${key.user} at ${port}`)
        }
        catch (error) {
          heard.add(error instanceof Error ? error.message : String(error))
        }
        // It may never have begun.
        await client.end().catch(() => {})
      }
    }
    const copy = copyOf(target())
    // The other is opened by it, of course, and members of the pool have no password that anybody knows.
    const ports = Array.from({ length: portRange.to - portRange.from + 1 }, (_, index) => portRange.from + index).filter(port => port !== endpoint?.port)
    const knocking = Promise.all(ports.flatMap(port => keys.map(async key => await knock(port, key))))
    expect(await test.settle(copy)).toEqual({ outcome: 'done' })
    making.isOver = true
    await knocking
    expect(opened).toEqual([])
    // Somebody was there to refuse it.
    expect([...heard].join('\n')).toMatch(/starting up|not yet accepting|pg_hba|password authentication failed/)
    await test.engine.destroy(copy)
  }, 240_000)

  it('is started anew where the server does not come up with its settings, and tells why it does not', async () => {
    const copy = copyOf({ kind: 'latest' }, { parameters: { max_connections: '1' } })
    expect(await test.settle(copy)).toMatchObject({ outcome: 'failed', step: 'start', message: expect.stringContaining('max_connections') as string })
    const mended = { ...copy, parameters: {}, generation: 2 }
    expect(await test.settle(mended)).toEqual({ outcome: 'done' })
    const client = await test.connect(mended)
    expect((await client.query('select count(*)::int from ledger')).rows).toEqual([{ count: 1000 }])
    await client.end()
    expect(await readdir(await dataOf(test.dataDir, mended.id))).not.toContain('recovery.signal')
    await test.engine.destroy(mended)
  }, 240_000)
})
