import type { ScriptedServer } from '@howdah/testkit'
import { scriptedServer } from '@howdah/testkit'
import { afterEach, expect, it } from 'vitest'
import { cookieSession, createClient, memoryTokenStore, tokenSession } from './index.ts'

let server: ScriptedServer
afterEach(async () => await server?.close())

const unauthenticated = {
  status: 401,
  json: {
    type: '',
    title: '',
    status: 401,
    code: 'unauthenticated',
    detail: 'Sign in.',
    requestId: 'r',
  },
}
const tokens = { token: 'old', refreshToken: 'refresh-1', expiresAt: '2026-01-01T00:00:00Z' }

it('an API key is sent as it is, and not renewed', async () => {
  server = await scriptedServer(() => unauthenticated)
  await expect(createClient({ baseUrl: server.url, apiKey: 'howdah_key' }).auth.me()).rejects.toMatchObject({ code: 'unauthenticated' })
  expect(server.requests.map(request => request.headers.authorization)).toEqual(['Bearer howdah_key'])
})

it('ten calls with an expired token use the refresh token once', async () => {
  server = await scriptedServer(({ path, headers }) => path === '/api/auth/refresh'
    ? {
        json: { ...tokens, token: 'new', refreshToken: 'refresh-2' },
      }
    : headers.authorization === 'Bearer new'
      ? { json: {} }
      : unauthenticated)
  const store = memoryTokenStore(tokens)
  const client = createClient({
    baseUrl: server.url,
    session: tokenSession(store),
  })
  await Promise.all(Array.from({ length: 10 }, () => client.auth.me()))
  expect(server.requests.filter(request => request.path === '/api/auth/refresh').map(request => request.body)).toEqual([
    { refreshToken: 'refresh-1' },
  ])
  expect(await store.read()).toMatchObject({ token: 'new', refreshToken: 'refresh-2' })
})

it('a session that has ended says so and forgets its tokens', async () => {
  server = await scriptedServer(() => unauthenticated)
  const store = memoryTokenStore(tokens)
  await expect(createClient({
    baseUrl: server.url,
    session: tokenSession(store),
  }).auth.me()).rejects.toMatchObject({ code: 'unauthenticated' })
  expect(server.requests.map(request => request.path)).toEqual(['/api/auth/me', '/api/auth/refresh'])
  expect(await store.read()).toBeUndefined()
})

it('a refresh that finds no server keeps the tokens', async () => {
  server = await scriptedServer(({ path }) => path === '/api/auth/refresh'
    ? { cut: true }
    : unauthenticated)
  const store = memoryTokenStore(tokens)
  await expect(createClient({
    baseUrl: server.url,
    session: tokenSession(store),
    retries: false,
  }).auth.me()).rejects.toMatchObject({ name: 'ConnectionError' })
  expect(await store.read()).toEqual(tokens)
})

it('a cookie session sends no token and renews once for calls at the same time', async () => {
  let isRenewed = false
  server = await scriptedServer(({ path }) => {
    if (path === '/api/auth/refresh') {
      isRenewed = true
      return {
        json: { expiresAt: tokens.expiresAt },
      }
    }
    return isRenewed
      ? { json: {} }
      : unauthenticated
  })
  const credentials: unknown[] = []
  const client = createClient({
    baseUrl: server.url,
    session: cookieSession(),
    fetch: (url, init) => {
      credentials.push(init?.credentials)
      return fetch(url, init)
    },
  })
  await Promise.all([
    client.auth.me(),
    client.auth.me(),
  ])
  expect(server.requests.filter(request => request.path === '/api/auth/refresh')).toHaveLength(1)
  expect(server.requests.every(request => request.headers.authorization === undefined)).toBe(true)
  expect(new Set(credentials)).toEqual(new Set(['same-origin']))
})

it('two credentials at once are refused', () => {
  expect(() => createClient({ apiKey: 'a', token: 'b' })).toThrow(/one of/)
})
