import type { Platform } from '../../../../test/platform.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'

let platform: Platform
let count = 0
beforeAll(async () => {
  platform = await createPlatform()
  await platform.create('orders')
})
afterAll(async () => await platform.close())

const users = '/api/databases/orders/users'
const wait = { prefer: 'wait=10' }
const create = (body: unknown, headers: Record<string, string> = wait, query = '') => platform.ask('POST', `${users}${query}`, body, headers)
async function made(more = {}): Promise<string> {
  const name = `user${count++}`
  expect((await create({ name, ...more })).body).toMatchObject({ name, phase: 'ready' })
  return name
}
async function passwordOf(user: string): Promise<string> {
  return (await platform.ask('GET', `/api/databases/orders/connection?role=${user}`)).body.password
}

describe('POST', () => {
  it('201: a name is enough; the password is made, and revealed on demand only', async () => {
    const { status, body, headers, text } = await create({ name: 'app' })
    expect(status).toBe(201)
    expect(headers.location).toBe(`${users}/app`)
    expect(body).toMatchObject({ name: 'app', access: 'read-write', connectionLimit: -1, isOwner: false, phase: 'ready', operation: null, ownedDbs: [], sessions: 0 })
    expect(text).not.toContain(await passwordOf('app'))
  })
  it('201: without waiting it is being made, and its operation says how far', async () => {
    const { body } = await create({ name: 'later', access: 'none', connectionLimit: 5 }, {})
    expect(body).toMatchObject({ phase: 'creating', sessions: null })
    expect(await platform.ended(body.operation)).toMatchObject({ type: 'user.create', target: 'later', phase: 'succeeded', steps: [{ name: 'role', phase: 'done' }] })
    expect((await platform.ask('GET', `${users}/later`)).body).toMatchObject({ access: 'none', connectionLimit: 5, phase: 'ready' })
  })
  it('201: same Idempotency-Key, same answer, one user', async () => {
    const answers = await Promise.all(Array.from({ length: 3 }, () => create({ name: 'once' }, { 'idempotency-key': 'u1' })))
    expect(new Set(answers.map(answer => `${answer.status} ${answer.text} ${String(answer.headers.location)}`)).size).toBe(1)
    expect((await create({ name: 'once', access: 'none' }, { 'idempotency-key': 'u1' })).body).toMatchObject({ code: 'idempotency-conflict' })
    await platform.ended(answers[0]!.body.operation)
  })
  it('200: a dry run does nothing', async () => {
    expect((await create({ name: 'dry' }, {}, '?dryRun=true')).body).toMatchObject({ dryRun: true, operation: 'user.create', steps: ['role'], interruption: 'none' })
    expect((await platform.ask('GET', `${users}/dry`)).status).toBe(404)
  })
  it('404: of nobody', async () => {
    expect((await platform.ask('POST', '/api/databases/nobody/users', { name: 'app' })).status).toBe(404)
  })
  it('409: a name that is taken, the owner\'s included; at the same time one wins', async () => {
    const name = await made()
    for (const taken of [name, 'orders'])
      expect((await create({ name: taken })).body).toMatchObject({ status: 409, code: 'name-taken', errors: [{ pointer: '/name' }] })
    const answers = await Promise.all(Array.from({ length: 4 }, () => create({ name: 'race' })))
    expect(answers.map(answer => answer.status).sort()).toEqual([201, 409, 409, 409])
  })
  it('409: a database that is not ready for it', async () => {
    await platform.create('asleep')
    await platform.ask('POST', '/api/databases/asleep/hibernate', undefined, wait)
    expect((await platform.ask('POST', '/api/databases/asleep/users', { name: 'app' })).body).toMatchObject({ status: 409, code: 'wrong-phase' })
  })
  it.each<[string, unknown, string]>([
    ['no name', {}, '/name'],
    ...['', 'A', 'a b', '1a', '-a', 'a"b', 'a\';--', 'größe', 'a\0', 'x'.repeat(64), 'postgres', 'pg_read_all_data', 'howdah_monitor', 'public', 'none', 'current_user'].map((name): [string, unknown, string] => [JSON.stringify(name), { name }, '/name']),
    ['a short password', { name: 'ok', password: 'short' }, '/password'],
    ['a password that drivers would change', { name: 'ok', password: 'pässwörd pässwörd' }, '/password'],
    ['a password of more lines', { name: 'ok', password: 'x'.repeat(12).concat('\n') }, '/password'],
    ['an unknown access', { name: 'ok', access: 'superuser' }, '/access'],
    ['a limit below none', { name: 'ok', connectionLimit: -2 }, '/connectionLimit'],
    ['a limit of a half', { name: 'ok', connectionLimit: 1.5 }, '/connectionLimit'],
    ['an unknown field', { name: 'ok', superuser: true }, '/superuser'],
  ])('422: %s', async (_, body, pointer) => {
    expect((await create(body)).body).toMatchObject({ status: 422, errors: [{ pointer }] })
  })
  it('503: a location that does not answer keeps the operation waiting, and it ends by itself', async () => {
    platform.engine.setOutage('The location is being moved.')
    const { body } = await create({ name: 'patient' }, { prefer: 'wait=1' })
    expect(body).toMatchObject({ phase: 'creating' })
    expect(await platform.operation(body.operation)).toMatchObject({ phase: 'running', message: 'The location is being moved.' })
    platform.engine.setOutage(undefined)
    expect((await platform.ended(body.operation)).phase).toBe('succeeded')
  })
})

describe('GET', () => {
  it('200: all of them, the owner among them, and no password', async () => {
    const { body, text } = await platform.ask('GET', users)
    expect(body.items).toContainEqual(expect.objectContaining({ name: 'orders', isOwner: true, access: 'owner', phase: 'ready', ownedDbs: ['orders'] }))
    expect(text).not.toContain('password')
  })
  it('200: also while the database cannot be asked', async () => {
    platform.engine.setOutage('The location is being moved.')
    const { body } = await platform.ask('GET', users)
    platform.engine.setOutage(undefined)
    expect(body.items).toContainEqual(expect.objectContaining({ name: 'orders', sessions: null }))
  })
  it.each(['nobody', '%27', 'postgres'])('404: %s', async (user) => {
    expect((await platform.ask('GET', `${users}/${user}`)).status).toBe(404)
  })
})

describe('PATCH', () => {
  const patch = (user: string, body: unknown, query = '', headers = wait) => platform.ask('PATCH', `${users}/${user}${query}`, body, headers)

  it('200: access and limit', async () => {
    const user = await made()
    expect((await patch(user, { access: 'read-only', connectionLimit: 3 })).body).toMatchObject({ access: 'read-only', connectionLimit: 3, phase: 'ready' })
    expect((await platform.ask('GET', `/api/audit/logs?target=database/orders/user/${user}&action=users.update`)).body.items).toMatchObject([{ changes: { access: { from: 'read-write', to: 'read-only' }, connectionLimit: { from: -1, to: 3 } } }])
  })
  it('200: a password is shown when the server has it; the audit log says only that it changed', async () => {
    const user = await made()
    const before = await passwordOf(user)
    const after = 'a new password, quite long'
    await platform.stopWorking()
    const { body } = await patch(user, { password: after }, '', {} as typeof wait)
    expect(await passwordOf(user)).toBe(before)
    platform.startWorking()
    await platform.ended(body.operation)
    expect(await passwordOf(user)).toBe(after)
    const { text } = await platform.ask('GET', `/api/audit/logs?target=database/orders/user/${user}`)
    expect(text).not.toContain(after)
    expect(text).not.toContain(before)
  })
  it('200: a dry run does nothing', async () => {
    const user = await made()
    expect((await patch(user, { access: 'none' }, '?dryRun=true')).body).toMatchObject({ dryRun: true, operation: 'user.update' })
    expect((await platform.ask('GET', `${users}/${user}`)).body.access).toBe('read-write')
  })
  it('404: nobody', async () => {
    expect((await patch('nobody', { access: 'none' })).status).toBe(404)
  })
  it('409: one that is being changed', async () => {
    const user = await made()
    await platform.stopWorking()
    await patch(user, { access: 'none' }, '', {} as typeof wait)
    expect((await patch(user, { access: 'owner' })).body).toMatchObject({ status: 409, code: 'wrong-phase' })
    platform.startWorking()
  })
  it.each<[string, unknown, string]>([
    ['nothing', {}, ''],
    ['a name', { name: 'other' }, '/name'],
    ['an access', { access: 'root' }, '/access'],
  ])('422: %s', async (_, body, pointer) => {
    expect((await patch('app', body)).body).toMatchObject({ status: 422, errors: [{ pointer }] })
  })
  it.each([['access', 'none'], ['password', 'x'.repeat(20)], ['connectionLimit', 1]])('422: %s of the database\'s owner', async (field, value) => {
    expect((await patch('orders', { [field]: value })).body).toMatchObject({ status: 422, errors: [{ pointer: `/${field}` }] })
  })
})

describe('POST reset-password', () => {
  const reset = (user: string, query = '', headers: Record<string, string> = wait) => platform.ask('POST', `${users}/${user}/reset-password${query}`, undefined, headers)

  it('202: a new password that the answer does not show', async () => {
    const user = await made()
    const before = await passwordOf(user)
    const { status, body, text, headers } = await reset(user)
    expect([status, body.phase, headers.location]).toEqual([202, 'succeeded', `/api/operations/${body.id}`])
    const after = await passwordOf(user)
    expect(after).not.toBe(before)
    expect(text).not.toContain(after)
  })
  it('202: same Idempotency-Key, one reset', async () => {
    const user = await made()
    const first = await reset(user, '', { 'idempotency-key': 'r1', ...wait })
    const after = await passwordOf(user)
    expect((await reset(user, '', { 'idempotency-key': 'r1' })).body.id).toBe(first.body.id)
    expect(await passwordOf(user)).toBe(after)
  })
  it('200: a dry run does nothing', async () => {
    const before = await passwordOf('app')
    expect((await reset('app', '?dryRun=true')).body).toMatchObject({ dryRun: true })
    expect(await passwordOf('app')).toBe(before)
  })
  it('404 nobody, 422 the owner', async () => {
    expect((await reset('nobody')).status).toBe(404)
    expect((await reset('orders')).body).toMatchObject({ status: 422, errors: [{ detail: expect.stringContaining('rotate-credentials') }] })
  })
})

describe('DELETE', () => {
  const remove = (user: string, query = '', headers: Record<string, string> = wait) => platform.ask('DELETE', `${users}/${user}${query}`, undefined, headers)

  it('202: gone, here and there', async () => {
    const user = await made()
    expect((await remove(user)).body).toMatchObject({ type: 'user.delete', target: user, phase: 'succeeded' })
    expect((await platform.ask('GET', `${users}/${user}`)).status).toBe(404)
    expect((await platform.engine.roles({ id: (await platform.get('orders')).id, name: 'orders', project: 'default' })).map(role => role.name)).not.toContain(user)
  })
  it('200: a dry run says what would happen to what it owns, and does nothing', async () => {
    expect((await remove('app', '?dryRun=true')).body).toMatchObject({ dryRun: true, operation: 'user.delete', reasons: [expect.stringContaining('owner')] })
    expect((await platform.ask('GET', `${users}/app`)).status).toBe(200)
  })
  it('404: nobody', async () => {
    expect((await remove('nobody')).status).toBe(404)
  })
  it('409: the owner, and whoever owns a logical database', async () => {
    expect((await remove('orders')).body).toMatchObject({ status: 409, code: 'in-use' })
    const user = await made()
    await platform.ask('POST', '/api/databases/orders/dbs', { name: 'theirs', owner: user }, wait)
    expect((await remove(user)).body).toMatchObject({ status: 409, code: 'in-use', detail: expect.stringContaining('theirs') })
  })
  it('409: one that is being dropped', async () => {
    const user = await made()
    await platform.stopWorking()
    await remove(user, '', {})
    expect((await remove(user, '', {})).body).toMatchObject({ status: 409, code: 'wrong-phase' })
    platform.startWorking()
  })
})
