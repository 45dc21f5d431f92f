import type { Platform } from '../../../../test/platform.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'

const wait = { prefer: 'wait=10' }
let platform: Platform
let name: string
let backup: string
let count = 0
beforeAll(async () => {
  platform = await createPlatform()
})
beforeEach(async () => {
  name = `db${count++}`
  await platform.create(name)
  await platform.ask('POST', `/api/databases/${name}/users`, { name: 'app', password: 'kept as it is' }, wait)
  await platform.ask('POST', `/api/databases/${name}/backups`, undefined, wait)
  backup = (await platform.ask('GET', `/api/databases/${name}/backups`)).body.items[0].id
})
afterAll(async () => await platform.close())

const restore = (body: unknown, query = '', headers: Record<string, string> = wait) => platform.ask('POST', `/api/databases/${name}/restore${query}`, body, headers)
const undo = (query = '') => platform.ask('POST', `/api/databases/${name}/undo-restore${query}`, undefined, wait)
const names = async (what: 'users' | 'dbs') => (await platform.ask('GET', `/api/databases/${name}/${what}`)).body.items.map((item: { name: string }) => item.name).sort()
const connection = async (query = '') => (await platform.ask('GET', `/api/databases/${name}/connection${query}`)).body

describe('202', () => {
  it('it is what it was, with the address, users and passwords of now, and for a day it can be undone', async () => {
    await platform.ask('POST', `/api/databases/${name}/users`, { name: 'later' }, wait)
    await platform.ask('POST', `/api/databases/${name}/dbs`, { name: 'reports' }, wait)
    const before = await connection()
    const { status, body } = await restore({ backup })
    expect(status).toBe(202)
    expect(body).toMatchObject({ type: 'database.restore', phase: 'succeeded', target: '' })
    const seen = await platform.get(name)
    expect(seen).toMatchObject({ phase: 'ready', generation: 1 })
    expect(Math.abs(Date.parse(seen.undoUntil ?? '') - Date.now() - 86_400_000)).toBeLessThan(60_000)
    expect(await connection()).toEqual(before)
    expect((await connection('?role=app')).password).toBe('kept as it is')
    expect(await names('users')).toContain('later')
    expect(await names('dbs')).not.toContain('reports')
    expect((await platform.ask('GET', `/api/databases/${name}/service-logs`)).body.items).toContainEqual(expect.objectContaining({ type: 'restore.without', message: 'What was restored has no logical database "reports".' }))
  })

  it('undone, it is what it was just before, and there is nothing more to undo', async () => {
    await platform.ask('POST', `/api/databases/${name}/dbs`, { name: 'reports' }, wait)
    await restore({ backup })
    expect((await undo()).body).toMatchObject({ type: 'database.undo-restore', phase: 'succeeded' })
    expect(await names('dbs')).toContain('reports')
    expect(await platform.get(name)).toMatchObject({ phase: 'ready', undoUntil: null })
    expect((await undo()).body).toMatchObject({ status: 409, code: 'wrong-phase' })
  })

  it('the database is restoring meanwhile', async () => {
    await platform.stopWorking()
    const { body } = await restore({ backup }, '', {})
    expect(await platform.get(name)).toMatchObject({ phase: 'restoring', allowedActions: ['delete'], operation: body.id })
    platform.startWorking()
    await platform.ended(body.id)
  })

  it('is written down with the moment, and until when it can be undone', async () => {
    const undoUntil = new Date(Date.now() + 3_600_000).toISOString()
    await restore({ backup, undoUntil })
    expect((await platform.ask('GET', `/api/audit/logs?target=database/${name}&action=databases.restore`)).body.items).toMatchObject([{ changes: { backup: { from: null, to: backup }, undoUntil: { to: undoUntil } } }])
    expect((await platform.get(name)).undoUntil).toBe(undoUntil)
  })

  it('a branch becomes what its parent is now', async () => {
    await platform.ask('POST', '/api/databases', { name: `${name}-branch`, from: { database: name } }, wait)
    await platform.ask('POST', `/api/databases/${name}/dbs`, { name: 'reports' }, wait)
    const { body } = await platform.ask('POST', `/api/databases/${name}-branch/reset`, undefined, wait)
    expect(body).toMatchObject({ type: 'database.reset', phase: 'succeeded' })
    expect((await platform.ask('GET', `/api/databases/${name}-branch/dbs`)).body.items.map((db: { name: string }) => db.name)).toContain('reports')
    expect((await platform.get(`${name}-branch`)).undoUntil).not.toBeNull()
  })
})

describe('200: dry run', () => {
  it('says what it interrupts, and changes nothing', async () => {
    expect((await restore({ backup }, '?dryRun=true')).body).toMatchObject({ dryRun: true, operation: 'database.restore', interruption: 'restart', steps: expect.arrayContaining(['replay', 'swap', 'login']) })
    expect((await platform.get(name)).undoUntil).toBeNull()
  })
})

describe('403', () => {
  it('to who may only read, of a database that is there and of one that is not', async () => {
    const viewer = await platform.person({ role: 'viewer', project: 'default' })
    for (const path of [`${name}/restore`, 'unknown/restore'])
      expect((await platform.inject({ method: 'POST', url: `/api/databases/${path}`, token: viewer.token, body: { backup } })).body).toMatchObject({ code: 'forbidden' })
  })
})

describe('404', () => {
  it('of what the caller may not know about', async () => {
    for (const path of ['restore', 'undo-restore', 'reset'])
      expect((await platform.ask('POST', `/api/databases/unknown/${path}`, path === 'restore' ? { backup } : undefined)).body).toMatchObject({ code: 'not-found' })
  })
})

describe('409', () => {
  it('while it hibernates', async () => {
    await platform.ask('POST', `/api/databases/${name}/hibernate`, undefined, wait)
    expect((await restore({ backup })).body).toMatchObject({ code: 'wrong-phase' })
  })
})

describe('422', () => {
  it('for a moment that cannot be restored, before anything is touched', async () => {
    for (const [field, value] of [['at', '2000-01-01T00:00:00Z'], ['lsn', '0/1'], ['name', 'never-made'], ['backup', crypto.randomUUID()]] as const)
      expect((await restore({ [field]: value })).body, field).toMatchObject({ status: 422, code: 'invalid', errors: [{ pointer: `/${field}` }] })
    expect(await platform.get(name)).toMatchObject({ phase: 'ready', operation: null, undoUntil: null })
  })
  it('for no moment, for two, and for an undoing that is over or too far', async () => {
    expect((await restore({})).body).toMatchObject({ code: 'invalid', errors: [{ pointer: '' }] })
    expect((await restore({ backup, lsn: '0/1' })).body).toMatchObject({ code: 'invalid', errors: [{ pointer: '/backup' }] })
    for (const undoUntil of ['2000-01-01T00:00:00Z', '2999-01-01T00:00:00Z'])
      expect((await restore({ backup, undoUntil })).body).toMatchObject({ code: 'invalid', errors: [{ pointer: '/undoUntil' }] })
  })
  it('a reset of what is no branch', async () => {
    expect((await platform.ask('POST', `/api/databases/${name}/reset`)).body).toMatchObject({ code: 'unsupported' })
  })
  it('at a location that cannot do it', async () => {
    const other = await createPlatform({ capabilities: { restoreInPlace: false } })
    await other.create('alone')
    for (const path of ['restore', 'undo-restore'])
      expect((await other.ask('POST', `/api/databases/alone/${path}`, path === 'restore' ? { backup } : undefined)).body).toMatchObject({ status: 422, code: 'unsupported' })
    await other.close()
  })
})
