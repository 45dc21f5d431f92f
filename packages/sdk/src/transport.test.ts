import type { ScriptedServer } from '@howdah/testkit'
import { scriptedServer } from '@howdah/testkit'
import { afterEach, expect, it } from 'vitest'
import { ConnectionError, createClient, DeadlineError, HowdahError } from './index.ts'

const fast = { firstDelayMs: 1, mostDelayMs: 1_000 }
let server: ScriptedServer
afterEach(async () => await server?.close())

function problem(code: string, status: number, more: object = {}) {
  return {
    type: 'about:blank',
    title: 'A title',
    status,
    code,
    detail: 'What happened.',
    requestId: 'r-1',
    ...more,
  }
}

it('a problem becomes an error with code, fields and request id', async () => {
  server = await scriptedServer(() => ({
    status: 422,
    json: problem('invalid', 422, {
      errors: [
        { pointer: '/storageGib', detail: 'must be at least 1' },
      ],
    }),
  }))
  const error = await createClient({ baseUrl: server.url }).databases.create({ name: 'shop' }).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(HowdahError)
  expect(error).toMatchObject({
    code: 'invalid',
    status: 422,
    requestId: 'r-1',
    detail: 'What happened.',
    retryable: false,
    errors: [
      { pointer: '/storageGib', detail: 'must be at least 1' },
    ],
  })
  expect(server.requests).toHaveLength(1)
})

it.each([429, 502, 503, 504])('a create that meets %i is repeated with the same idempotency key', async (status) => {
  server = await scriptedServer((_, count) => count < 3
    ? { status, text: 'busy' }
    : {
        status: 201,
        json: { name: 'shop' },
      })
  const database = await createClient({ baseUrl: server.url, retries: fast }).databases.create({ name: 'shop' })
  expect(database.name).toBe('shop')
  expect(server.requests).toHaveLength(3)
  expect(server.requests[0]?.headers['idempotency-key']).toMatch(/^[\w-]{36}$/)
  expect(new Set(server.requests.map(request => request.headers['idempotency-key'])).size).toBe(1)
})

it('a connection that is cut is tried again', async () => {
  server = await scriptedServer((_, count) => count < 3
    ? { cut: true }
    : {
        json: { name: 'shop' },
      })
  await createClient({ baseUrl: server.url, retries: fast }).databases.get('shop')
  expect(server.requests).toHaveLength(3)
})

it('a sign-in is never repeated', async () => {
  server = await scriptedServer(() => ({ status: 503, text: 'busy' }))
  await expect(createClient({ baseUrl: server.url, retries: fast }).auth.login({ email: 'a@b', password: 'x' })).rejects.toMatchObject({ code: 'unavailable' })
  expect(server.requests).toHaveLength(1)
})

it('a change with If-Match is not repeated, because its repetition would be stale', async () => {
  server = await scriptedServer(() => ({ cut: true }))
  await expect(createClient({ baseUrl: server.url, retries: fast }).databases.update('shop', { storageGib: 2 }, { ifGeneration: 7 })).rejects.toThrow(ConnectionError)
  expect(server.requests.map(request => request.headers['if-match'])).toEqual(['"7"'])
})

it('the server says with Retry-After when to come back', async () => {
  server = await scriptedServer((_, count) => count === 1
    ? {
        status: 429,
        headers: { 'retry-after': '1' },
        json: problem('rate-limited', 429),
      }
    : {
        json: { name: 'shop' },
      })
  const began = performance.now()
  await createClient({
    baseUrl: server.url,
    retries: { firstDelayMs: 1, mostDelayMs: 1_500 },
  }).databases.get('shop')
  expect(performance.now() - began).toBeGreaterThan(990)
})

it('a Retry-After beyond patience ends the call', async () => {
  server = await scriptedServer(() => ({
    status: 503,
    headers: { 'retry-after': '600' },
    json: problem('unavailable', 503),
  }))
  await expect(createClient({ baseUrl: server.url, retries: fast }).databases.get('shop')).rejects.toMatchObject({ retryAfterMs: 600_000 })
  expect(server.requests).toHaveLength(1)
})

it('a server that is not there is an error with a next step', async () => {
  server = await scriptedServer(() => ({ json: {} }))
  await server.close()
  const error = await createClient({ baseUrl: server.url, retries: false }).databases.get('shop').catch((error: unknown) => error)
  expect(error).toBeInstanceOf(ConnectionError)
  expect(error).toMatchObject({
    message: `Cannot reach ${server.url}: nothing listens there.`,
    nextStep: expect.stringContaining('Start the server'),
  })
})

function neverAnswers(_: unknown, init?: RequestInit): Promise<Response> {
  return new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)))
}

it('an answer that never comes ends with the deadline', async () => {
  const client = createClient({ baseUrl: 'http://slow.invalid', fetch: neverAnswers })
  await expect(client.databases.get('shop', { deadlineMs: 30 })).rejects.toThrow(DeadlineError)
})

it('an attempt without an answer is given up and made again', async () => {
  let attempts = 0
  const client = createClient({
    baseUrl: 'http://slow.invalid',
    retries: fast,
    attemptMs: 20,
    fetch: async (url, init) => ++attempts < 3
      ? await neverAnswers(url, init)
      : Response.json({ name: 'shop' }),
  })
  expect(await client.databases.get('shop')).toEqual({ name: 'shop' })
})

it('a signal ends a call between two attempts', async () => {
  const stop = new AbortController()
  server = await scriptedServer(() => {
    setImmediate(() => stop.abort(new Error('enough')))
    return { status: 503, text: 'busy' }
  })
  await expect(createClient({
    baseUrl: server.url,
    retries: { firstDelayMs: 100_000, mostDelayMs: 100_000 },
    deadlineMs: 1_000_000,
  }).databases.get('shop', { signal: stop.signal })).rejects.toThrow('enough')
})

it('an address that is not Howdah is told apart from a fault', async () => {
  server = await scriptedServer(() => ({
    headers: { 'content-type': 'text/html' },
    text: '<h1>It works!</h1>',
  }))
  await expect(createClient({ baseUrl: server.url, retries: false }).databases.get('shop')).rejects.toThrow(/not Howdah's API/)
})

it('an answer that breaks off is asked for again', async () => {
  server = await scriptedServer((_, count) => count > 1
    ? {
        json: { name: 'shop' },
      }
    : {
        headers: { 'content-type': 'application/json' },
        stream: response => response.write('{"na', () => response.destroy()),
      })
  expect(await createClient({ baseUrl: server.url, retries: fast }).databases.get('shop')).toEqual({ name: 'shop' })
})

it('names are escaped in paths, and filters repeated in queries', async () => {
  server = await scriptedServer(() => ({
    json: { items: [], nextCursor: null },
  }))
  const client = createClient({ baseUrl: `${server.url}/` })
  await client.dbs.list('../users').page()
  await client.databases.list({
    phase: ['ready', 'failed'],
    q: 'a&b',
  }).page()
  expect(server.requests.map(request => request.path)).toEqual(['/api/databases/..%2Fusers/dbs', '/api/databases'])
  expect(server.requests[1]?.query.toString()).toBe('phase=ready&phase=failed&q=a%26b')
})

it('a dry run says so in the query, and waiting in Prefer', async () => {
  server = await scriptedServer(() => ({
    json: {
      dryRun: true,
      operation: null,
      steps: [],
      interruption: 'none',
      reasons: [],
    },
  }))
  const plan = await createClient({ baseUrl: server.url }).databases.restart('shop', { dryRun: true, waitSeconds: 5 })
  expect(plan.interruption).toBe('none')
  expect(server.requests[0]?.query.get('dryRun')).toBe('true')
  expect(server.requests[0]?.headers.prefer).toBe('wait=5')
})
