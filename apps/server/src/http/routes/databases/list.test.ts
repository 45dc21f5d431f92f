import type { Platform } from '../../../../test/platform.ts'
import { Buffer } from 'node:buffer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'

let platform: Platform
beforeAll(async () => {
  // Nothing works off what is asked for: all of them stay as they are.
  platform = await createPlatform({ isWorking: false })
  for (const [name, labels] of [['b', { team: 'a', tier: 'gold' }], ['d', { team: 'a' }], ['f', { team: 'b', tier: 'gold' }], ['h', {}], ['x-100', { team: 'a=b' }]] as const)
    await platform.ask('POST', '/api/databases', { name, labels: Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== 'a=b')) })
  await platform.domain.store.db.updateTable('databases').set({ phase: 'ready' }).where('name', 'in', ['b', 'f']).execute()
})
afterAll(async () => await platform.close())

const list = (query = '') => platform.ask('GET', `/api/databases${query}`)
async function namesOf(query: string): Promise<string> {
  const { status, body, text } = await list(query)
  expect(status, text).toBe(200)
  return body.items.map((item: { name: string }) => item.name).join(' ')
}

describe('200', () => {
  it('all of the project, in the order of their names', async () => {
    expect(await namesOf('')).toBe('b d f h x-100')
  })
  it('none of another project', async () => {
    const token = await platform.tokenFor({ project: 'other' })
    expect((await platform.inject({ url: '/api/databases', token })).body).toEqual({ items: [], nextCursor: null })
  })

  it.each([
    ['?phase=ready', 'b f'],
    ['?phase=ready&phase=provisioning', 'b d f h x-100'],
    ['?phase=failed', ''],
    ['?label=team=a', 'b d'],
    ['?label=team=a&label=tier=gold', 'b'],
    ['?label=tier', 'b f'],
    ['?label=tier&label=team=b', 'f'],
    ['?label=team=', ''],
    ['?label=missing', ''],
    ['?q=1', 'x-100'],
    ['?q=X-1', 'x-100'],
    ['?q=-', 'x-100'],
    ['?q=', 'b d f h x-100'],
    ['?q=d&phase=ready', ''],
    ['?limit=2', 'b d'],
  ])('%s → %s', async (query, expected) => {
    expect(await namesOf(query)).toBe(expected)
  })

  it.each(['%', '_', 'b%', '\\', '\'', '\' or 1=1 --', '$1', '"', '*', '.', '🐘'])('q=%s is only a text', async (q) => {
    expect(await namesOf(`?q=${encodeURIComponent(q)}`)).toBe('')
  })
  it.each(['team=%', 'team=\'', '\'=a', 'team"=a', '{}', 'team={"a":1}', '🐘=🐘', '?=?', '$.team'])('label=%s is only a text', async (label) => {
    expect(await namesOf(`?label=${encodeURIComponent(label)}`)).toBe('')
  })
})

describe('pages', () => {
  async function walk(query: string, between?: (page: number) => Promise<void>): Promise<string[]> {
    const names: string[] = []
    let cursor: string | null = ''
    for (let page = 0; cursor !== null; page++) {
      const { body } = await list(`${query}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`) as { body: { items: { name: string }[], nextCursor: string | null } }
      names.push(...body.items.map(item => item.name))
      cursor = body.nextCursor
      await between?.(page)
    }
    return names
  }

  it('follow each other without a gap, whatever their size', async () => {
    for (const limit of [1, 2, 3, 5, 200])
      expect(await walk(`?limit=${limit}`)).toEqual(['b', 'd', 'f', 'h', 'x-100'])
  })
  it('keep to their filter', async () => {
    expect(await walk('?limit=1&label=team=a')).toEqual(['b', 'd'])
  })
  it('show nothing twice and skip nothing that was there, while others come and go', async () => {
    const seen = await walk('?limit=1', async (page) => {
      await platform.ask('POST', '/api/databases', { name: `a${page}` })
      await platform.ask('POST', '/api/databases', { name: `z${page}` })
      if (page === 6)
        await platform.domain.store.db.deleteFrom('databases').where('name', 'like', 'z%').execute()
    })
    expect(seen.filter(name => !/^[az]\d/.test(name))).toEqual(['b', 'd', 'f', 'h', 'x-100'])
    expect(new Set(seen).size).toBe(seen.length)
  })
})

describe('422', () => {
  it.each([
    ['limit=0', '?limit'],
    ['limit=201', '?limit'],
    ['limit=-1', '?limit'],
    ['limit=1.5', '?limit'],
    ['limit=x', '?limit'],
    ['limit=', '?limit'],
    ['limit=1&limit=2', '?limit'],
    ['phase=happy', '?phase'],
    ['label==a', '?label'],
    ['label=', '?label'],
    [`q=${'x'.repeat(101)}`, '?q'],
    ['q=%00', '?q'],
    ['q=a&q=b', '?q'],
    ['cursor=x', '?cursor'],
    ['cursor=', '?cursor'],
    [`cursor=${Buffer.from('v1:a\0').toString('base64url')}`, '?cursor'],
    [`cursor=${'x'.repeat(513)}`, '?cursor'],
    ['page=2', '?page'],
  ])('%s', async (query, pointer) => {
    expect((await list(`?${query}`)).body).toMatchObject({ status: 422, errors: [{ pointer }] })
  })
})
