import type { Harness } from '../../../../test/harness.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, createHarness } from '../../../../test/harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await createHarness()
})
afterAll(async () => await harness.close())

async function login(body: object = admin) {
  const { status, body: session } = await harness.inject({ method: 'POST', url: '/api/auth/login', body })
  expect(status).toBe(200)
  return session as { token: string, refreshToken: string, project: { name: string } }
}
function refresh(body: object, headers: Record<string, string> = {}) {
  return harness.inject({ method: 'POST', url: '/api/auth/refresh', body, headers })
}
/** The grace of a token that was used has gone by. */
async function grace() {
  await harness.domain.store.pool.query('update refresh_tokens set used_at = used_at - interval \'11 seconds\' where used_at is not null')
}
async function isIn(token: string) {
  return (await harness.inject({ url: '/api/auth/me', token })).status === 200
}
const sameOrigin = { 'sec-fetch-site': 'same-origin' }
function cookiesOf(headers: Record<string, unknown>): string {
  return (headers['set-cookie'] as string[]).map(cookie => cookie.split(';')[0]).join('; ')
}

describe('200', () => {
  it('answers new tokens, and the next refresh works with the next token', async () => {
    const session = await login()
    const first = await refresh({ refreshToken: session.refreshToken })
    const second = await refresh({ refreshToken: first.body.refreshToken })
    expect(second.status).toBe(200)
    expect(new Set([session.refreshToken, first.body.refreshToken, second.body.refreshToken]).size).toBe(3)
    expect(await isIn(second.body.token)).toBe(true)
  })
  it('tabs that refresh at the same time get the same answer and stay signed in', async () => {
    const { refreshToken } = await login()
    const answers = await Promise.all(Array.from({ length: 5 }).map(() => refresh({ refreshToken })))
    expect(answers.map(answer => answer.status)).toEqual([200, 200, 200, 200, 200])
    expect(new Set(answers.map(answer => answer.body.refreshToken)).size).toBe(1)
    await grace()
    expect((await refresh({ refreshToken: answers[0]!.body.refreshToken })).status).toBe(200)
  })
  it('a straggler within the grace gets the newest token, even when it is two behind', async () => {
    const { refreshToken } = await login()
    const second = await refresh({ refreshToken })
    const third = await refresh({ refreshToken: second.body.refreshToken })
    expect((await refresh({ refreshToken })).body.refreshToken).toBe(third.body.refreshToken)
  })
  it('switches to another project, and a project that is refused costs nothing', async () => {
    await harness.person({ project: 'other' })
    const { refreshToken } = await login()
    expect((await refresh({ refreshToken, project: 'nothing' })).status).toBe(422)
    const { body } = await refresh({ refreshToken, project: 'other' })
    expect(body.project.name).toBe('other')
    const { body: me } = await harness.inject({ url: '/api/auth/me', token: body.token })
    expect(me.project.name).toBe('other')
    expect((await refresh({ refreshToken: body.refreshToken })).body.project.name).toBe('other')
  })
  it('a browser sends and gets cookies', async () => {
    const { headers } = await harness.inject({ method: 'POST', url: '/api/auth/login', body: { ...admin, cookie: true }, headers: sameOrigin })
    const answer = await refresh({}, { ...sameOrigin, cookie: cookiesOf(headers) })
    expect(answer.status).toBe(200)
    expect(answer.body.token).toBeUndefined()
    expect(cookiesOf(answer.headers)).toMatch(/howdah_session=.+; howdah_refresh=hwr_/)
  })
})

describe('401', () => {
  it('a token that comes back after the grace ends the session for whoever has it', async () => {
    const session = await login()
    const { body } = await refresh({ refreshToken: session.refreshToken })
    await grace()
    expect((await refresh({ refreshToken: session.refreshToken })).status).toBe(401)
    expect((await refresh({ refreshToken: body.refreshToken })).status).toBe(401)
    expect(await isIn(body.token)).toBe(false)
    const { token } = await login()
    const { body: audit } = await harness.inject({ url: '/api/audit/logs?action=auth.refresh', token })
    expect(audit.items).toMatchObject([{ outcome: 'denied', changes: { reason: 'a refresh token was used twice' } }])
  })
  it('a thief who is as quick as the owner is noticed with the next token', async () => {
    const { refreshToken } = await login()
    const [owner, thief] = [await refresh({ refreshToken }), await refresh({ refreshToken })]
    const next = await refresh({ refreshToken: thief.body.refreshToken })
    expect(next.status).toBe(200)
    await grace()
    expect((await refresh({ refreshToken: owner.body.refreshToken })).status).toBe(401)
    expect((await refresh({ refreshToken: next.body.refreshToken })).status).toBe(401)
  })
  it('a session that is over stays over', async () => {
    const session = await login()
    await harness.inject({ method: 'POST', url: '/api/auth/logout', token: session.token })
    expect((await refresh({ refreshToken: session.refreshToken })).status).toBe(401)
    const expired = await login()
    await harness.domain.store.pool.query('update sessions set expires_at = now() where ended_at is null')
    expect((await refresh({ refreshToken: expired.refreshToken })).status).toBe(401)
  })
  it.each([{}, { refreshToken: '' }, { refreshToken: 'hwr_nonsense' }, { refreshToken: `hwr_${'x'.repeat(43)}` }])('%j', async (body) => {
    expect((await refresh(body)).status).toBe(401)
  })
  it('a page of another site cannot refresh with the cookie', async () => {
    const { headers } = await harness.inject({ method: 'POST', url: '/api/auth/login', body: { ...admin, cookie: true }, headers: sameOrigin })
    const cookie = cookiesOf(headers)
    expect((await refresh({}, { cookie, 'sec-fetch-site': 'same-site' })).status).toBe(401)
    expect((await refresh({}, { cookie, origin: 'http://evil.test' })).status).toBe(401)
    expect((await refresh({}, { cookie })).status).toBe(401)
    expect((await refresh({}, { cookie, ...sameOrigin })).status).toBe(200)
  })
})
