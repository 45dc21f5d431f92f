import type { Harness } from '../../../../test/harness.ts'
import { createHash } from 'node:crypto'
import { FakeEngine } from '@howdah/engine/fake'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHarness } from '../../../../test/harness.ts'

let harness: Harness
beforeAll(async () => {
  const engine = new FakeEngine()
  await engine.open()
  harness = await createHarness({ engines: new Map([['local', engine]]) })
})
afterAll(async () => await harness.close())

/** A project with some entries, the token of its admin, and a way to tamper as only a superuser can. */
async function history(project: string, entries = 5) {
  const { token, project: { id } } = await harness.person({ role: 'admin', project })
  for (let index = 1; index <= entries; index++)
    expect((await harness.inject({ method: 'PATCH', url: `/api/projects/${project}`, token, body: { description: `change ${index}` } })).status).toBe(200)
  return {
    token,
    verify: async () => (await harness.inject({ url: '/api/audit/verify', token })).body,
    async tamper(sql: string) {
      const { pool } = harness.domain.store
      await pool.query('alter table audit_log disable trigger audit_log_append_only')
      await pool.query(sql.replaceAll('PROJECT', `'${id}'`))
      await pool.query('alter table audit_log enable trigger audit_log_append_only')
    },
  }
}

describe('GET /api/audit/logs', () => {
  it('200: newest first, in pages, each entry once', async () => {
    const { token } = await history('paged')
    const ids: number[] = []
    for (let cursor = ''; ;) {
      const { body } = await harness.inject({ url: `/api/audit/logs?limit=2${cursor}`, token })
      ids.push(...body.items.map((item: { id: number }) => item.id))
      if (body.nextCursor === null)
        break
      cursor = `&cursor=${body.nextCursor}`
    }
    expect(ids).toEqual([5, 4, 3, 2, 1])
  })
  it('200: filters by action, its beginning, target, actor, outcome and time', async () => {
    const { token } = await history('filtered', 2)
    await harness.inject({ method: 'POST', url: '/api/api-keys', token, body: { name: 'ci' } })
    const { body: all } = await harness.inject({ url: '/api/audit/logs', token })
    const [newest, , oldest] = all.items as { at: string, actor: string }[]
    const count = async (query: string) => (await harness.inject({ url: `/api/audit/logs?${query}`, token })).body.items.length as number
    expect(await count('action=projects.update')).toBe(2)
    expect(await count('action=projects.')).toBe(2)
    expect(await count('action=projects')).toBe(0)
    expect(await count('target=api-key/ci')).toBe(1)
    expect(await count(`actor=${newest!.actor}`)).toBe(3)
    expect(await count('actor=somebody')).toBe(0)
    expect(await count('outcome=denied')).toBe(0)
    expect(await count(`from=${newest!.at}`)).toBe(1)
    expect(await count(`to=${oldest!.at}`)).toBe(1)
  })
  it.each([['from=yesterday', '?from'], ['outcome=maybe', '?outcome'], ['cursor=x', '?cursor'], ['actor=%00', '?actor'], ['who=x', '?who']])('422: %s', async (query, pointer) => {
    const token = await harness.tokenFor()
    expect((await harness.inject({ url: `/api/audit/logs?${query}`, token })).body.errors[0]).toMatchObject({ pointer })
  })
})

describe('GET /api/databases/{name}/logs', () => {
  it('200: entries of the database and of what is in it, and of no other', async () => {
    const token = await harness.tokenFor({ project: 'two' })
    for (const name of ['orders', 'orders-old'])
      await harness.inject({ method: 'POST', url: '/api/databases', token, body: { name } })
    await harness.domain.store.pool.query('update databases set phase = \'ready\'')
    await harness.inject({ method: 'POST', url: '/api/databases/orders/users', token, body: { name: 'reader' } })
    const { body } = await harness.inject({ url: '/api/databases/orders/logs', token })
    expect(body.items).toMatchObject([{ action: 'users.create', target: expect.stringMatching(/^database\/orders\//) }, { action: 'databases.create', target: 'database/orders' }])
  })
  it('404: no such database', async () => {
    expect((await harness.inject({ url: '/api/databases/nothing/logs', token: await harness.tokenFor() })).status).toBe(404)
  })
})

describe('GET /api/audit/verify', () => {
  it('200: a chain that nobody touched is whole, an empty one too', async () => {
    const { verify, token } = await history('whole')
    const { body } = await harness.inject({ url: '/api/audit/logs?limit=1', token })
    expect(await verify()).toEqual({ ok: true, entries: 5, headHash: body.items[0].hash, firstBroken: null })
    const empty = await history('empty', 0)
    expect(await empty.verify()).toEqual({ ok: true, entries: 0, headHash: '', firstBroken: null })
  })
  it('200: whoever has the entries can compute the hashes', async () => {
    const { token } = await history('computed', 2)
    const { body } = await harness.inject({ url: '/api/audit/logs', token })
    const [second, first] = body.items
    const sorted = (value: unknown): unknown => typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, item]) => [key, sorted(item)]))
      : value
    const { prevHash, hash, ...entry } = second
    expect(prevHash).toBe(first.hash)
    expect(createHash('sha256').update(`${prevHash}\n${JSON.stringify(sorted(entry))}`).digest('hex')).toBe(hash)
  })
  it.each([
    ['an entry was changed', 'update audit_log set actor = \'somebody\' where project_id = PROJECT and id = 3', 3, /changed/],
    ['its changes were changed', 'update audit_log set changes = \'{}\' where project_id = PROJECT and id = 2', 2, /changed/],
    ['an entry was taken out', 'delete from audit_log where project_id = PROJECT and id = 2', 2, /missing/],
    ['the newest entries were cut off', 'delete from audit_log where project_id = PROJECT and id > 3', 4, /missing/],
    ['all entries were taken out', 'delete from audit_log where project_id = PROJECT', 1, /missing/],
    ['an entry was made to follow another', 'update audit_log set prev_hash = \'x\' where project_id = PROJECT and id = 4', 4, /follow/],
    ['entries were put behind the head', 'update chains set last_id = 3, last_hash = (select hash from audit_log where project_id = PROJECT and id = 3) where project_id = PROJECT', 4, /says that it has only 3/],
    ['the head was taken away', 'delete from chains where project_id = PROJECT', 1, /says that it has only 0/],
    ['the head was changed', 'update chains set last_hash = \'x\' where project_id = PROJECT', 5, /ends/],
  ])('200: tells that %s', async (name, sql, id, detail) => {
    const { verify, tamper } = await history(name.replaceAll(' ', '-'))
    await tamper(sql)
    expect(await verify()).toMatchObject({ ok: false, firstBroken: { id, detail: expect.stringMatching(detail) } })
  })
  it('the store itself refuses to change or delete entries', async () => {
    await history('append-only', 1)
    const { pool } = harness.domain.store
    for (const sql of ['update audit_log set actor = \'x\'', 'delete from audit_log', 'truncate audit_log'])
      await expect(pool.query(sql)).rejects.toThrow(/append-only/)
  })
  it('200: is right while entries are added', async () => {
    const { token, verify } = await history('busy', 1)
    const writers = Array.from({ length: 10 }, (_item, index) => harness.inject({ method: 'PATCH', url: '/api/projects/busy', token, body: { description: `busy ${index}` } }))
    const verifications = await Promise.all(Array.from({ length: 5 }, verify))
    await Promise.all(writers)
    expect(verifications.every(({ ok }) => ok)).toBe(true)
    expect(await verify()).toMatchObject({ ok: true, entries: 11 })
  })
})
