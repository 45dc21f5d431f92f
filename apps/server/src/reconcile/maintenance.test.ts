import type { Platform } from '../../test/platform.ts'
import { randomUUID } from 'node:crypto'
import { weekdays } from '@howdah/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPlatform } from '../../test/platform.ts'
import { beginDueMaintenance } from './maintenance.ts'

let platform: Platform
let name: string
let count = 0
const wait = { prefer: 'wait=10' }
const always = { days: [...weekdays], start: '00:00', durationMinutes: 1440 }
/** It opens in half a day, whenever the test runs. */
const later = () => ({ days: [...weekdays], start: new Date(Date.now() + 12 * 3_600_000).toISOString().slice(11, 16), durationMinutes: 60, timeZone: 'UTC' })

beforeAll(async () => {
  platform = await createPlatform()
})
beforeEach(async () => {
  name = `db${count++}`
  await platform.create(name, { maintenanceWindow: later(), parameters: { max_connections: '50' } })
})
afterAll(async () => await platform.close())

const patch = (body: unknown, headers?: Record<string, string>) => platform.ask('PATCH', `/api/databases/${name}`, body, headers)
const inWindow = (body: unknown, headers?: Record<string, string>) => platform.ask('PATCH', `/api/databases/${name}?apply=maintenance-window`, body, headers)
const operation = async (id: string) => (await platform.ask('GET', `/api/operations/${id}`)).body
const row = async () => await platform.domain.store.db.selectFrom('databases').selectAll().where('name', '=', name).executeTakeFirstOrThrow()
/** As if the window had opened: it is moved to now, and what waits with it. */
const open = async () => expect((await patch({ maintenanceWindow: always }, wait)).body).toMatchObject({ phase: 'ready' })

describe('a change that waits for the maintenance window', () => {
  it('is an operation that says when, and the database stays as it is', async () => {
    const { body } = await inWindow({ parameters: { max_connections: '80' } }, wait)
    expect(body).toMatchObject({ parameters: { max_connections: '50' }, phase: 'ready', operation: null, generation: 1, scheduledOperation: expect.any(String) })
    const waiting = await operation(body.scheduledOperation)
    expect(waiting).toMatchObject({ type: 'database.update', phase: 'scheduled', cancellable: true, update: { parameters: { max_connections: '80' } }, startedAt: null })
    const { maintenanceWindow } = body
    expect(waiting.notBefore.slice(11, 16)).toBe(maintenanceWindow.start)
    await beginDueMaintenance(platform.domain)
    expect((await operation(body.scheduledOperation)).phase).toBe('scheduled')
    const { body: audit } = await platform.ask('GET', `/api/audit/logs?target=database/${name}&action=databases.schedule`)
    expect(audit.items).toMatchObject([{ changes: { notBefore: { to: waiting.notBefore }, parameters: { to: { max_connections: '80' } } } }])
  })

  it('is made once when the window opens, whoever looks, of what the database is by then', async () => {
    const { body } = await inWindow({ parameters: { max_connections: '80' } })
    await patch({ storageGib: 20, parameters: { work_mem: '8MB' } }, wait)
    await open()
    await Promise.all(Array.from({ length: 4 }, () => beginDueMaintenance(platform.domain)))
    expect(await platform.ended(body.scheduledOperation)).toMatchObject({ phase: 'succeeded', requestedBy: expect.stringContaining('@') })
    expect(await platform.get(name)).toMatchObject({ phase: 'ready', scheduledOperation: null, storageGib: 20, parameters: { max_connections: '80', work_mem: '8MB' }, generation: 4 })
    const { body: audit } = await platform.ask('GET', `/api/audit/logs?target=database/${name}&action=databases.update`)
    expect(audit.items[0]).toMatchObject({ actor: 'system', changes: { parameters: { to: { max_connections: '80', work_mem: '8MB' } } } })
  })

  it('takes along what is asked for while it waits; asking again changes nothing', async () => {
    const first = await inWindow({ parameters: { max_connections: '80', work_mem: '8MB' }, labels: { a: '1' } })
    const second = await inWindow({ parameters: { max_connections: '90' }, labels: { b: '2' }, cpu: 2 })
    await inWindow({ parameters: { max_connections: '90' } })
    expect(second.body.scheduledOperation).toBe(first.body.scheduledOperation)
    expect(await operation(first.body.scheduledOperation)).toMatchObject({ update: { parameters: { max_connections: '90', work_mem: '8MB' }, labels: { b: '2' }, cpu: 2 } })
  })

  it('can be cancelled, and then another one can wait', async () => {
    const { body } = await inWindow({ cpu: 2 })
    expect((await platform.ask('POST', `/api/operations/${body.scheduledOperation}/cancel`)).body).toMatchObject({ phase: 'cancelled' })
    expect(await platform.get(name)).toMatchObject({ cpu: 1, scheduledOperation: null, generation: 1 })
    expect((await inWindow({ cpu: 3 })).body.scheduledOperation).not.toBe(body.scheduledOperation)
  })

  it('moves with the window', async () => {
    const { body } = await inWindow({ cpu: 2 })
    await patch({ maintenanceWindow: { start: '04:20', days: ['friday'] } }, wait)
    const { notBefore } = await operation(body.scheduledOperation)
    expect([new Date(notBefore).getUTCDay(), notBefore.slice(11, 16)]).toEqual([5, '04:20'])
  })

  it('is not begun after the window has closed, when nobody looked in time', async () => {
    const { body } = await inWindow({ cpu: 2 })
    await platform.domain.store.db.updateTable('operations').set({ not_before: new Date(0) }).where('id', '=', body.scheduledOperation).execute()
    await beginDueMaintenance(platform.domain)
    const waiting = await operation(body.scheduledOperation)
    expect(waiting.phase).toBe('scheduled')
    expect(Date.parse(waiting.notBefore)).toBeGreaterThan(Date.now())
  })

  it('waits for what is being done', async () => {
    const { body } = await inWindow({ cpu: 2 })
    await open()
    const { db } = platform.domain.store
    const like = await db.selectFrom('operations').select(['project_id', 'location', 'database_id', 'database_name', 'type', 'requested_by', 'deadline_at']).where('id', '=', body.scheduledOperation).executeTakeFirstOrThrow()
    const other = randomUUID()
    await db.insertInto('operations').values({ ...like, id: other, run_after: new Date(Date.now() + 3_600_000) }).execute()
    await beginDueMaintenance(platform.domain)
    expect((await operation(body.scheduledOperation)).phase).toBe('scheduled')
    await db.deleteFrom('operations').where('id', '=', other).execute()
    await beginDueMaintenance(platform.domain)
    expect((await platform.ended(body.scheduledOperation)).phase).toBe('succeeded')
  })

  it('waits for a phase that allows it', async () => {
    const { body } = await inWindow({ cpu: 2 })
    await open()
    const set = async (phase: string) => await platform.domain.store.db.updateTable('databases').set({ phase }).where('name', '=', name).execute()
    await set('upgrading')
    await beginDueMaintenance(platform.domain)
    expect((await operation(body.scheduledOperation)).phase).toBe('scheduled')
    await set('ready')
    await beginDueMaintenance(platform.domain)
    expect((await platform.ended(body.scheduledOperation)).phase).toBe('succeeded')
  })

  it('fails with its reason where it is not possible any more, and leaves the database alone', async () => {
    const { body } = await inWindow({ storageGib: 20 })
    await patch({ storageGib: 30 }, wait)
    await open()
    await beginDueMaintenance(platform.domain)
    expect(await operation(body.scheduledOperation)).toMatchObject({ phase: 'failed', error: { reason: 'NotPossibleAnyMore', message: expect.stringContaining('Storage never shrinks') } })
    expect(await platform.get(name)).toMatchObject({ phase: 'ready', storageGib: 30, scheduledOperation: null, reason: '' })
    expect((await platform.ask('GET', `/api/databases/${name}/service-logs?type=operation.failed`)).body.items).toMatchObject([{ severity: 'error' }])
  })

  it('that changes nothing any more is over', async () => {
    const { body } = await inWindow({ cpu: 2 })
    await patch({ cpu: 2 }, wait)
    await open()
    await beginDueMaintenance(platform.domain)
    expect((await operation(body.scheduledOperation)).phase).toBe('succeeded')
    expect((await row()).scheduled_operation_id).toBeNull()
  })

  it('goes with the database', async () => {
    const { body } = await inWindow({ cpu: 2 })
    await platform.ask('DELETE', `/api/databases/${name}`, undefined, wait)
    expect((await operation(body.scheduledOperation)).phase).toBe('cancelled')
  })

  it('is refused now where it would be refused now', async () => {
    expect((await inWindow({ storageGib: 5, parameters: { nonsense: '1' } })).body).toMatchObject({ status: 422, errors: [{ pointer: '/storageGib' }] })
    expect((await inWindow({ parameters: { nonsense: '1' } })).body).toMatchObject({ status: 422, errors: [{ pointer: '/parameters/nonsense' }] })
    expect((await inWindow({ cpu: 2 }, { 'if-match': '"7"' })).status).toBe(412)
    expect((await platform.ask('PATCH', `/api/databases/${name}?apply=tonight`, { cpu: 2 })).body).toMatchObject({ status: 422, errors: [{ pointer: '?apply' }] })
    expect(await platform.get(name)).toMatchObject({ scheduledOperation: null })
  })

  it('is planned with its moment, without doing anything', async () => {
    const { body } = await platform.ask('PATCH', `/api/databases/${name}?apply=maintenance-window&dryRun=true`, { parameters: { max_connections: '80' } })
    expect(body).toMatchObject({ dryRun: true, operation: 'database.update', interruption: 'restart', notBefore: expect.stringMatching(/^\d{4}-/) })
    expect(await platform.get(name)).toMatchObject({ scheduledOperation: null })
  })

  it('is nothing when it is so already', async () => {
    expect((await inWindow({ parameters: { max_connections: '50' } })).body).toMatchObject({ scheduledOperation: null })
  })

  it('needs the right to change, as one that is made at once', async () => {
    const token = await platform.tokenFor({ role: 'viewer' })
    expect((await platform.inject({ method: 'PATCH', url: `/api/databases/${name}?apply=maintenance-window`, token, body: { cpu: 2 } })).status).toBe(403)
    const other = await platform.tokenFor({ project: 'windows' })
    expect((await platform.inject({ method: 'PATCH', url: `/api/databases/${name}?apply=maintenance-window`, token: other, body: { cpu: 2 } })).status).toBe(404)
  })
})

describe('the window', () => {
  it('every database has one, of which a part can be changed, without an interruption', async () => {
    const made = await platform.create(`${name}-own`)
    expect(made.maintenanceWindow).toEqual({ days: [expect.any(String)], start: expect.stringMatching(/^0[1-5]:00$/), durationMinutes: 60, timeZone: 'UTC' })
    const { body } = await platform.ask('PATCH', `/api/databases/${name}-own`, { maintenanceWindow: { timeZone: 'Europe/Berlin' } }, wait)
    expect(body).toMatchObject({ phase: 'ready', generation: 2, maintenanceWindow: { ...made.maintenanceWindow, timeZone: 'Europe/Berlin' } })
  })

  it.each([
    [{ days: [] }, '/maintenanceWindow/days'],
    [{ days: ['someday'] }, '/maintenanceWindow/days/0'],
    [{ start: '24:00' }, '/maintenanceWindow/start'],
    [{ start: '3:00' }, '/maintenanceWindow/start'],
    [{ durationMinutes: 5 }, '/maintenanceWindow/durationMinutes'],
    [{ timeZone: 'Mars/Olympus' }, '/maintenanceWindow/timeZone'],
    [{ until: '05:00' }, '/maintenanceWindow/until'],
  ])('refuses %j', async (maintenanceWindow, pointer) => {
    for (const answer of [await patch({ maintenanceWindow }), await platform.ask('POST', '/api/databases', { name: 'refused', maintenanceWindow })])
      expect(answer.body).toMatchObject({ status: 422, errors: [{ pointer }] })
  })

  it('a database that begins as another one has that one\'s', async () => {
    const { maintenanceWindow } = await platform.get(name)
    expect(await platform.create(`${name}-child`, { from: { database: name } })).toMatchObject({ maintenanceWindow })
  })
})

it('an upgrade waits for the window when it is asked to, and nothing else waits beside it', async () => {
  const old = `${name}-old`
  const upgrade = () => platform.ask('POST', `/api/databases/${old}/upgrade?apply=maintenance-window`, { version: 18 }, wait)
  await platform.create(old, { version: 17, maintenanceWindow: later() })
  const { body } = await upgrade()
  expect(body).toMatchObject({ type: 'database.upgrade', phase: 'scheduled', cancellable: true, notBefore: expect.any(String) })
  expect(await platform.get(old)).toMatchObject({ phase: 'ready', version: 17, scheduledOperation: body.id })
  expect((await upgrade()).body).toMatchObject({ code: 'wrong-phase' })
  expect((await platform.ask('PATCH', `/api/databases/${old}?apply=maintenance-window`, { cpu: 2 })).body).toMatchObject({ code: 'wrong-phase' })
  await platform.ask('PATCH', `/api/databases/${old}`, { maintenanceWindow: always }, wait)
  await Promise.all(Array.from({ length: 3 }, () => beginDueMaintenance(platform.domain)))
  expect(await platform.ended(body.id)).toMatchObject({ phase: 'succeeded' })
  expect(await platform.get(old)).toMatchObject({ phase: 'ready', version: 18, scheduledOperation: null })
  expect(Date.parse((await platform.get(old)).undoUntil ?? '')).toBeGreaterThan(Date.now() + 86_000_000)
})
