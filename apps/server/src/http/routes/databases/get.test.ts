import type { Platform } from '../../../../test/platform.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'

let platform: Platform
beforeAll(async () => {
  platform = await createPlatform()
  await platform.create('orders', { labels: { team: 'a' } })
})
afterAll(async () => await platform.close())

const get = (name: string) => platform.ask('GET', `/api/databases/${name}`)

describe('200', () => {
  it('what is wanted and what is seen, with the ETag that a change is based on', async () => {
    const { status, headers, body } = await get('orders')
    expect(status).toBe(200)
    expect(headers.etag).toBe(`"${body.generation}"`)
    expect(body).toMatchObject({ name: 'orders', labels: { team: 'a' }, phase: 'ready', reason: '', message: '', members: [{ name: 'orders-1', role: 'primary', phase: 'ready' }], allowedActions: expect.arrayContaining(['update', 'delete']) })
  })
  it('what the engine says of itself shows at once, and no secret does', async () => {
    const { id } = await platform.get('orders')
    platform.engine.crash(id)
    expect(await platform.inPhase('orders', 'restarting')).toMatchObject({ reason: 'PostmasterExited', members: [{ phase: 'starting' }] })
    platform.engine.recover(id)
    await platform.inPhase('orders', 'ready')
    const { text } = await get('orders')
    expect(text).not.toMatch(/password|CERTIFICATE/i)
  })
  it('a thousand readers at once get the one they asked for', async () => {
    await platform.create('other')
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => get(i % 2 ? 'orders' : 'other')))
    expect(answers.every(({ status, body }, i) => status === 200 && body.name === (i % 2 ? 'orders' : 'other'))).toBe(true)
  })
  it('whoever waits for a change sees it in the next read', async () => {
    for (const team of ['b', 'c', 'd']) {
      const reads = Array.from({ length: 20 }, () => get('orders'))
      await platform.ask('PATCH', '/api/databases/orders', { labels: { team } }, { prefer: 'wait=10' })
      expect((await get('orders')).body.labels).toEqual({ team })
      await Promise.all(reads)
    }
  })
})

describe('404', () => {
  it.each(['nobody', 'Orders', 'orders%20', '..%2Forders', 'orders%27--', '%25', '%F0%9F%90%98', `${'x'.repeat(63)}`])('%s', async (name) => {
    expect((await get(name)).body).toMatchObject({ status: 404, code: 'not-found' })
  })
  it('of another project: the same answer, but for the id of the request', async () => {
    const token = await platform.tokenFor({ project: 'other' })
    const [theirs, none] = await Promise.all(['orders', 'nobody'].map(name => platform.inject({ url: `/api/databases/${name}`, token })))
    expect({ ...theirs!.body, requestId: '' }).toEqual({ ...none!.body, requestId: '' })
    expect(theirs!.status).toBe(404)
  })
  it('a name that no URL can carry', async () => {
    for (const path of ['%ff', '%E0%A4%A', '%', 'x'.repeat(5000)])
      expect((await get(path)).body, path).toMatchObject({ status: 404, code: 'not-found' })
  })
})

describe('422', () => {
  it.each(['%00', 'orders%00', 'x'.repeat(64)])('%s', async (name) => {
    expect((await get(name)).body).toMatchObject({ status: 422, code: 'invalid', errors: [{ pointer: '/name' }] })
  })
})
