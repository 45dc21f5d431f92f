import type { Harness } from '../../../../test/harness.ts'
import { randomUUID } from 'node:crypto'
import { operatorActions, permissions } from '@howdah/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHarness } from '../../../../test/harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await createHarness()
})
afterAll(async () => await harness.close())

function me(token: string) {
  return harness.inject({ url: '/api/auth/me', token })
}

describe('GET /api/auth/me', () => {
  it('200: says who, for which project, and what is allowed', async () => {
    const { token, id, email, project } = await harness.person({ role: 'developer' })
    expect((await me(token)).body).toEqual({
      kind: 'user',
      user: { id, email, name: email },
      apiKey: null,
      isOperator: false,
      project: { ...project, role: 'developer' },
      actions: [...permissions.developer],
      projects: [{ ...project, role: 'developer' }],
    })
  })
  it('200: an operator may do everything in every project', async () => {
    const { body } = await me(await harness.tokenFor({ isOperator: true, role: 'viewer' }))
    expect(body.actions).toEqual([...operatorActions])
    expect(body.project.role).toBe('admin')
  })
  it('200: an API key knows its own project only', async () => {
    const { token, project } = await harness.person({ role: 'admin' })
    const { body: key } = await harness.inject({ method: 'POST', url: '/api/api-keys', token, body: { name: 'me', role: 'viewer' } })
    expect((await me(key.key)).body).toMatchObject({ kind: 'api-key', user: null, apiKey: { id: key.id, name: 'me' }, projects: [{ ...project, role: 'viewer' }] })
  })
})

describe('POST /api/auth/logout', () => {
  it('204: the token is refused from then on, the person\'s other sessions are not', async () => {
    const { token, id, project } = await harness.person({ role: 'viewer' })
    const sessionId = randomUUID()
    await harness.domain.store.db.insertInto('sessions').values({ id: sessionId, person_id: id, project_id: project.id, expires_at: new Date(Date.now() + 60_000) }).execute()
    const other = await harness.access.tokens.issue({ personId: id, sessionId, projectId: project.id })
    expect((await me(token)).status).toBe(200)
    expect((await harness.inject({ method: 'POST', url: '/api/auth/logout', token })).status).toBe(204)
    expect((await me(token)).status).toBe(401)
    expect((await me(other.token)).status).toBe(200)
  })
  it('204: takes the cookies of a browser away', async () => {
    const { token } = await harness.person({ role: 'viewer' })
    const { headers } = await harness.inject({ method: 'POST', url: '/api/auth/logout', headers: { 'cookie': `howdah_session=${token}`, 'sec-fetch-site': 'same-origin' } })
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^howdah_session=;.*Expires=Thu, 01 Jan 1970/), expect.stringMatching(/^howdah_refresh=;.*Expires=Thu, 01 Jan 1970/)])
    expect((await me(token)).status).toBe(401)
  })
  it('204: an API key stays good', async () => {
    const token = await harness.tokenFor()
    const { body: key } = await harness.inject({ method: 'POST', url: '/api/api-keys', token, body: { name: 'stays' } })
    expect((await harness.inject({ method: 'POST', url: '/api/auth/logout', token: key.key })).status).toBe(204)
    expect((await me(key.key)).status).toBe(200)
  })
})

describe('POST /api/auth/password', () => {
  const passwords = { currentPassword: 'a long password', newPassword: 'another long password' }
  function change(token: string, body: object) {
    return harness.inject({ method: 'POST', url: '/api/auth/password', token, body })
  }

  it('204: the new password signs in, the old one does not, and every other session ends', async () => {
    const { token, email, password } = await harness.person({ role: 'viewer', password: passwords.currentPassword })
    const signIn = (password: string) => harness.inject({ method: 'POST', url: '/api/auth/login', body: { email, password } })
    const { body: other } = await signIn(password)
    expect((await me(other.token)).status).toBe(200)
    expect((await change(token, passwords)).status).toBe(204)
    expect((await me(token)).status).toBe(200)
    expect((await me(other.token)).status).toBe(401)
    expect((await signIn(password)).status).toBe(401)
    expect((await signIn(passwords.newPassword)).status).toBe(200)
  })
  it('401: the current password is wrong, and guessing it is slowed down', async () => {
    const { token } = await harness.person({ role: 'viewer', password: passwords.currentPassword })
    const guess = { ...passwords, currentPassword: 'not the password' }
    for (let index = 0; index < 5; index++)
      expect((await change(token, guess)).body.code).toBe('wrong-credentials')
    expect((await change(token, passwords)).status).toBe(429)
  })
  it('403: an API key has no password', async () => {
    const token = await harness.tokenFor()
    const { body: key } = await harness.inject({ method: 'POST', url: '/api/api-keys', token, body: { name: 'no-password' } })
    expect((await change(key.key, passwords)).status).toBe(403)
  })
  it('422: too short, or the same', async () => {
    const { token } = await harness.person({ role: 'viewer', password: passwords.currentPassword })
    expect((await change(token, { ...passwords, newPassword: 'short' })).body.errors).toMatchObject([{ pointer: '/newPassword' }])
    expect((await change(token, { ...passwords, newPassword: passwords.currentPassword })).body.errors).toMatchObject([{ pointer: '/newPassword' }])
  })
})
