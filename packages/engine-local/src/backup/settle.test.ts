import type { DatabaseSpec, RestoreTarget } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { maintenanceDatabase, superuserRole } from '@howdah/postgres'
import { readPlaces, until } from '@howdah/testkit'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databasePaths } from '../paths.ts'
import { socketFolderFor } from '../socket-folder.ts'
import { testEngine } from '../testing/local-engine.ts'

/** What the superuser of the source once had instead of the password that we know. */
const another = 'another'

describe('the superuser of a database that begins as another was', () => {
  let test: TestEngine
  let source: DatabaseSpec
  /** While it was another password. */
  let then: string
  beforeAll(async () => {
    test = await testEngine()
    source = await test.database()
    const backup = randomUUID()
    await until(async () => (await test.engine.takeBackup(source, backup)).outcome === 'done', { deadlineMs: 60_000, what: 'the backup is taken' })
    const session = await superuserOf(source)
    await session.query(`alter role ${superuserRole} password '${another}'`)
    const { rows: [row] } = await session.query<{ lsn: string }>('select pg_current_wal_insert_lsn()::text as lsn')
    then = row!.lsn
    await session.query(`alter role ${superuserRole} password '${await passwordOf(source)}'`)
    await session.end()
  }, 120_000)
  afterAll(async () => await test.remove(), 60_000)

  async function placeOf({ id }: DatabaseSpec): Promise<string> {
    return (await readPlaces(test.dataDir)).databases.get(id)!
  }

  async function passwordOf(spec: DatabaseSpec): Promise<string> {
    return (JSON.parse(await readFile(databasePaths(await placeOf(spec)).identity, 'utf8')) as { superuserPassword: string }).superuserPassword
  }

  async function superuserOf(spec: DatabaseSpec, password?: string): Promise<Client> {
    const { endpoint } = await test.observe(spec)
    const client = new Client({ host: await socketFolderFor(test.dataDir, basename(await placeOf(spec)), undefined), port: endpoint?.port ?? 0, user: superuserRole, password: password ?? await passwordOf(spec), database: maintenanceDatabase })
    await client.connect()
    return client
  }

  it.each([
    ['that is copied beside it', (): RestoreTarget => ({ kind: 'latest' })],
    ['out of its archive, where it had a password that is not known', (): RestoreTarget => ({ kind: 'lsn', lsn: then })],
  ])('%s has a password of its own, and none of those before', async (_, target) => {
    const copy = test.spec({ from: { id: source.id, target: target() } })
    expect(await test.settle(copy)).toEqual({ outcome: 'done' })
    for (const password of [another, await passwordOf(source)])
      await expect(superuserOf(copy, password)).rejects.toThrow(/password authentication failed/)
    const session = await superuserOf(copy)
    const { rows } = await session.query('select rolname from pg_authid where rolpassword is not null order by rolname')
    await session.end()
    expect(rows.map(({ rolname }) => rolname as string)).toEqual(['app', superuserRole, 'howdah_monitor'])
  }, 120_000)
})
