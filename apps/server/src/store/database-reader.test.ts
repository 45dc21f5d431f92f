import type { TemporaryPostgres } from '@howdah/testkit'
import type { DatabaseReader } from './database-reader.ts'
import type { Store } from './db.ts'
import { randomUUID } from 'node:crypto'
import { temporaryPostgres } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { databaseReader } from './database-reader.ts'
import { openStore } from './db.ts'
import { migrate } from './migrate.ts'

const project = randomUUID()
let postgres: TemporaryPostgres
let store: Store
let read: DatabaseReader

beforeAll(async () => {
  postgres = await temporaryPostgres()
  const { connection } = await postgres.createDatabase()
  store = openStore(connection, 5, () => {})
  await migrate(store.pool)
  await store.db.insertInto('projects').values({ id: project, name: 'reader' }).execute()
  for (const name of ['one', 'two'])
    await insert(name)
  read = databaseReader(store.pool)
})

afterAll(async () => {
  await store.close()
  await postgres.close()
})

async function insert(name: string): Promise<void> {
  await store.db.insertInto('databases').values({
    id: randomUUID(),
    project_id: project,
    name,
    location: 'here',
    version: 18,
    instances: 1,
    storage_gib: 10,
    cpu: 1,
    memory_mib: 512,
    durability: 'async',
    main_db: name,
    owner: name,
    phase: 'ready',
    operation_id: null,
    labels: '{}',
    parameters: '{}',
    observed: null,
    failure: null,
  }).execute()
}

it('a row is read whole, as any other statement reads it', async () => {
  const row = await store.db.selectFrom('databases').selectAll().where('name', '=', 'one').executeTakeFirstOrThrow()
  expect(await read(project, 'one')).toEqual(row)
})

it('a row that somebody changed is read as it is now', async () => {
  await read(project, 'one')
  for (const reason of ['First', 'Second']) {
    await store.db.updateTable('databases').set({ reason }).where('name', '=', 'one').execute()
    expect(await read(project, 'one')).toMatchObject({ reason })
  }
})

it('a row that was deleted is not there, and one of the same name is another', async () => {
  await insert('brief')
  const before = await read(project, 'brief')
  await store.db.deleteFrom('databases').where('name', '=', 'brief').execute()
  expect(await read(project, 'brief')).toBeUndefined()
  await insert('brief')
  const after = await read(project, 'brief')
  expect(after?.id).not.toBe(before?.id)
})

it('a row that nobody changed is the same object', async () => {
  expect(await read(project, 'two')).toBe(await read(project, 'two'))
})

it('a name of another project is not there', async () => {
  expect(await read(randomUUID(), 'one')).toBeUndefined()
})

it('requests at the same time get their own rows, and share statements', async () => {
  let statements = 0
  const count = (): void => void statements++
  store.pool.on('acquire', count)
  const names = Array.from({ length: 300 }, (_, n) => ['one', 'two', 'none'][n % 3]!)
  const rows = await Promise.all(names.map(async name => await read(project, name)))
  store.pool.off('acquire', count)
  expect(rows.map(row => row?.name ?? 'none')).toEqual(names)
  expect(statements).toBeLessThan(10)
})

it('a statement that fails fails the requests that wait for it, and no later one', async () => {
  await expect(read('not an id', 'one')).rejects.toThrow('uuid')
  expect(await read(project, 'one')).toBeDefined()
})
