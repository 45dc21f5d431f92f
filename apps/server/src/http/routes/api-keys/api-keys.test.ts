import type { Action } from '@howdah/contract'
import type { Harness } from '../../../../test/harness.ts'
import { randomUUID } from 'node:crypto'
import { permissions } from '@howdah/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHarness } from '../../../../test/harness.ts'

let harness: Harness
let admin: string
beforeAll(async () => {
  harness = await createHarness()
  admin = await harness.tokenFor({ project: 'keys' })
})
afterAll(async () => await harness.close())

function create(body: object, token = admin, headers: Record<string, string> = {}) {
  return harness.inject({ method: 'POST', url: '/api/api-keys', token, body, headers })
}
async function actionsOf(key: string): Promise<Action[]> {
  return (await harness.inject({ url: '/api/auth/me', token: key })).body.actions as Action[]
}

describe('POST /api/api-keys', () => {
  it('201: answers the key once; after that only how it begins and ends', async () => {
    const { status, headers, body } = await create({ name: 'once' })
    expect(status).toBe(201)
    expect(headers.location).toBe(`/api/api-keys/${body.id}`)
    expect(body.key).toMatch(/^hwd_[\w-]{40}$/)
    expect(body).toMatchObject({ role: 'developer', scopes: null, prefix: body.key.slice(0, 8), lastFour: body.key.slice(-4), lastUsedAt: null })
    const days = (new Date(body.expiresAt as string).getTime() - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(90)
    const { key, ...rest } = body
    expect((await harness.inject({ url: headers.location as string, token: admin })).body).toEqual(rest)
    const stored = await harness.domain.store.pool.query('select * from api_keys where name = \'once\'')
    expect(JSON.stringify(stored.rows)).not.toContain(key.slice(9, -5))
    const { text } = await harness.inject({ url: '/api/audit/logs?target=api-key/once', token: admin })
    expect(text).toContain('apiKeys.create')
    expect(text).not.toContain(key.slice(9, -5))
  })
  it('201: is good for what its role allows, narrowed by its scopes', async () => {
    const { body: whole } = await create({ name: 'whole', role: 'viewer' })
    expect(await actionsOf(whole.key)).toEqual([...permissions.viewer])
    const { body: narrow } = await create({ name: 'narrow', role: 'developer', scopes: ['databases.read', 'databases.create'] })
    expect(await actionsOf(narrow.key)).toEqual(['databases.read', 'databases.create'])
    expect((await harness.inject({ url: '/api/audit/logs', token: narrow.key })).status).toBe(403)
  })
  it('201: null means that it never expires', async () => {
    expect((await create({ name: 'for ever', expiresAt: null })).body.expiresAt).toBeNull()
  })
  it('201: an operator\'s key has operator rights only where its scopes name them', async () => {
    const operator = await harness.tokenFor({ project: 'keys', isOperator: true })
    const { body: plain } = await create({ name: 'plain', role: 'admin' }, operator)
    const { body: named } = await create({ name: 'named', role: 'admin', scopes: ['platform.manage', 'project.read'] }, operator)
    expect(await actionsOf(plain.key)).toEqual([...permissions.admin])
    expect((await harness.inject({ url: '/api/projects/default', token: plain.key })).status).toBe(404)
    expect(await actionsOf(named.key)).toEqual(['project.read', 'platform.manage'])
    expect((await harness.inject({ url: '/api/projects/default', token: named.key })).status).toBe(200)
  })
  it('201: the same Idempotency-Key answers the same key again', async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const first = await create({ name: 'again' }, admin, headers)
    const second = await create({ name: 'again' }, admin, headers)
    expect(second.status).toBe(201)
    expect(second.body).toEqual(first.body)
    const other = await create({ name: 'other' }, admin, headers)
    expect(other.body.code).toBe('idempotency-conflict')
  })
  it('401: an expired key says so', async () => {
    const { body } = await create({ name: 'short', expiresAt: new Date(Date.now() + 60_000).toISOString() })
    expect(await actionsOf(body.key)).not.toHaveLength(0)
    await harness.domain.store.pool.query('update api_keys set expires_at = now() where id = $1', [body.id])
    harness.access.principals.forget(body.id)
    const answer = await harness.inject({ url: '/api/auth/me', token: body.key })
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated', detail: expect.stringMatching(/expired/) } })
  })
  it('409: the name is taken in this project, not in others', async () => {
    await create({ name: 'taken' })
    expect((await create({ name: 'taken' })).body).toMatchObject({ code: 'name-taken', errors: [{ pointer: '/name' }] })
    expect((await create({ name: 'taken' }, await harness.tokenFor({ project: 'elsewhere' }))).status).toBe(201)
  })
  it.each<[object, string[]]>([
    [{}, ['/name']],
    [{ name: '' }, ['/name']],
    [{ name: 'a\'; drop table api_keys; --' }, ['/name']],
    [{ name: 'x', role: 'operator' }, ['/role']],
    [{ name: 'x', scopes: [] }, ['/scopes']],
    [{ name: 'x', scopes: ['databases.read', 'everything'] }, ['/scopes/1']],
    [{ name: 'x', role: 'viewer', scopes: ['databases.read', 'databases.delete'] }, ['/scopes/1']],
    [{ name: 'x', role: 'admin', scopes: ['platform.manage'] }, ['/scopes/0']],
    [{ name: 'x', expiresAt: '2020-01-01T00:00:00Z' }, ['/expiresAt']],
    [{ name: 'x', expiresAt: 'tomorrow' }, ['/expiresAt']],
  ])('422: %j', async (body, pointers) => {
    const answer = await create(body)
    expect(answer.status).toBe(422)
    expect([...new Set(answer.body.errors.map((error: { pointer: string }) => error.pointer))]).toEqual(pointers)
  })
  it('422: a key cannot make one that may do more', async () => {
    const { body: maker } = await create({ name: 'maker', role: 'admin', scopes: ['api-keys.manage', 'api-keys.read', 'databases.read'] })
    expect((await create({ name: 'more', role: 'viewer' }, maker.key)).body.errors).toMatchObject([{ pointer: '/role' }])
    expect((await create({ name: 'more', role: 'admin', scopes: ['databases.delete'] }, maker.key)).body.errors).toMatchObject([{ pointer: '/scopes' }])
    expect((await create({ name: 'less', role: 'viewer', scopes: ['databases.read'] }, maker.key)).status).toBe(201)
  })
})

describe('GET /api/api-keys', () => {
  it('200: pages by name, without the keys', async () => {
    const token = await harness.tokenFor({ project: 'pages' })
    for (const name of ['c', 'a', 'b'])
      await create({ name }, token)
    const first = await harness.inject({ url: '/api/api-keys?limit=2', token })
    expect(first.body.items.map((item: { name: string }) => item.name)).toEqual(['a', 'b'])
    expect(first.text).not.toContain('"key"')
    const second = await harness.inject({ url: `/api/api-keys?limit=2&cursor=${first.body.nextCursor}`, token })
    expect(second.body).toMatchObject({ items: [{ name: 'c' }], nextCursor: null })
  })
  it('422: a cursor that is none of ours', async () => {
    expect((await harness.inject({ url: '/api/api-keys?cursor=nonsense', token: admin })).body.errors).toMatchObject([{ pointer: '?cursor' }])
  })
})

describe('/api/api-keys/{id}', () => {
  it('204: a revoked key is gone', async () => {
    const { body, headers } = await create({ name: 'revoked' })
    const url = headers.location as string
    expect((await harness.inject({ method: 'DELETE', url, token: admin })).status).toBe(204)
    expect((await harness.inject({ url, token: admin })).status).toBe(404)
    expect((await harness.inject({ method: 'DELETE', url, token: admin })).status).toBe(404)
    expect((await harness.inject({ url: '/api/auth/me', token: body.key })).status).toBe(401)
  })
  it.each(['not-an-id', '..%2f..', '%27', randomUUID()])('404: %s', async (id) => {
    expect((await harness.inject({ url: `/api/api-keys/${id}`, token: admin })).body.code).toBe('not-found')
  })
})
