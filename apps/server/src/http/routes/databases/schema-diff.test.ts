import type { Platform } from '../../../../test/platform.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'

let platform: Platform
beforeAll(async () => {
  platform = await createPlatform()
  await platform.create('orders')
  await platform.create('branch', { from: { database: 'orders' } })
})
afterAll(async () => await platform.close())

const ask = async (name: string, query = '') => await platform.ask('GET', `/api/databases/${name}/schema-diff${query}`)

describe('200', () => {
  it('nothing at first; then what was changed, against the parent and the other way round', async () => {
    expect(await ask('branch')).toMatchObject({ status: 200, body: { database: 'branch', against: 'orders', changes: [] } })
    await platform.ask('PATCH', '/api/databases/branch', { extensions: ['cube'] }, { prefer: 'wait=10' })
    expect((await ask('branch')).body.changes).toEqual([{ change: 'added', kind: 'extension', schema: '', name: 'cube', before: null, after: 'version 1.0' }])
    expect((await ask('orders', '?against=branch')).body.changes).toMatchObject([{ change: 'removed', name: 'cube' }])
  })
})

describe('404', () => {
  it('a database or a logical database that is not there', async () => {
    expect((await ask('missing')).status).toBe(404)
    expect((await ask('branch', '?db=missing')).status).toBe(404)
  })
})

describe('422', () => {
  it('what began as no other has to be told what to compare it with, and that has to be in the project', async () => {
    for (const query of ['', '?against=missing'])
      expect((await ask('orders', query)).body).toMatchObject({ status: 422, errors: [{ pointer: '/against' }] })
  })
})
