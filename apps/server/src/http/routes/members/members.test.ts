import type { Harness } from '../../../../test/harness.ts'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHarness } from '../../../../test/harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await createHarness()
})
afterAll(async () => await harness.close())

function at(project: string, user = '') {
  return `/api/projects/${project}/members${user && `/${user}`}`
}

describe('POST …/members', () => {
  it('201: the person can sign in to the project from then on', async () => {
    const { token } = await harness.person({ role: 'admin', project: 'team' })
    const { email, id, password } = await harness.person({ role: 'viewer', password: 'a long password' })
    const { status, headers, body } = await harness.inject({ method: 'POST', url: at('team'), token, body: { email: email.toUpperCase(), role: 'developer' } })
    expect(status).toBe(201)
    expect(headers.location).toBe(at('team', id))
    expect(body).toMatchObject({ user: { id, email }, role: 'developer' })
    const login = await harness.inject({ method: 'POST', url: '/api/auth/login', body: { email, password, project: 'team' } })
    expect(login.body.project).toMatchObject({ name: 'team', role: 'developer' })
  })
  it('409: is a member already', async () => {
    const { token, email } = await harness.person({ role: 'admin', project: 'twice' })
    expect((await harness.inject({ method: 'POST', url: at('twice'), token, body: { email, role: 'viewer' } })).body).toMatchObject({ code: 'name-taken', errors: [{ pointer: '/email' }] })
  })
  it.each([
    [{ email: 'nobody@example.org', role: 'viewer' }, '/email'],
    [{ email: 'no-email', role: 'viewer' }, '/email'],
    [{ email: 'nobody@example.org', role: 'operator' }, '/role'],
    [{ email: 'nobody@example.org' }, '/role'],
  ])('422: %j', async (body, pointer) => {
    const token = await harness.tokenFor({ project: 'strict' })
    expect((await harness.inject({ method: 'POST', url: at('strict'), token, body })).body.errors).toMatchObject([{ pointer }])
  })
})

describe('GET …/members', () => {
  it('200: pages by e-mail', async () => {
    const { token, email } = await harness.person({ role: 'admin', project: 'listed' })
    const other = await harness.person({ role: 'viewer', project: 'listed' })
    const first = await harness.inject({ url: `${at('listed')}?limit=1`, token })
    const second = await harness.inject({ url: `${at('listed')}?limit=1&cursor=${first.body.nextCursor}`, token })
    expect([...first.body.items, ...second.body.items]).toMatchObject([{ user: { email }, role: 'admin' }, { user: { email: other.email }, role: 'viewer' }])
    expect(second.body.nextCursor).toBeNull()
  })
})

describe('PATCH …/members/{user}', () => {
  it('200: and it is written down from what to what', async () => {
    const { token } = await harness.person({ role: 'admin', project: 'changed' })
    const { id, email } = await harness.person({ role: 'viewer', project: 'changed' })
    expect((await harness.inject({ method: 'PATCH', url: at('changed', id), token, body: { role: 'admin' } })).body).toMatchObject({ user: { id }, role: 'admin' })
    const { body } = await harness.inject({ url: `/api/audit/logs?target=member/${email}`, token })
    expect(body.items).toMatchObject([{ action: 'members.update', changes: { role: { from: 'viewer', to: 'admin' } } }])
  })
  it('409: the last admin stays one', async () => {
    const { token, id } = await harness.person({ role: 'admin', project: 'alone' })
    expect((await harness.inject({ method: 'PATCH', url: at('alone', id), token, body: { role: 'viewer' } })).body.code).toBe('last-admin')
    expect((await harness.inject({ method: 'PATCH', url: at('alone', id), token, body: { role: 'admin' } })).status).toBe(200)
  })
  it('409: two admins who demote each other at the same time do not both succeed', async () => {
    const [a, b] = [await harness.person({ role: 'admin', project: 'duel' }), await harness.person({ role: 'admin', project: 'duel' })]
    const answers = await Promise.all([
      harness.inject({ method: 'PATCH', url: at('duel', b.id), token: a.token, body: { role: 'viewer' } }),
      harness.inject({ method: 'PATCH', url: at('duel', a.id), token: b.token, body: { role: 'viewer' } }),
    ])
    expect(answers.map(({ status }) => status).sort()).not.toEqual([200, 200])
    const { rows } = await harness.domain.store.pool.query('select 1 from members where project_id = $1 and role = \'admin\'', [a.project.id])
    expect(rows).toHaveLength(1)
  })
  it.each(['nobody', randomUUID(), '%27'])('404: %s', async (user) => {
    const { token } = await harness.person({ role: 'admin', project: 'nobody' })
    expect((await harness.inject({ method: 'PATCH', url: at('nobody', user), token, body: { role: 'viewer' } })).status).toBe(404)
  })
})

describe('DELETE …/members/{user}', () => {
  it('204: ends the person\'s sessions and keys for the project, and no others', async () => {
    const { token } = await harness.person({ role: 'admin', project: 'left' })
    const gone = await harness.person({ role: 'admin', project: 'left' })
    const { body: key } = await harness.inject({ method: 'POST', url: '/api/api-keys', token: gone.token, body: { name: 'gone' } })
    const elsewhere = await harness.person({ role: 'viewer', project: 'stayed' })
    await harness.domain.store.pool.query('update sessions set person_id = $1 where id = $2', [gone.id, elsewhere.sessionId])
    await harness.domain.store.pool.query('update members set person_id = $1 where person_id = $2', [gone.id, elsewhere.id])
    const other = await harness.access.tokens.issue({ personId: gone.id, sessionId: elsewhere.sessionId, projectId: elsewhere.project.id })
    const status = async (credential: string) => (await harness.inject({ url: '/api/auth/me', token: credential })).status
    expect([await status(gone.token), await status(key.key), await status(other.token)]).toEqual([200, 200, 200])
    expect((await harness.inject({ method: 'DELETE', url: at('left', gone.id), token })).status).toBe(204)
    expect([await status(gone.token), await status(key.key), await status(other.token)]).toEqual([401, 401, 200])
  })
  it('409: the last admin stays', async () => {
    const { token, id } = await harness.person({ role: 'admin', project: 'only' })
    expect((await harness.inject({ method: 'DELETE', url: at('only', id), token })).body.code).toBe('last-admin')
  })
})
