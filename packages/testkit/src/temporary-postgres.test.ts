import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { temporaryPostgres } from './temporary-postgres.ts'

let postgres: Awaited<ReturnType<typeof temporaryPostgres>>
beforeAll(async () => {
  postgres = await temporaryPostgres()
})
afterAll(async () => await postgres.close())

async function ask(config: pg.ClientConfig, sql: string): Promise<unknown[]> {
  const client = new pg.Client(config)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  }
  finally {
    await client.end()
  }
}

it('a copy of a template has its content and is apart from it', async () => {
  const template = await postgres.createTemplate(async ({ connection }) => {
    await ask(connection, 'create table t as select 1 as one')
  })
  const [a, b] = [await postgres.createDatabase(template), await postgres.createDatabase(template)]
  await ask(a.connection, 'insert into t values (2)')
  expect(await ask(a.connection, 'select count(*)::int from t')).toEqual([
    { count: 2 },
  ])
  expect(await ask(b.connection, 'select count(*)::int from t')).toEqual([
    { count: 1 },
  ])
})

it('the url connects to the same database', async () => {
  const database = await postgres.createDatabase()
  const rows = await ask({ connectionString: database.url }, 'select current_database() as name')
  expect(rows).toEqual([
    { name: database.connection.database },
  ])
})

it('a dropped database is gone even while someone is connected', async () => {
  const database = await postgres.createDatabase()
  const client = new pg.Client(database.connection)
  // node-postgres says twice that it was cut off.
  const ended = new Promise(resolve => client.on('error', resolve))
  await client.connect()
  await database.drop()
  await ended
  await expect(ask(database.connection, 'select 1')).rejects.toThrow(/does not exist/)
})
