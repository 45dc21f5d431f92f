import type { Operation } from '@howdah/contract'
import type { Platform } from '../../../../test/platform.ts'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'

const wait = { prefer: 'wait=10' }
let platform: Platform
beforeAll(async () => {
  platform = await createPlatform()
  await platform.create('orders')
  await platform.create('other')
  await platform.ask('POST', '/api/databases/orders/users', { name: 'app' }, wait)
})
afterAll(async () => await platform.close())

const cancel = (id: string, headers: Record<string, string> = {}) => platform.ask<Operation>('POST', `/api/operations/${id}/cancel`, undefined, headers)
async function list(query = ''): Promise<Operation[]> {
  const { status, body, text } = await platform.ask('GET', `/api/operations${query}`)
  expect(status, text).toBe(200)
  return body.items
}

describe('GET', () => {
  it('200: one with its steps, when each began and ended, and who asked', async () => {
    const [create] = await list('?database=orders&type=database.create')
    const { body } = await platform.ask('GET', `/api/operations/${create!.id}`)
    expect(body).toMatchObject({ type: 'database.create', phase: 'succeeded', database: 'orders', progressPercent: 100, cancellable: false, error: null, requestedBy: expect.stringContaining('@example.org') })
    expect(body.steps.map((step: { name: string, phase: string }) => `${step.name} ${step.phase}`)).toEqual(['claim done', 'start done', 'configure done', 'login done'])
    for (const step of body.steps)
      expect(Date.parse(step.finishedAt)).toBeGreaterThanOrEqual(Date.parse(step.startedAt))
    expect(Date.parse(body.finishedAt)).toBeGreaterThanOrEqual(Date.parse(body.startedAt))
  })
  it('200: newest first, filtered', async () => {
    expect((await list()).map(item => item.type)).toEqual(['user.create', 'database.create', 'database.create'])
    expect((await list('?database=orders')).map(item => item.database)).toEqual(['orders', 'orders'])
    expect(await list('?type=user.create')).toHaveLength(1)
    expect(await list('?phase=succeeded&phase=failed')).toHaveLength(3)
    expect(await list('?phase=running')).toEqual([])
    expect(await list('?database=%25')).toEqual([])
  })
  it('200: pages follow each other while more comes', async () => {
    const before = (await list()).map(item => item.id)
    const first = (await platform.ask('GET', '/api/operations?limit=1')).body
    await platform.ask('POST', '/api/databases/other/restart', undefined, wait)
    const second = (await platform.ask('GET', `/api/operations?limit=200&cursor=${first.nextCursor}`)).body
    expect([...first.items, ...second.items].map(item => item.id)).toEqual(before)
    expect(second.nextCursor).toBeNull()
  })
  it('200: what a database went through is still there when it is gone', async () => {
    await platform.create('gone')
    await platform.ask('DELETE', '/api/databases/gone', undefined, wait)
    expect((await list('?database=gone')).map(item => item.type)).toEqual(['database.delete', 'database.create'])
  })
  it.each([randomUUID(), 'x', '%27', '%00x', '1'])('404: %s', async (id) => {
    expect((await platform.ask('GET', `/api/operations/${id}`)).status).toBeOneOf([404, 422])
  })
  it('404: of another project', async () => {
    const token = await platform.tokenFor({ project: 'stranger' })
    const [operation] = await list()
    expect((await platform.inject({ url: `/api/operations/${operation!.id}`, token })).status).toBe(404)
    expect((await platform.inject({ method: 'POST', url: `/api/operations/${operation!.id}/cancel`, token })).status).toBe(404)
    expect((await platform.inject({ url: '/api/operations', token })).body.items).toEqual([])
  })
  it.each(['type=x', 'phase=x', 'limit=0', 'cursor=x', 'x=1', 'database=%00'])('422: %s', async (query) => {
    expect((await platform.ask('GET', `/api/operations?${query}`)).body).toMatchObject({ status: 422, errors: [{ pointer: `?${query.split('=')[0]}` }] })
  })
})

describe('POST cancel: 202', () => {
  it('what waits ends at once, and everything is as it was before', async () => {
    const before = await platform.get('orders')
    await platform.stopWorking()
    const { body } = await platform.ask('PATCH', '/api/databases/orders', { storageGib: 50, parameters: { work_mem: '8MB' }, labels: { a: 'b' }, extensions: ['cube'] })
    const { status, body: cancelled, headers } = await cancel(body.operation)
    expect([status, headers.location]).toEqual([202, `/api/operations/${body.operation}`])
    expect(cancelled).toMatchObject({ phase: 'cancelled', cancellable: false, message: 'It was cancelled before it began.', finishedAt: expect.any(String) })
    const after = await platform.get('orders')
    expect({ ...after, updatedAt: '', since: '' }).toEqual({ ...before, generation: before.generation + 2, updatedAt: '', since: '' })
    platform.startWorking()
  })
  it('users and logical databases that were to be made, changed or dropped are as before', async () => {
    await platform.ask('POST', '/api/databases/orders/dbs', { name: 'reports' }, wait)
    await platform.stopWorking()
    const begun = [
      (await platform.ask('POST', '/api/databases/orders/users', { name: 'new' })).body.operation,
      (await platform.ask('PATCH', '/api/databases/orders/users/app', { access: 'none', password: 'x'.repeat(12) })).body.operation,
      (await platform.ask('POST', '/api/databases/orders/dbs', { name: 'newdb' })).body.operation,
      (await platform.ask('DELETE', '/api/databases/orders/dbs/reports')).body.id,
    ] as string[]
    for (const id of begun)
      expect((await cancel(id)).body.phase).toBe('cancelled')
    platform.startWorking()
    expect((await platform.ask('GET', '/api/databases/orders/users')).body.items.map((user: Record<string, unknown>) => [user.name, user.access, user.phase, user.operation])).toEqual([['app', 'read-write', 'ready', null], ['orders', 'owner', 'ready', null]])
    expect((await platform.ask('GET', '/api/databases/orders/dbs')).body.items.map((db: Record<string, unknown>) => [db.name, db.phase, db.operation])).toEqual([['orders', 'ready', null], ['reports', 'ready', null]])
    expect((await platform.ask('GET', '/api/databases/orders/connection?role=app')).body.password).not.toBe('x'.repeat(12))
    expect((await platform.get('orders')).phase).toBe('ready')
  })
  it('a create that runs stops after its present step', async () => {
    const { body } = await platform.ask('POST', '/api/databases', { name: 'slow-ready' })
    await platform.inPhase('slow-ready', 'provisioning')
    expect((await cancel(body.operation, wait)).body).toMatchObject({ phase: 'cancelled' })
    expect(await platform.get('slow-ready')).toMatchObject({ phase: 'failed', reason: 'Cancelled', operation: null })
    await platform.ask('DELETE', '/api/databases/slow-ready', undefined, wait)
  })
  it('a create that waits for its location hears of it at once', async () => {
    const { body } = await platform.ask('POST', '/api/databases', { name: 'slow-ready' })
    platform.engine.setOutage('The location is being moved.')
    await expect.poll(async () => (await platform.operation(body.operation)).message).toContain('moved')
    expect((await cancel(body.operation, wait)).body).toMatchObject({ phase: 'cancelled' })
    platform.engine.setOutage(undefined)
    await platform.ask('DELETE', '/api/databases/slow-ready', undefined, wait)
  })
  it('a create that nobody has begun', async () => {
    await platform.stopWorking()
    const { body } = await platform.ask('POST', '/api/databases', { name: 'never' })
    await cancel(body.operation)
    expect(await platform.get('never')).toMatchObject({ phase: 'failed', reason: 'Cancelled', operation: null })
    platform.startWorking()
    expect((await platform.ask('DELETE', '/api/databases/never', undefined, wait)).body.phase).toBe('succeeded')
  })
  it('again: the same answer, and one entry in the audit log', async () => {
    await platform.stopWorking()
    const { body } = await platform.ask('POST', '/api/databases/other/restart')
    const answers = await Promise.all(Array.from({ length: 3 }, () => cancel(body.id)))
    expect(new Set(answers.map(answer => `${answer.status} ${answer.text}`)).size).toBe(1)
    const { body: audit } = await platform.ask('GET', '/api/audit/logs?action=operations.cancel&target=database/other')
    expect(audit.items).toHaveLength(1)
    platform.startWorking()
  })
})

describe('POST cancel: 409', () => {
  it('what has ended, or has begun to change a database', async () => {
    const [ended] = await list('?phase=succeeded')
    expect((await cancel(ended!.id)).body).toMatchObject({ status: 409, code: 'wrong-phase' })
    const { id } = await platform.get('orders')
    platform.engine.crash(id)
    await platform.inPhase('orders', 'restarting')
    const { body } = await platform.ask('PATCH', '/api/databases/orders', { storageGib: 60 })
    await expect.poll(async () => (await platform.operation(body.operation)).phase).toBe('running')
    expect((await cancel(body.operation)).body).toMatchObject({ status: 409, code: 'wrong-phase' })
    platform.engine.recover(id)
    await platform.ended(body.operation)
  })
  it('a delete', async () => {
    await platform.create('doomed')
    await platform.stopWorking()
    const { body } = await platform.ask('DELETE', '/api/databases/doomed')
    expect((await cancel(body.id)).body).toMatchObject({ status: 409, code: 'wrong-phase' })
    platform.startWorking()
    await platform.ended(body.id)
  })
  it('a change that a later one builds on: taking it back would undo that one', async () => {
    const { storageGib } = await platform.get('orders')
    await platform.stopWorking()
    const first = (await platform.ask('PATCH', '/api/databases/orders', { storageGib: storageGib + 10 })).body
    const second = (await platform.ask('PATCH', '/api/databases/orders', { storageGib: storageGib + 20 })).body
    const third = (await platform.ask('PATCH', '/api/databases/orders', { cpu: 4 })).body
    expect((await cancel(first.operation)).body).toMatchObject({ status: 409, code: 'wrong-phase', detail: expect.stringContaining('later change') })
    expect((await cancel(second.operation)).body).toMatchObject({ phase: 'cancelled' })
    expect(await platform.get('orders')).toMatchObject({ storageGib: storageGib + 10, cpu: 4 })
    expect((await cancel(first.operation)).body).toMatchObject({ phase: 'cancelled' })
    platform.startWorking()
    await platform.ended(third.operation)
    expect(await platform.get('orders')).toMatchObject({ storageGib, cpu: 4, phase: 'ready' })
  })
})
