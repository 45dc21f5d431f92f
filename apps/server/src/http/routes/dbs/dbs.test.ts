import type { Platform } from '../../../../test/platform.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'

const wait = { prefer: 'wait=10' }
let platform: Platform
beforeAll(async () => {
  platform = await createPlatform()
  await platform.create('orders')
  await platform.ask('POST', '/api/databases/orders/users', { name: 'app' }, wait)
})
afterAll(async () => await platform.close())

const dbs = '/api/databases/orders/dbs'
const create = (body: unknown, headers: Record<string, string> = wait, query = '') => platform.ask('POST', `${dbs}${query}`, body, headers)
const remove = (db: string, query = '', headers: Record<string, string> = wait) => platform.ask('DELETE', `${dbs}/${db}${query}`, undefined, headers)

describe('POST', () => {
  it('201: owned by the database\'s owner where nobody else is named', async () => {
    const { status, body, headers } = await create({ name: 'reports' })
    expect([status, headers.location]).toEqual([201, `${dbs}/reports`])
    expect(body).toMatchObject({ name: 'reports', owner: 'orders', isMain: false, phase: 'ready', operation: null, sizeBytes: expect.any(Number), sessions: 0 })
  })
  it('201: owned by a user that is still being made: the operations keep their order', async () => {
    await platform.stopWorking()
    const user = await platform.ask('POST', '/api/databases/orders/users', { name: 'young' })
    const { body } = await create({ name: 'early', owner: 'young' }, {})
    expect(body).toMatchObject({ phase: 'creating', owner: 'young', sizeBytes: null })
    platform.startWorking()
    expect((await platform.ended(user.body.operation)).phase).toBe('succeeded')
    expect((await platform.ended(body.operation)).phase).toBe('succeeded')
  })
  it('201: same Idempotency-Key, same answer', async () => {
    const [first, again] = [await create({ name: 'once' }, { 'idempotency-key': 'd1' }), await create({ name: 'once' }, { 'idempotency-key': 'd1' })]
    expect([again!.status, again!.text, again!.headers.location]).toEqual([201, first!.text, first!.headers.location])
    await platform.ended(first!.body.operation)
  })
  it('200: a dry run does nothing', async () => {
    expect((await create({ name: 'dry' }, {}, '?dryRun=true')).body).toMatchObject({ dryRun: true, operation: 'db.create', steps: ['db'] })
    expect((await platform.ask('GET', `${dbs}/dry`)).status).toBe(404)
  })
  it('404: of nobody', async () => {
    expect((await platform.ask('POST', '/api/databases/nobody/dbs', { name: 'a' })).status).toBe(404)
  })
  it('409: taken; at the same time one wins', async () => {
    expect((await create({ name: 'orders' })).body).toMatchObject({ status: 409, code: 'name-taken' })
    const answers = await Promise.all(Array.from({ length: 4 }, () => create({ name: 'race' })))
    expect(answers.map(answer => answer.status).sort()).toEqual([201, 409, 409, 409])
  })
  it('409: a database that is not ready for it', async () => {
    await platform.create('asleep')
    await platform.ask('POST', '/api/databases/asleep/hibernate', undefined, wait)
    expect((await platform.ask('POST', '/api/databases/asleep/dbs', { name: 'a' })).body).toMatchObject({ status: 409, code: 'wrong-phase' })
  })
  it.each<[string, unknown, string]>([
    ['no name', {}, '/name'],
    ...['', 'A', 'a b', 'a"b', 'template1', 'postgres', 'pg_x', 'howdah_x', 'x'.repeat(64), 'a\0'].map((name): [string, unknown, string] => [JSON.stringify(name), { name }, '/name']),
    ...['nobody', '', '\0', 'postgres', '"; drop role app; --', 'x'.repeat(64)].map((owner): [string, unknown, string] => [`owner ${JSON.stringify(owner)}`, { name: 'ok', owner }, '/owner']),
    ['an unknown field', { name: 'ok', template: 'template0' }, '/template'],
  ])('422: %s', async (_, body, pointer) => {
    expect((await create(body)).body).toMatchObject({ status: 422, errors: [{ pointer }] })
  })
  it('422: an owner who is being dropped', async () => {
    await platform.ask('POST', '/api/databases/orders/users', { name: 'leaving' }, wait)
    await platform.stopWorking()
    await platform.ask('DELETE', '/api/databases/orders/users/leaving')
    expect((await create({ name: 'ok', owner: 'leaving' })).body).toMatchObject({ status: 422, errors: [{ pointer: '/owner' }] })
    platform.startWorking()
  })
})

describe('GET', () => {
  it('200: all of them, also while the database cannot be asked', async () => {
    const main = { name: 'orders', owner: 'orders', isMain: true, phase: 'ready' }
    expect((await platform.ask('GET', dbs)).body.items).toContainEqual(expect.objectContaining({ ...main, sizeBytes: expect.any(Number) }))
    platform.engine.setOutage('The location is being moved.')
    const { body } = await platform.ask('GET', dbs)
    platform.engine.setOutage(undefined)
    expect(body.items).toContainEqual(expect.objectContaining({ ...main, sizeBytes: null, sessions: null }))
  })
  it('404: nobody', async () => {
    expect((await platform.ask('GET', `${dbs}/nobody`)).status).toBe(404)
  })
})

describe('DELETE', () => {
  it('202: gone, here and there, and written down', async () => {
    await create({ name: 'gone' })
    expect((await remove('gone')).body).toMatchObject({ type: 'db.delete', target: 'gone', phase: 'succeeded' })
    expect((await platform.ask('GET', `${dbs}/gone`)).status).toBe(404)
    expect((await platform.ask('GET', '/api/audit/logs?target=database/orders/db/gone')).body.items.map((entry: { action: string }) => entry.action)).toEqual(['dbs.delete', 'dbs.create'])
  })
  it('200: a dry run says what would be lost, and does nothing', async () => {
    await create({ name: 'kept' })
    expect((await remove('kept', '?dryRun=true')).body).toMatchObject({ dryRun: true, operation: 'db.delete', reasons: [expect.stringContaining('data')] })
    expect((await platform.ask('GET', `${dbs}/kept`)).body.phase).toBe('ready')
  })
  it('404: nobody', async () => {
    expect((await remove('nobody')).status).toBe(404)
  })
  it('409: the one that came with the database', async () => {
    expect((await remove('orders')).body).toMatchObject({ status: 409, code: 'in-use' })
  })
  it('409: one that is being dropped', async () => {
    await create({ name: 'leaving' })
    await platform.stopWorking()
    await remove('leaving', '', {})
    expect((await remove('leaving', '', {})).body).toMatchObject({ status: 409, code: 'wrong-phase' })
    platform.startWorking()
  })
})
