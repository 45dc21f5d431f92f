import type { Harness } from '../../../../test/harness.ts'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, createHarness } from '../../../../test/harness.ts'

let harness: Harness
let operator: string
beforeAll(async () => {
  harness = await createHarness()
  operator = await harness.tokenFor({ isOperator: true })
})
afterAll(async () => await harness.close())

function create(body: object, headers: Record<string, string> = {}) {
  return harness.inject({ method: 'POST', url: '/api/users', token: operator, body, headers })
}
function update(id: string, body: object, token = operator) {
  return harness.inject({ method: 'PATCH', url: `/api/users/${id}`, token, body })
}
function remove(id: string) {
  return harness.inject({ method: 'DELETE', url: `/api/users/${id}`, token: operator })
}
function login(email: string, password: string) {
  return harness.inject({ method: 'POST', url: '/api/auth/login', body: { email, password } })
}

describe('POST /api/users', () => {
  it('201: without a password one is made and answered once', async () => {
    const { status, headers, body } = await create({ email: 'Ada@example.org', name: 'Ada' })
    expect(status).toBe(201)
    expect(headers.location).toBe(`/api/users/${body.id}`)
    expect(body).toMatchObject({ email: 'Ada@example.org', isOperator: false, isDisabled: false, lastLoginAt: null })
    expect(body.password).toHaveLength(32)
    const { password, ...rest } = body
    expect((await harness.inject({ url: headers.location as string, token: operator })).body).toEqual(rest)
    await harness.inject({ method: 'POST', url: '/api/projects/default/members', token: operator, body: { email: 'ada@example.org', role: 'viewer' } })
    expect((await login('ada@example.org', password)).status).toBe(200)
    expect((await harness.inject({ url: headers.location as string, token: operator })).body.lastLoginAt).not.toBeNull()
  })
  it('201: a given password is not repeated', async () => {
    expect((await create({ email: 'given@example.org', name: 'Given', password: 'a given password' })).body.password).toBeUndefined()
  })
  it('201: the same Idempotency-Key answers the same password again', async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const first = await create({ email: 'again@example.org', name: 'Again' }, headers)
    expect((await create({ email: 'again@example.org', name: 'Again' }, headers)).body).toEqual(first.body)
  })
  it('no password reaches the audit log or the store in the clear', async () => {
    const { body } = await create({ email: 'secret@example.org', name: 'Secret' }, { 'idempotency-key': randomUUID() })
    const { text } = await harness.inject({ url: '/api/audit/logs?limit=200', token: operator })
    expect(text).toContain('person/secret@example.org')
    expect(text).not.toContain(body.password)
    for (const table of ['people', 'idempotency_keys', 'audit_log']) {
      const { rows } = await harness.domain.store.pool.query(`select convert_to(t::text, 'UTF8')::text || t::text as row from ${table} as t`)
      expect(JSON.stringify(rows)).not.toContain(body.password)
    }
  })
  it('409: the e-mail is taken, whatever its case', async () => {
    await create({ email: 'taken@example.org', name: 'One' })
    expect((await create({ email: 'TAKEN@example.org', name: 'Two' })).body).toMatchObject({ code: 'name-taken', errors: [{ pointer: '/email' }] })
  })
  it.each([
    [{ email: 'no', name: 'x' }, '/email'],
    [{ email: 'a b@c', name: 'x' }, '/email'],
    [{ email: 'x@example.org', name: '' }, '/name'],
    [{ email: 'x@example.org', name: 'a\nb' }, '/name'],
    [{ email: 'x@example.org', name: 'x', password: 'short' }, '/password'],
    [{ email: 'x@example.org', name: 'x', role: 'admin' }, '/role'],
  ])('422: %j', async (body, pointer) => {
    expect((await create(body)).body.errors).toMatchObject([{ pointer }])
  })
})

describe('GET /api/users', () => {
  it('200: pages by e-mail, all of them once', async () => {
    const emails: string[] = []
    for (let cursor = ''; ;) {
      const { body } = await harness.inject({ url: `/api/users?limit=2${cursor}`, token: operator })
      emails.push(...body.items.map((item: { email: string }) => item.email))
      if (body.nextCursor === null)
        break
      cursor = `&cursor=${body.nextCursor}`
    }
    const { rows } = await harness.domain.store.pool.query('select email from people order by lower(email)')
    expect(emails).toEqual(rows.map(row => row.email as string))
  })
})

describe('PATCH /api/users/{user}', () => {
  it('200: a new password ends every session of the person', async () => {
    const { id, token, email } = await harness.person({ role: 'viewer' })
    expect((await update(id, { password: 'chosen by an operator' })).status).toBe(200)
    expect((await harness.inject({ url: '/api/auth/me', token })).status).toBe(401)
    expect((await login(email, 'chosen by an operator')).status).toBe(200)
    const { body } = await harness.inject({ url: `/api/audit/logs?target=person/${email}&action=people.update`, token: operator })
    expect(body.items[0].changes).toEqual({ password: 'changed' })
  })
  it('409: the last operator cannot stop being one, nor be disabled', async () => {
    const alone = await createHarness()
    const { body: session } = await alone.inject({ method: 'POST', url: '/api/auth/login', body: admin })
    const url = `/api/users/${session.user.id}`
    for (const body of [{ isOperator: false }, { isDisabled: true }])
      expect((await alone.inject({ method: 'PATCH', url, token: session.token, body })).body.code).toBe('last-admin')
    expect((await alone.inject({ method: 'DELETE', url, token: session.token })).body.code).toBe('last-admin')
    await alone.close()
  })
  it.each(['nobody', randomUUID()])('404: %s', async (id) => {
    expect((await update(id, { name: 'x' })).status).toBe(404)
    expect((await remove(id)).status).toBe(404)
  })
  it('422: nothing to change', async () => {
    expect((await update(randomUUID(), {})).status).toBe(422)
  })
})

describe('DELETE /api/users/{user}', () => {
  it('204: ends every session and revokes every key of the person', async () => {
    await harness.person({ role: 'admin', project: 'kept' })
    const { id, token } = await harness.person({ role: 'admin', project: 'kept' })
    const { body: key } = await harness.inject({ method: 'POST', url: '/api/api-keys', token, body: { name: 'theirs' } })
    expect((await harness.inject({ url: '/api/auth/me', token: key.key })).status).toBe(200)
    expect((await remove(id)).status).toBe(204)
    for (const credential of [token, key.key])
      expect((await harness.inject({ url: '/api/auth/me', token: credential })).status).toBe(401)
    expect((await harness.inject({ url: `/api/users/${id}`, token: operator })).status).toBe(404)
  })
  it('409: the only admin of a project, which is named', async () => {
    const { id } = await harness.person({ role: 'admin', project: 'orphan' })
    expect((await remove(id)).body).toMatchObject({ code: 'last-admin', detail: expect.stringContaining('orphan') })
  })
})
