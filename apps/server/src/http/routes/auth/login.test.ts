import type { Harness } from '../../../../test/harness.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, createHarness } from '../../../../test/harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await createHarness({ publicUrl: 'https://howdah.test' })
})
afterAll(async () => await harness.close())

function login(body: unknown, headers: Record<string, string> = {}) {
  return harness.inject({ method: 'POST', url: '/api/auth/login', body, headers })
}
let address = 0
/** A new address each time, so that no test pays for the guesses of another. */
function from(): Record<string, string> {
  return { 'x-forwarded-for': `192.0.2.${++address}` }
}
const sameOrigin = { origin: 'https://howdah.test' }

describe('200', () => {
  it('a right password answers a token that is good at once, for one project', async () => {
    const { status, body } = await login(admin, from())
    expect(status).toBe(200)
    expect(body).toMatchObject({ user: { email: admin.email }, project: { name: 'default', role: 'admin' } })
    const me = await harness.inject({ url: '/api/auth/me', token: body.token })
    expect(me.body).toMatchObject({ kind: 'user', isOperator: true, project: { name: 'default' } })
    expect(me.body.actions).toContain('platform.manage')
  })
  it('the e-mail is compared without regard to case and to spaces around it', async () => {
    expect((await login({ ...admin, email: ` ${admin.email.toUpperCase()} ` }, from())).status).toBe(200)
  })
  it('is written down, with where it came from', async () => {
    const headers: Record<string, string> = { ...from(), 'user-agent': 'a browser' }
    const { body } = await login(admin, headers)
    const { body: audit } = await harness.inject({ url: '/api/audit/logs?action=auth.login&limit=1', token: body.token })
    expect(audit.items[0]).toMatchObject({ actor: admin.email, actorKind: 'user', outcome: 'success', sourceIp: headers['x-forwarded-for'], userAgent: 'a browser' })
  })
  it('the credential is for the project asked for, else for the one used last', async () => {
    const { email } = await harness.person({ role: 'viewer', project: 'first', password: 'a long password' })
    const { db } = harness.domain.store
    const person = await db.selectFrom('people').select('id').where('email', '=', email).executeTakeFirstOrThrow()
    await harness.person({ project: 'second' })
    const second = await db.selectFrom('projects').select('id').where('name', '=', 'second').executeTakeFirstOrThrow()
    await db.insertInto('members').values({ project_id: second.id, person_id: person.id, role: 'admin' }).execute()
    const credentials = { email, password: 'a long password' }
    expect((await login(credentials, from())).body.project).toMatchObject({ name: 'first', role: 'viewer' })
    expect((await login({ ...credentials, project: 'second' }, from())).body.project).toMatchObject({ name: 'second', role: 'admin' })
    expect((await login(credentials, from())).body.project).toMatchObject({ name: 'second' })
  })
  it('an operator can sign in to any project, and is its admin there', async () => {
    await harness.person({ project: 'foreign' })
    expect((await login({ ...admin, project: 'foreign' }, from())).body.project).toMatchObject({ name: 'foreign', role: 'admin' })
  })
  it('a browser gets its tokens as cookies that no script and no other site can use', async () => {
    const { body, headers } = await login({ ...admin, cookie: true }, { ...from(), ...sameOrigin })
    expect(body.token).toBeUndefined()
    expect(body.refreshToken).toBeUndefined()
    const cookies = headers['set-cookie'] as string[]
    expect(cookies.find(cookie => cookie.startsWith('howdah_session='))).toMatch(/Path=\/; Expires=.*; HttpOnly; Secure; SameSite=Strict/)
    expect(cookies.find(cookie => cookie.startsWith('howdah_refresh='))).toMatch(/Path=\/api\/auth; HttpOnly; Secure; SameSite=Strict/)
  })
})

describe('400', () => {
  it('another site cannot sign a visitor in as somebody else', async () => {
    expect((await login({ ...admin, cookie: true }, { ...from(), origin: 'https://evil.test' })).status).toBe(422)
    expect((await login({ ...admin, cookie: true }, { ...from(), ...sameOrigin, 'sec-fetch-site': 'cross-site' })).status).toBe(422)
    expect((await login({ ...admin, cookie: true }, from())).status).toBe(422)
  })
})

describe('401', () => {
  it('a wrong password, an unknown e-mail and a disabled person answer alike', async () => {
    const { email, id } = await harness.person({ role: 'viewer', password: 'a long password' })
    await harness.domain.store.db.updateTable('people').set({ is_disabled: true }).where('id', '=', id).execute()
    const answers = await Promise.all([
      login({ ...admin, password: 'wrong password' }, from()),
      login({ email: 'nobody@example.org', password: 'wrong password' }, from()),
      login({ email, password: 'a long password' }, from()),
    ])
    for (const { status, body } of answers)
      expect({ status, ...body, requestId: '' }).toEqual({ ...answers[0].body, requestId: '', status: 401, code: 'wrong-credentials' })
  })
  it('is written down in the project that the person used last', async () => {
    const { email, token } = await harness.person({ role: 'admin', project: 'watched', password: 'a long password' })
    await login({ email, password: 'wrong password' }, from())
    await harness.access.background.settle()
    const { body } = await harness.inject({ url: '/api/audit/logs?outcome=denied', token })
    expect(body.items).toMatchObject([{ action: 'auth.login', actor: email, actorKind: 'anonymous', target: `person/${email}`, changes: { reason: 'wrong password' } }])
  })
})

describe('422', () => {
  it.each([
    [{}, ['/email', '/password']],
    [{ ...admin, extra: 1 }, ['/extra']],
    [{ ...admin, password: 5 }, ['/password']],
    [{ ...admin, email: 'a\0b' }, ['/email']],
    [{ ...admin, password: 'x'.repeat(257) }, ['/password']],
  ])('%j', async (body, pointers) => {
    const answer = await login(body, from())
    expect(answer.status).toBe(422)
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual(pointers)
  })
  it('a project of others and one that is not there answer alike, and only after the right password', async () => {
    const { email } = await harness.person({ role: 'viewer', password: 'a long password' })
    await harness.person({ project: 'others' })
    const credentials = { email, password: 'a long password' }
    const there = await login({ ...credentials, project: 'others' }, from())
    const nowhere = await login({ ...credentials, project: 'nothing' }, from())
    expect(there.status).toBe(422)
    expect({ ...there.body, requestId: '' }).toEqual({ ...nowhere.body, requestId: '' })
    expect((await login({ email, password: 'wrong password', project: 'others' }, from())).status).toBe(401)
  })
  it('someone without any project is told what to do', async () => {
    const { email } = await harness.person({ password: 'a long password' })
    expect((await login({ email, password: 'a long password' }, from())).body.errors).toMatchObject([{ pointer: '/project', detail: expect.stringMatching(/Ask an operator/) }])
  })
})

describe('429', () => {
  it('guessing has to wait, whether the e-mail is known or not, and even with the right password', async () => {
    const { email } = await harness.person({ role: 'viewer', password: 'a long password' })
    for (const guessed of [email, 'guess@example.org']) {
      const here = from()
      for (let index = 0; index < 5; index++)
        expect((await login({ email: guessed, password: `guess ${index}` }, here)).status).toBe(401)
      const { status, headers, body } = await login({ email: guessed, password: 'a long password' }, here)
      expect(status).toBe(429)
      expect(Number(headers['retry-after'])).toBeGreaterThan(0)
      expect(body.code).toBe('rate-limited')
    }
  })
  it('guesses from elsewhere do not keep the person out', async () => {
    const { email } = await harness.person({ role: 'viewer', password: 'a long password' })
    const attacker = from()
    for (let index = 0; index < 6; index++)
      await login({ email, password: `guess ${index}` }, attacker)
    expect((await login({ email, password: 'a long password' }, attacker)).status).toBe(429)
    expect((await login({ email, password: 'a long password' }, from())).status).toBe(200)
  })
  it('the first refusal is written down, the next ones are not', async () => {
    const { email, token } = await harness.person({ role: 'admin', project: 'guessed', password: 'a long password' })
    const here = from()
    for (let index = 0; index < 8; index++) {
      await login({ email, password: `guess ${index}` }, here)
      // An answer does not wait for its entry, so that two entries could be written in either order.
      await harness.access.background.settle()
    }
    const { body } = await harness.inject({ url: '/api/audit/logs?outcome=denied', token })
    expect(body.items.map((entry: { changes: { reason: string } }) => entry.changes.reason)).toEqual(['too many failures', ...Array.from({ length: 5 }).fill('wrong password')])
  })
})
