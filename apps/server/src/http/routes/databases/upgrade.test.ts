import type { Platform } from '../../../../test/platform.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'

const wait = { prefer: 'wait=10' }
let platform: Platform
let name: string
let count = 0
beforeAll(async () => {
  platform = await createPlatform()
})
beforeEach(async () => {
  name = `db${count++}`
  await platform.create(name, { version: 17, extensions: ['cube'] })
})
afterAll(async () => await platform.close())

const upgrade = (body: unknown, query = '', headers: Record<string, string> = wait) => platform.ask('POST', `/api/databases/${name}/upgrade${query}`, body, headers)
const rehearse = (body: unknown, query = '') => platform.ask('POST', `/api/databases/${name}/upgrade/rehearsals${query}`, body, wait)
const read = async () => (await platform.ask('GET', `/api/databases/${name}/upgrade`)).body
const connection = async () => (await platform.ask('GET', `/api/databases/${name}/connection`)).body

describe('202', () => {
  it('it is of the new version, with its address and its passwords, and of the old one when that is undone', async () => {
    const before = await connection()
    const { status, body } = await upgrade({ version: 18 })
    expect(status).toBe(202)
    expect(body).toMatchObject({ type: 'database.upgrade', phase: 'succeeded' })
    const seen = await platform.get(name)
    expect(seen).toMatchObject({ phase: 'ready', version: 18, serverVersion: '18.4', extensions: ['cube'] })
    expect(Math.abs(Date.parse(seen.undoUntil ?? '') - Date.now() - 86_400_000)).toBeLessThan(60_000)
    expect(await connection()).toEqual(before)
    expect((await platform.ask('GET', `/api/audit/logs?target=database/${name}&action=databases.upgrade`)).body.items).toMatchObject([{ changes: { version: { from: 17, to: 18 } } }])
    expect((await platform.ask('POST', `/api/databases/${name}/undo-restore`, undefined, wait)).body).toMatchObject({ phase: 'succeeded' })
    expect(await platform.get(name)).toMatchObject({ phase: 'ready', version: 17, serverVersion: '17.10', undoUntil: null })
    expect(await connection()).toEqual(before)
  })

  it('the database is upgrading meanwhile', async () => {
    await platform.stopWorking()
    const { body } = await upgrade({ version: 18 }, '', {})
    expect(await platform.get(name)).toMatchObject({ phase: 'upgrading', allowedActions: ['delete'], operation: body.id, version: 17 })
    platform.startWorking()
    await platform.ended(body.id)
  })

  it('a rehearsal leaves a report, and the database what it is', async () => {
    expect(await read()).toEqual({ version: 17, serverVersion: '17.10', available: [{ major: 18, version: '18.4' }], rehearsal: null })
    const { body } = await rehearse({ version: 18 })
    expect(body).toMatchObject({ type: 'upgrade.rehearse', phase: 'succeeded' })
    expect((await read()).rehearsal).toMatchObject({ rehearsal: body.id, from: '17.10', to: '18.4', outcome: 'passed', interruptionMs: 1200, extensions: [{ name: 'cube' }] })
    expect(await platform.get(name)).toMatchObject({ phase: 'ready', version: 17, undoUntil: null })
  })
})

describe('200: dry run', () => {
  it('says what it interrupts, and changes nothing', async () => {
    expect((await upgrade({ version: 18 }, '?dryRun=true')).body).toMatchObject({ dryRun: true, operation: 'database.upgrade', interruption: 'restart', steps: expect.arrayContaining(['transfer', 'swap', 'login']) })
    expect((await upgrade({ version: 18 }, '?dryRun=true&apply=maintenance-window')).body).toMatchObject({ notBefore: expect.any(String) })
    expect((await rehearse({ version: 18 }, '?dryRun=true')).body).toMatchObject({ operation: 'upgrade.rehearse', interruption: 'none' })
    expect(await platform.get(name)).toMatchObject({ version: 17, operation: null })
  })
})

describe('403', () => {
  it('to who may only read, of a database that is there and of one that is not', async () => {
    const viewer = await platform.person({ role: 'viewer', project: 'default' })
    for (const path of [`${name}/upgrade`, 'unknown/upgrade', `${name}/upgrade/rehearsals`])
      expect((await platform.inject({ method: 'POST', url: `/api/databases/${path}`, token: viewer.token, body: { version: 18 } })).body).toMatchObject({ code: 'forbidden' })
    expect((await platform.inject({ method: 'GET', url: `/api/databases/${name}/upgrade`, token: viewer.token })).body).toMatchObject({ version: 17 })
  })
})

describe('404', () => {
  it('of what the caller may not know about', async () => {
    for (const path of ['upgrade', 'upgrade/rehearsals'])
      expect((await platform.ask('POST', `/api/databases/unknown/${path}`, { version: 18 })).body).toMatchObject({ code: 'not-found' })
    expect((await platform.ask('GET', '/api/databases/unknown/upgrade')).body).toMatchObject({ code: 'not-found' })
  })
})

describe('409', () => {
  it('while it hibernates', async () => {
    await platform.ask('POST', `/api/databases/${name}/hibernate`, undefined, wait)
    expect((await upgrade({ version: 18 })).body).toMatchObject({ code: 'wrong-phase' })
    expect((await rehearse({ version: 18 })).body).toMatchObject({ code: 'wrong-phase' })
  })
})

describe('422', () => {
  it('for a version that is not here, that is older, or that it has, before anything is touched', async () => {
    for (const version of [99, 16, 17])
      expect((await upgrade({ version })).body, String(version)).toMatchObject({ status: 422, code: 'invalid', errors: [{ pointer: '/version' }] })
    for (const undoUntil of ['2000-01-01T00:00:00Z', '2999-01-01T00:00:00Z'])
      expect((await upgrade({ version: 18, undoUntil })).body).toMatchObject({ code: 'invalid', errors: [{ pointer: '/undoUntil' }] })
    expect(await platform.get(name)).toMatchObject({ phase: 'ready', operation: null, undoUntil: null })
  })
  it('at a location that cannot do it', async () => {
    const other = await createPlatform({ capabilities: { upgrade: false } })
    await other.create('alone', { version: 17 })
    expect((await other.ask('POST', '/api/databases/alone/upgrade', { version: 18 })).body).toMatchObject({ status: 422, code: 'unsupported' })
    expect((await other.ask('GET', '/api/databases/alone/upgrade')).body).toMatchObject({ available: [], rehearsal: null })
    await other.close()
  })
})
