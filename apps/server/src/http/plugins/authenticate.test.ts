import type { Harness } from '../../../test/harness.ts'
import { Buffer } from 'node:buffer'
import { randomBytes, randomUUID } from 'node:crypto'
import { until } from '@howdah/testkit'
import { SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createHarness } from '../../../test/harness.ts'

let harness: Harness
/** Another process of the same installation. */
let beside: Harness
beforeAll(async () => {
  harness = await createHarness()
  beside = await createHarness({ beside: harness })
})
afterAll(async () => {
  await beside.close()
  await harness.close()
})

async function statusOf(token: string, where = harness) {
  return (await where.inject({ url: '/api/auth/me', token })).status
}
async function makeKey(token: string, body: object = {}) {
  const { body: key } = await harness.inject({ method: 'POST', url: '/api/api-keys', token, body: { name: `key ${randomUUID()}`.slice(0, 40), ...body } })
  return key as { id: string, key: string }
}

describe('tokens that are not ours', () => {
  const claims = { sid: randomUUID(), pid: randomUUID() }
  async function parts() {
    const { token, id, project, sessionId } = await harness.person({ role: 'admin' })
    const [head, body] = token.split('.').slice(0, 2).map(part => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>)
    return { token, id, project, sessionId, head: head!, body: body! }
  }
  function sign(head: object, body: object, key: Uint8Array) {
    return new SignJWT(body as Record<string, unknown>).setProtectedHeader(head as { alg: string }).sign(key)
  }
  /** What the server signs with: the test has its secret key. */
  const ourKey = () => harness.domain.box.derive('access tokens')

  it('a control: signed again with the right key, it is good', async () => {
    const { head, body } = await parts()
    expect(await statusOf(await sign(head, body, ourKey()))).toBe(200)
  })
  it('no algorithm', async () => {
    const { head, body } = await parts()
    const unsecured = new UnsecuredJWT(body).encode()
    expect(await statusOf(unsecured)).toBe(401)
    const none = Buffer.from(JSON.stringify({ ...head, alg: 'none' })).toString('base64url')
    expect(await statusOf(`${none}.${unsecured.split('.')[1]!}.`)).toBe(401)
  })
  it('another algorithm with the right key', async () => {
    const { head, body } = await parts()
    expect(await statusOf(await sign({ ...head, alg: 'HS512' }, body, Buffer.concat([ourKey(), ourKey()])))).toBe(401)
  })
  it('another key', async () => {
    const { head, body } = await parts()
    expect(await statusOf(await sign(head, body, randomBytes(32)))).toBe(401)
  })
  it.each([
    ['audience', { aud: 'another-api' }],
    ['issuer', { iss: 'howdah:another' }],
    ['expiry that is missing', { exp: undefined }],
    ['person', { sub: randomUUID() }],
    ['session', { sid: claims.sid }],
    ['project', { pid: claims.pid }],
  ])('another %s', async (_name, change) => {
    const { head, body } = await parts()
    expect(await statusOf(await sign(head, { ...body, ...change }, ourKey()))).toBe(401)
  })
  it.each([
    ['type', { typ: 'JWT' }],
    ['key id', { kid: 'another' }],
  ])('another %s', async (_name, change) => {
    const { head, body } = await parts()
    expect(await statusOf(await sign({ ...head, ...change }, body, ourKey()))).toBe(401)
  })
  it('a payload that was changed', async () => {
    const { token, body } = await parts()
    const [head, , signature] = token.split('.')
    const changed = Buffer.from(JSON.stringify({ ...body, pid: claims.pid })).toString('base64url')
    expect(await statusOf(`${head}.${changed}.${signature}`)).toBe(401)
  })
  it('an expired one says so, so that a client knows to refresh', async () => {
    const { head, body } = await parts()
    const now = Math.floor(Date.now() / 1000)
    const token = await sign(head, { ...body, iat: now - 700, exp: now - 100 }, ourKey())
    const answer = await harness.inject({ url: '/api/auth/me', token })
    expect(answer.status).toBe(401)
    expect(answer.body).toMatchObject({ code: 'unauthenticated', detail: expect.stringMatching(/has expired/) })
  })
  it('one that was good is refused when it expires, also when it is remembered', async () => {
    const { head, body } = await parts()
    const expires = Math.floor(Date.now() / 1000) + 60
    const token = await sign(head, { ...body, exp: expires }, ourKey())
    expect(await statusOf(token)).toBe(200)
    vi.useFakeTimers({ toFake: ['Date'], now: expires * 1000 + 1000 })
    try {
      expect(await statusOf(token)).toBe(401)
    }
    finally {
      vi.useRealTimers()
    }
  })
  it.each(['', 'nonsense', 'a.b.c', 'hwd_short', `hwd_${'x'.repeat(40)}`, 'x'.repeat(5000), 'ü'])('"%s"', async (token) => {
    expect(await statusOf(token)).toBe(401)
  })
  it.each(['Basic YTpi', 'Bearer', 'Bearer a b', 'bearer  x y', 'Token x'])('the header "%s"', async (authorization) => {
    expect((await harness.inject({ url: '/api/auth/me', headers: { authorization } })).status).toBe(401)
  })
})

describe('cookies', () => {
  it('are good for reading, and for changes only from a page of our own address', async () => {
    const { token } = await harness.person({ role: 'admin' })
    const cookie = `howdah_session=${token}`
    const add = (headers: Record<string, string>, name: string) => harness.inject({ method: 'POST', url: '/api/api-keys', body: { name }, headers: { cookie, ...headers } })
    expect((await harness.inject({ url: '/api/auth/me', headers: { cookie } })).status).toBe(200)
    expect((await add({}, 'none')).status).toBe(401)
    expect((await add({ origin: 'http://evil.test' }, 'evil')).status).toBe(401)
    expect((await add({ origin: 'null' }, 'null')).status).toBe(401)
    expect((await add({ 'origin': 'http://howdah.test', 'sec-fetch-site': 'same-site' }, 'sibling')).status).toBe(401)
    expect((await add({ origin: 'http://howdah.test' }, 'ours')).status).toBe(201)
    expect((await add({ 'sec-fetch-site': 'same-origin' }, 'ours too')).status).toBe(201)
  })
  it('come second: a header that is there is what counts', async () => {
    const { token } = await harness.person({ role: 'admin' })
    expect((await harness.inject({ url: '/api/auth/me', token: 'nonsense', headers: { cookie: `howdah_session=${token}` } })).status).toBe(401)
  })
})

describe('rights are what they are now', () => {
  async function both(token: string) {
    return [await statusOf(token), await statusOf(token, beside)]
  }
  /** Refused at once here, and as soon as it is heard there. */
  async function expectOut(token: string) {
    expect(await statusOf(token)).toBe(401)
    await until(async () => await statusOf(token, beside) === 401, { deadlineMs: 5000 })
  }

  it('a revoked key is out on every process', async () => {
    const { token } = await harness.person({ role: 'admin' })
    const key = await makeKey(token)
    expect(await both(key.key)).toEqual([200, 200])
    await harness.inject({ method: 'DELETE', url: `/api/api-keys/${key.id}`, token })
    await expectOut(key.key)
  })
  it('a disabled person is out on every process, and so are the person\'s keys, also after coming back', async () => {
    const operator = await harness.tokenFor({ isOperator: true })
    const { token, id } = await harness.person({ role: 'admin' })
    const key = await makeKey(token)
    expect([...await both(token), ...await both(key.key)]).toEqual([200, 200, 200, 200])
    await harness.inject({ method: 'PATCH', url: `/api/users/${id}`, token: operator, body: { isDisabled: true } })
    await expectOut(token)
    await expectOut(key.key)
    await harness.inject({ method: 'PATCH', url: `/api/users/${id}`, token: operator, body: { isDisabled: false } })
    expect([await statusOf(token), await statusOf(key.key)]).toEqual([401, 401])
  })
  it('a new role counts for tokens and keys that were made before', async () => {
    const admin = await harness.tokenFor({ role: 'admin' })
    const { token, id } = await harness.person({ role: 'admin' })
    const key = await makeKey(token, { role: 'admin' })
    const roleOf = async (credential: string, where = harness) => (await where.inject({ url: '/api/auth/me', token: credential })).body.project.role as string
    expect([await roleOf(token), await roleOf(key.key), await roleOf(token, beside)]).toEqual(['admin', 'admin', 'admin'])
    await harness.inject({ method: 'PATCH', url: `/api/projects/default/members/${id}`, token: admin, body: { role: 'viewer' } })
    expect([await roleOf(token), await roleOf(key.key)]).toEqual(['viewer', 'viewer'])
    await until(async () => await roleOf(token, beside) === 'viewer', { deadlineMs: 5000 })
  })
  it('who stops being an operator loses it in every credential', async () => {
    const operator = await harness.tokenFor({ isOperator: true })
    const { token, id } = await harness.person({ role: 'viewer', isOperator: true })
    const key = await makeKey(token, { role: 'admin', scopes: ['platform.manage', 'project.read'] })
    const people = async (credential: string) => (await harness.inject({ url: '/api/users', token: credential })).status
    expect([await people(token), await people(key.key)]).toEqual([200, 200])
    await harness.inject({ method: 'PATCH', url: `/api/users/${id}`, token: operator, body: { isOperator: false } })
    expect([await people(token), await people(key.key)]).toEqual([403, 403])
  })
  it('after a gap in the notifications everything that was remembered is asked again', async () => {
    const { token, sessionId } = await harness.person({ role: 'viewer' })
    const { pool } = harness.domain.store
    expect(await statusOf(token)).toBe(200)
    // Nobody is told, as if the notification fell into the gap.
    await pool.query('update sessions set ended_at = now() where id = $1', [sessionId])
    expect(await statusOf(token)).toBe(200)
    await pool.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = \'howdah listen\' and datname = current_database()')
    await until(async () => await statusOf(token) === 401, { deadlineMs: 5000 })
    await until(() => harness.services.hub.isListening(), { deadlineMs: 5000 })
    expect(await statusOf(token)).toBe(401)
  })
})

describe('the last use of a key', () => {
  it('is noted, without being waited for and not at every request', async () => {
    const { token } = await harness.person({ role: 'admin' })
    const key = await makeKey(token)
    const lastUse = async () => {
      await harness.access.background.settle()
      return (await harness.inject({ url: `/api/api-keys/${key.id}`, token })).body.lastUsedAt as string | null
    }
    expect(await lastUse()).toBeNull()
    await statusOf(key.key)
    const first = await lastUse()
    expect(first).not.toBeNull()
    await statusOf(key.key)
    expect(await lastUse()).toBe(first)
  })
})
