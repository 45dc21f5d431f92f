import type { Harness } from '../../../../test/harness.ts'
import { errorCodes } from '@howdah/contract'
import { FakeEngine } from '@howdah/engine/fake'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHarness } from '../../../../test/harness.ts'

let harness: Harness
const engine = new FakeEngine()
const other = new FakeEngine()
beforeAll(async () => {
  await engine.open()
  await other.open()
  harness = await createHarness({ engines: new Map([['here', engine], ['there', other]]) })
})
afterAll(async () => await harness.close())

describe('GET /health', () => {
  it('answers without a credential, and with a bad one', async () => {
    expect((await harness.inject({ url: '/health' })).body).toEqual({ status: 'ok', version: '0.0.0-test' })
    expect((await harness.inject({ url: '/health', token: 'nonsense' })).status).toBe(200)
  })
})

describe('GET /ready', () => {
  it('200: the store and every location answer', async () => {
    const { status, body } = await harness.inject({ url: '/ready' })
    expect(status).toBe(200)
    expect(body).toEqual({
      status: 'ready',
      checks: [
        { name: 'store', ok: true, message: '' },
        { name: 'here', ok: true, message: '' },
        { name: 'there', ok: true, message: '' },
      ],
    })
  })
  it('200: a location that does not answer is named, with why, and the others stay in service', async () => {
    other.setOutage('The disk is gone.')
    const { status, body } = await harness.inject({ url: '/ready' })
    other.setOutage(undefined)
    expect(status).toBe(200)
    expect(body).toMatchObject({ status: 'ready', checks: [{ ok: true }, { ok: true }, { name: 'there', ok: false, message: 'The disk is gone.' }] })
  })
  it('200: also where no location answers, so that somebody can be told why', async () => {
    for (const away of [engine, other])
      away.setOutage('The disk is gone.')
    const { status, body } = await harness.inject({ url: '/ready' })
    for (const away of [engine, other])
      away.setOutage(undefined)
    expect(status).toBe(200)
    expect(body).toMatchObject({ status: 'ready', checks: [{ ok: true }, { name: 'here', ok: false, message: 'The disk is gone.' }, { name: 'there', ok: false }] })
  })
  it('503: a process that drains wants no more work', async () => {
    const draining = await createHarness()
    draining.drain()
    expect((await draining.inject({ url: '/ready' })).status).toBe(503)
    expect((await draining.inject({ url: '/health' })).status).toBe(200)
    await draining.close()
  })
})

describe('GET /metrics', () => {
  it('keeps its names, counts by route pattern, and knows no tenant', async () => {
    const token = await harness.tokenFor({ project: 'secret-project' })
    await harness.inject({ url: '/api/projects/secret-project', token })
    const { text, headers } = await harness.inject({ url: '/metrics' })
    expect(headers['content-type']).toMatch(/^text\/plain/)
    expect(text).toMatch(/api_requests_total\{method="GET",route="\/api\/projects\/:project",status="200"\} 1/)
    expect(text).toContain('api_request_duration_seconds_bucket')
    expect(text).toContain('api_requests_in_flight')
    expect(text).toContain('howdah_databases{phase="ready"} 0')
    expect(text).toContain('howdah_queue_depth 0')
    expect(text).toContain('howdah_store_up 1')
    expect(text).not.toContain('secret')
  })
})

describe('a process that is a worker only', () => {
  it('says how it is, and answers nothing else to anybody', async () => {
    const worker = await createHarness({ isHealthOnly: true })
    const token = await worker.tokenFor()
    for (const url of ['/health', '/ready', '/metrics'])
      expect((await worker.inject({ url })).status, url).toBe(200)
    for (const url of ['/', '/api/databases/orders', '/api/operations/7', '/api/docs/swagger-ui.css'])
      expect((await worker.inject({ url, token })).status, url).toBe(404)
    await worker.close()
  })
})

describe('GET /api/openapi.json', () => {
  it('is the contract, and its ETag stays while it does', async () => {
    const first = await harness.inject({ url: '/api/openapi.json' })
    const second = await harness.inject({ url: '/api/openapi.json' })
    expect(first.body).toMatchObject({ openapi: '3.1.0', info: { version: '0.0.0-test' } })
    expect(first.headers.etag).toMatch(/^"[\w-]{22}"$/)
    expect(second.headers.etag).toBe(first.headers.etag)
  })
})

describe('GET /api/docs', () => {
  it('needs nothing from elsewhere and runs nothing inline', async () => {
    const { text, headers } = await harness.inject({ url: '/api/docs' })
    expect(headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self'; style-src 'self'/)
    expect(text).not.toMatch(/https?:\/\//)
    expect(text).not.toMatch(/<script>|<style>| on\w+=| style=/)
  })
  it('has every file that it names, to be kept by the browser', async () => {
    const { text } = await harness.inject({ url: '/api/docs' })
    const files = [...text.matchAll(/(?:src|href)="(\/api\/docs\/[^"]+)"/g)].map(match => match[1]!)
    expect(files).toHaveLength(5)
    for (const url of files) {
      const { status, headers, text } = await harness.inject({ url })
      expect(status).toBe(200)
      expect(headers['cache-control']).toMatch(/immutable/)
      expect(text.length).toBeGreaterThan(50)
    }
  })
  it('explains every error code where its problem points to', async () => {
    const { text } = await harness.inject({ url: '/api/docs' })
    for (const code of errorCodes)
      expect(text).toContain(`id="error-${code}"`)
  })
})

describe('GET /api/capabilities', () => {
  it('200: tells what each location can do', async () => {
    const { body } = await harness.inject({ url: '/api/capabilities', token: await harness.tokenFor({ role: 'viewer' }) })
    expect(body.locations).toHaveLength(2)
    expect(body.locations[0]).toMatchObject({ name: 'here', available: true, message: '', defaultVersion: 18, instances: { min: 1, default: 1 } })
  })
  it('200: a location that has never answered hides no other', async () => {
    const dead = new FakeEngine()
    const beside = await createHarness({ engines: new Map([['dead', dead], ['here', engine]]) })
    const { body } = await beside.inject({ url: '/api/capabilities', token: await beside.tokenFor() })
    expect(body.locations).toMatchObject([{ name: 'dead', available: false, message: 'The engine is not open.', versions: [] }, { name: 'here', available: true }])
    await beside.close()
  })
  it('401: needs a credential', async () => {
    expect((await harness.inject({ url: '/api/capabilities' })).status).toBe(401)
  })
})

describe('paths', () => {
  it('404: what is not in the contract', async () => {
    expect((await harness.inject({ url: '/api/nothing' })).body).toMatchObject({ status: 404, code: 'not-found' })
  })
  it('405: names the methods that a path knows', async () => {
    const { status, headers } = await harness.inject({ method: 'PUT', url: '/api/projects/default' })
    expect(status).toBe(405)
    expect(headers.allow).toBe('GET, PATCH, DELETE')
  })
})
