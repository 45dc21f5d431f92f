import type { DatabaseSpec } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { endSegment, maintenanceDatabase, parseLsn, segmentAt, segmentOf } from '@howdah/postgres'
import { placeOf, until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openArchiveFile } from '../archive/archive-file.ts'
import { archiveWal } from '../archive/wal-files.ts'
import { databasePaths } from '../paths.ts'
import { testEngine } from '../testing/local-engine.ts'
import { asSuperuser } from '../testing/superuser.ts'

let test: TestEngine
beforeAll(async () => {
  test = await testEngine({ timings: { checkEvery: 100 } })
}, 120_000)
afterAll(async () => await test.remove(), 60_000)

const archive = (spec: DatabaseSpec): string => join(test.dataDir, 'backups', spec.id)
async function segments(spec: DatabaseSpec): Promise<string[]> {
  return (await readdir(join(archive(spec), 'wal'))).filter(name => segmentOf(name)).sort()
}

/** Write more than a segment holds. */
async function fillSegment(spec: DatabaseSpec): Promise<void> {
  const client = await test.connect(spec)
  await client.query('create table if not exists filler (text text); insert into filler select repeat(md5(n::text), 8) from generate_series(1, 80000) n')
  await client.end()
}

describe('archiving', () => {
  it('goes on while no control plane is there', async () => {
    const spec = await test.database()
    const client = await test.connect(spec)
    await test.engine.close()
    const before = await segments(spec)
    await client.query('create table much as select repeat(md5(n::text), 8) as filler from generate_series(1, 150000) n')
    await client.end()
    await until(async () => (await segments(spec)).length > before.length + 1, { deadlineMs: 30_000, what: 'segments arrive in the archive' })
    await test.reopen()
  }, 90_000)

  it('that fails makes the database degraded, loses nothing, and is made up for', async () => {
    const spec = await test.database()
    await test.becomes(spec, 'ready')
    const wal = join(archive(spec), 'wal')
    const before = await segments(spec)
    await rename(wal, `${wal}.away`)
    await writeFile(wal, 'no folder')
    await fillSegment(spec)
    expect(await test.becomes(spec, 'degraded')).toMatchObject({ reason: 'ArchiveStuck', message: expect.stringContaining('does not take') })
    await rm(wal)
    await rename(`${wal}.away`, wal)
    await test.becomes(spec, 'ready', 90_000)
    expect((await segments(spec)).length).toBeGreaterThan(before.length)
    expect(test.heard.flatMap(item => item.kind === 'event' && item.event.ref.id === spec.id ? [item.event.type] : [])).toEqual(expect.arrayContaining(['archive.stuck', 'archive.resumed']))
  }, 150_000)

  it('that has no folder when the control plane starts keeps no database from being served', async () => {
    const spec = await test.database()
    const folder = join(test.dataDir, 'backups')
    const away = async (): Promise<void> => {
      await rename(folder, `${folder}.away`)
      await writeFile(folder, 'no folder')
    }
    const back = async (): Promise<void> => {
      await rm(folder)
      await rename(`${folder}.away`, folder)
    }
    await away()
    try {
      await test.reopen()
      await fillSegment(spec)
      expect(await test.becomes(spec, 'degraded')).toMatchObject({ reason: 'ArchiveStuck' })
      const another = test.spec()
      await expect(test.settle(another)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('the archive is away') })
    }
    finally {
      await back()
    }
    await test.becomes(spec, 'ready', 90_000)
  }, 150_000)

  it.each([18, 14])('is waited for of segments that have ended, also where another session ended one just before (PostgreSQL %i)', async (version) => {
    const spec = await test.database({ version })
    await asSuperuser(test, spec, maintenanceDatabase, async (client) => {
      const session = { query: async <Row extends object>(text: string) => (await client.query<Row>(text)).rows }
      for (const nobodyWroteSince of [false, true]) {
        const ended = segmentOf(await endSegment(session))
        const { rows: [row] } = await client.query<{ lsn: string }>('select pg_current_wal_insert_lsn()::text as lsn')
        expect(ended?.number, String(nobodyWroteSince)).toBeLessThan(segmentAt(parseLsn(row?.lsn ?? '') ?? 0n))
      }
    })
  }, 60_000)

  it('is nothing that the owner of a database can change or get at', async () => {
    const [spec, neighbour] = [await test.database(), await test.database()]
    const client = await test.connect(spec)
    const refused = async (sql: string): Promise<void> => {
      await expect(client.query(sql), sql).rejects.toThrow(/permission denied|cannot be changed|must be superuser|must be a superuser/)
    }
    for (const name of ['archive_command', 'archive_mode', 'archive_timeout', 'archive_library', 'wal_level', 'restore_command']) {
      await refused(`alter system set ${name} = ''`)
      await refused(`set ${name} = ''`)
      expect((await test.engine.plan({ ...spec, generation: 2, parameters: { [name]: 'x' } })).refusals, name).toMatchObject([{ pointer: `/parameters/${name}` }])
    }
    await refused('select pg_switch_wal()')
    await refused('select pg_create_restore_point(\'mine\')')
    await refused(`select pg_backup_start('mine')`)
    await refused('select pg_ls_archive_statusdir()')
    for (const path of [join(archive(neighbour), 'wal'), join(databasePaths(await placeOf(test.dataDir, spec.id)).instance, 'archive.json')])
      await refused(`select pg_read_file('${path}')`)
    // What everybody may read tells neither where the archive is nor a key.
    const { rows: [row] } = await client.query<{ archive_command: string }>('show archive_command')
    expect(row?.archive_command).not.toContain(test.dataDir)
    await client.end()
  }, 60_000)

  it('keeps keys from everybody but the account that the server runs as', async () => {
    const spec = await test.database()
    const { instance } = databasePaths(await placeOf(test.dataDir, spec.id))
    expect((await stat(join(instance, 'archive.json'))).mode & 0o777).toBe(0o600)
    const [own, other] = await Promise.all([spec, await test.database()].map(async ({ id }) =>
      JSON.parse(await readFile(join(databasePaths(await placeOf(test.dataDir, id)).instance, 'archive.json'), 'utf8')) as { keys: { secret: string }[] }))
    expect(own?.keys[0]?.secret).not.toBe(other?.keys[0]?.secret)
  }, 60_000)

  it('refuses a second server that writes other WAL under the same name', async () => {
    const spec = await test.database()
    await fillSegment(spec)
    await until(async () => (await segments(spec)).length > 0, { deadlineMs: 30_000 })
    const [name = ''] = await segments(spec)
    const sealed = await readFile(join(archive(spec), 'wal', name))
    const stranger = join(test.dataDir, 'stranger')
    await mkdir(stranger)
    await writeFile(join(stranger, name), 'other WAL')
    const opened = await openArchiveFile(join(databasePaths(await placeOf(test.dataDir, spec.id)).instance, 'archive.json'))
    await expect(archiveWal(opened, join(stranger, name), name)).rejects.toThrow(`the archive has another ${name}`)
    expect(await readFile(join(archive(spec), 'wal', name))).toEqual(sealed)
  }, 60_000)
})
