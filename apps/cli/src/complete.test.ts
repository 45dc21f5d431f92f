import { expect, it } from 'vitest'
import { runHowdah } from './testing/run-howdah.ts'

async function complete(...words: string[]): Promise<string[]> {
  return (await runHowdah(['complete', '--', ...words])).out.split('\n').filter(Boolean)
}

it('offers nouns, and not what is for programs', async () => {
  expect(await complete('')).toContain('db')
  expect(await complete('')).not.toContain('complete')
  expect(await complete('ext')).toEqual(['extension'])
})

it('offers verbs of a noun', async () => expect(await complete('db', 're')).toEqual(['restart', 'restore', 'resume']))

it('offers names of databases where a database is asked for', async () => {
  expect(await complete('db', 'get', '')).toContain('orders')
  expect(await complete('db', 'get', 'orders', 'o')).toEqual([])
})

it('offers options, and the choices of one', async () => {
  expect(await complete('db', 'update', 'orders', '--dur')).toEqual(['--durability'])
  expect(await complete('db', 'update', 'orders', '--durability', '')).toEqual(['async', 'sync'])
  expect(await complete('db', 'list', '-o', 'j')).toEqual(['json'])
})

it('a server that cannot be reached offers no name and no error', async () => {
  const ran = await runHowdah(['complete', '--', 'db', 'get', 'o'], { answers: { 'GET /api/databases': { status: 401, json: {} } } })
  expect(ran).toMatchObject({ out: '', err: '', code: 0 })
})
