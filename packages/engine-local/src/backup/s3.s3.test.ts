import type { DatabaseSpec } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import type { S3Server } from '../testing/s3-server.ts'
import { randomUUID } from 'node:crypto'
import { readdir, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { segmentOf } from '@howdah/postgres'
import { temporaryFolder, until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testArchives } from '../testing/archives.ts'
import { testEngine } from '../testing/local-engine.ts'
import { s3Server } from '../testing/s3-server.ts'

/** What the archive promises, kept with a bucket instead of a folder, and what happens when the bucket is not as it was. */
describe('an archive in S3', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let server: S3Server
  let test: TestEngine
  const inBucket = (change: { secretAccessKey?: string } = {}) => ({ ...testArchives(folder.path), store: { ...server.options, ...change } })

  beforeAll(async () => {
    folder = await temporaryFolder()
    server = await s3Server(folder.path)
    test = await testEngine({ archives: inBucket(), timings: { checkEvery: 100 } })
  })
  afterAll(async () => {
    await server.start()
    await test.remove()
    await server.stop()
    await folder.remove()
  })

  async function take(spec: DatabaseSpec): Promise<string> {
    const id = randomUUID()
    await until(async () => (await test.engine.takeBackup(spec, id)).outcome === 'done', { deadlineMs: 100_000 })
    return id
  }

  async function write(spec: DatabaseSpec, rows: number): Promise<void> {
    const client = await test.connect(spec)
    await client.query('create table if not exists ledger (n serial, text text)')
    await client.query('insert into ledger (text) select repeat(md5(n::text), 8) from generate_series(1, $1) n', [rows])
    await client.end()
  }

  async function rowsOf(spec: DatabaseSpec): Promise<number> {
    const client = await test.connect(spec)
    const { rows: [row] } = await client.query<{ count: number }>('select count(*)::int from ledger')
    await client.end()
    return row?.count ?? 0
  }

  async function segments(spec: DatabaseSpec): Promise<string[]> {
    return (await readdir(join(server.folder, spec.id, 'wal'))).filter(name => segmentOf(name)).sort()
  }

  const restored = async (spec: DatabaseSpec, backup: string) => await test.settle(test.spec({ from: { id: spec.id, target: { kind: 'backup', backup } } }))

  it('holds WAL and backups, sealed, and a database begins from it as the other was', async () => {
    const spec = await test.database()
    await write(spec, 1000)
    const backup = await take(spec)
    await write(spec, 500)
    const point = await test.engine.createRestorePoint(spec, 'here')
    await write(spec, 10)
    expect((await test.engine.backups(spec)).map(({ id }) => id)).toEqual([backup])
    const copy = test.spec({ from: { id: spec.id, target: { kind: 'name', name: point.name } } })
    expect(await test.settle(copy)).toEqual({ outcome: 'done' })
    expect(await rowsOf(copy)).toBe(1500)
    await until(async () => (await readdir(join(server.folder, copy.id, 'wal')).catch(() => [])).length > 0, { deadlineMs: 20_000, what: 'the copy has an archive of its own' })
    for (const name of await segments(spec))
      expect((await readFile(join(server.folder, spec.id, 'wal', name))).toString('latin1', 0, 4)).toBe('HWD1')
    await test.engine.destroy(spec)
    await test.engine.destroyArchive(spec)
    expect((await readdir(server.folder, { recursive: true })).filter(name => name.startsWith(`${spec.id}/`) && /\d{6}$|backup$|^\S{24}$/.test(name))).toEqual([])
  })

  it('that is away makes the database degraded with the reason; nothing is lost, and it goes on by itself', async () => {
    const spec = await test.database()
    await write(spec, 10)
    const backup = await take(spec)
    await test.becomes(spec, 'ready')
    await server.stop()
    await write(spec, 80_000)
    expect(await test.becomes(spec, 'degraded')).toMatchObject({ reason: 'ArchiveStuck', message: expect.stringContaining(`${server.endpoint} cannot be reached (ECONNREFUSED)`) })
    await expect(test.engine.backups(spec)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('cannot be reached') })
    await server.start()
    await test.becomes(spec, 'ready', 100_000)
    expect(test.heard.flatMap(item => item.kind === 'event' && item.event.ref.id === spec.id ? [item.event.type] : [])).toEqual(expect.arrayContaining(['archive.stuck', 'archive.resumed']))
    const point = await test.engine.createRestorePoint(spec, 'after')
    const copy = test.spec({ from: { id: spec.id, target: { kind: 'name', name: point.name } } })
    expect(await test.settle(copy)).toEqual({ outcome: 'done' })
    expect(await rowsOf(copy)).toBe(80_010)
    expect((await test.engine.backups(spec)).map(({ id }) => id)).toEqual([backup])
  })

  it('whose access key was changed says so, and a new one is taken up while the database runs', async () => {
    const spec = await test.database()
    await test.becomes(spec, 'ready')
    await test.reopen({ archives: inBucket({ secretAccessKey: 'no longer this one' }) })
    await write(spec, 80_000)
    const { message } = await test.becomes(spec, 'degraded')
    expect(message).toContain('does not let this access key into the bucket "archives"')
    expect(message).not.toContain('no longer this one')
    await test.reopen()
    await test.becomes(spec, 'ready', 100_000)
  })

  it('that goes away in the middle of a backup is waited for, and the backup is whole', async () => {
    const spec = await test.database()
    await write(spec, 200_000)
    const id = randomUUID()
    const isCopying = server.hold('/base/')
    await test.engine.takeBackup(spec, id)
    await isCopying
    await server.stop()
    await until(async () => {
      const progress = await test.engine.takeBackup(spec, id)
      return progress.outcome === 'wait' && progress.reason.includes('tried again')
    }, { deadlineMs: 60_000, what: 'the backup waits for the store' })
    await server.start()
    await until(async () => (await test.engine.takeBackup(spec, id)).outcome === 'done', { deadlineMs: 100_000 })
    expect(await restored(spec, id)).toEqual({ outcome: 'done' })
  })

  it('with an object that was cut off is not restored', async () => {
    const spec = await test.database()
    await write(spec, 1000)
    const backup = await take(spec)
    await truncate(join(server.folder, spec.id, 'base', backup, '000001'), 5000)
    expect(await restored(spec, backup)).toMatchObject({ outcome: 'failed', reason: 'ArchiveDamaged', message: expect.stringContaining('is damaged') })
  })

  it('is nothing whose access key stands where it could be read', async () => {
    const spec = await test.database()
    const client = await test.connect(spec)
    const { rows } = await client.query<{ setting: string }>('select setting from pg_settings union all select current_setting(\'archive_command\')')
    expect(rows.some(({ setting }) => setting?.includes(server.settings.secretAccessKey))).toBe(false)
    await client.end()
    const commands = await Promise.all((await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(async pid => await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
    expect(commands.some(command => command.includes(server.settings.secretAccessKey))).toBe(false)
  })
})
