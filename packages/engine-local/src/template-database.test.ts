import type { DatabaseSpec } from '@howdah/engine'
import type { TestEngine } from './testing/local-engine.ts'
import process from 'node:process'
import { placeOf, until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databasePaths } from './paths.ts'
import { findPostmaster } from './process.ts'
import { testEngine } from './testing/local-engine.ts'
import { asSuperuser } from './testing/superuser.ts'

describe.each([18, 14])('the template of logical databases (PostgreSQL %i)', (version) => {
  let test: TestEngine
  let spec: DatabaseSpec

  beforeAll(async () => {
    test = await testEngine()
    spec = await test.database({ version })
  })

  afterAll(async () => {
    await test.remove()
  })

  const databases = async (): Promise<unknown> => await asSuperuser(test, spec, 'postgres', async client =>
    (await client.query<{ datname: string }>('select datname from pg_database order by 1')).rows.map(({ datname }) => datname))

  const add = async (name: string): Promise<void> => await test.engine.ensureLogicalDatabase(spec, { name, owner: spec.owner.user })

  it('is not there before somebody needs it', async () => {
    expect(await databases()).toEqual(['app', 'postgres'])
  })

  it('is made with the first logical database that is added, from what a kill has left and with nothing of ours', async () => {
    await test.becomes(spec, 'ready')
    await asSuperuser(test, spec, 'postgres', async client => await client.query('create schema howdah; create table howdah.canary ()'))
    await asSuperuser(test, spec, 'postgres', async client => await client.query('create database howdah_template template app is_template true allow_connections false'))
    await Promise.all([add('second'), add('third')])
    expect(await databases()).toEqual(['app', 'postgres', 'second', 'template1', 'third'])
    for (const database of ['second', 'third']) {
      const client = await test.connect(spec, { database })
      expect((await client.query('select nspname from pg_namespace where nspname !~ \'^pg_\' order by 1')).rows).toEqual([{ nspname: 'information_schema' }, { nspname: 'public' }])
      expect((await client.query('select has_schema_privilege(current_user, \'public\', \'create\') as mine, has_schema_privilege(\'howdah_monitor\', \'public\', \'create\') as everybodys')).rows).toEqual([{ mine: true, everybodys: false }])
      await client.end()
    }
  })

  it('lets nobody in, and nobody change it', async () => {
    await expect(test.connect(spec, { database: 'template1' })).rejects.toThrow(/permission denied/)
    const owner = await test.connect(spec)
    await expect(owner.query('alter database template1 set search_path = public')).rejects.toThrow(/must be owner/)
    await owner.end()
  })

  it('keeps our monitoring away for that moment only: it reported nothing, and notices the end of the server', async () => {
    expect(test.heard.filter(({ kind }) => kind === 'event')).toEqual([])
    await until(async () => (await test.observe(spec)).connections !== undefined, { deadlineMs: 30_000, what: 'the monitoring is back' })
    process.kill((await findPostmaster(databasePaths(await placeOf(test.dataDir, spec.id)).data))?.pid ?? 0, 'SIGKILL')
    await until(() => test.heard.some(heard => heard.kind === 'event' && heard.event.type === 'instance.restarted'), { deadlineMs: 60_000, what: 'the server is back' })
    await test.becomes(spec, 'ready')
  })
})
