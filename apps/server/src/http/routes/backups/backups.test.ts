import type { Platform } from '../../../../test/platform.ts'
import { damagedArchive } from '@howdah/engine/fake'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'

let platform: Platform
const wait = { prefer: 'wait=10' }
beforeAll(async () => {
  platform = await createPlatform()
  await platform.create('orders', { storageGib: 20, parameters: { work_mem: '8MB' }, labels: { team: 'sales' }, deletionProtection: false })
})
afterAll(async () => await platform.close())

const at = (path: string, name = 'orders') => `/api/databases/${name}/${path}`
async function take(name = 'orders'): Promise<string> {
  const { body } = await platform.ask('POST', at('backups', name), undefined, wait)
  expect(body).toMatchObject({ type: 'backup.create', phase: 'succeeded' })
  return body.target
}

describe('202', () => {
  it('a backup is taken, with its steps, and the database stays ready', async () => {
    const { status, body, headers } = await platform.ask('POST', at('backups'), undefined, wait)
    expect(status).toBe(202)
    expect(headers.location).toBe(`/api/operations/${body.id}`)
    expect(body).toMatchObject({ type: 'backup.create', phase: 'succeeded', steps: [{ name: 'checkpoint' }, { name: 'copy' }, { name: 'wal' }] })
    expect((await platform.ask('GET', at(`backups/${body.target}`))).body).toMatchObject({ id: body.target, timeline: 1 })
    expect(await platform.get('orders')).toMatchObject({ phase: 'ready' })
    expect((await platform.ask('GET', '/api/audit/logs?action=backups.create')).body.items[0]).toMatchObject({ target: `database/orders/backup/${body.target}`, outcome: 'success' })
  })

  it('the same key takes it once', async () => {
    const answers = await Promise.all([1, 2].map(() => platform.ask('POST', at('backups'), undefined, { 'idempotency-key': 'b1' })))
    expect(answers[0]!.body.target).toBe(answers[1]!.body.target)
  })

  it('a drill proves the newest backup, and one that fails says so on the backup, on the database and in its events', async () => {
    const id = await take()
    expect((await platform.ask('GET', at(`backups/${id}`))).body.proof).toBeNull()
    const { body } = await platform.ask('POST', at('drills'), undefined, wait)
    expect(body).toMatchObject({ type: 'backup.drill', phase: 'succeeded', steps: [{ name: 'canary' }, { name: 'fetch' }, { name: 'replay' }, { name: 'check' }, { name: 'remove' }] })
    expect((await platform.ask('GET', at(`backups/${id}`))).body.proof).toMatchObject({ drill: body.target, outcome: 'passed', checks: [{ name: 'start', outcome: 'passed' }] })
    expect(await platform.get('orders')).toMatchObject({ phase: 'ready', lastDrill: { backup: id, outcome: 'passed', recoveryTimeMs: 1200, dataLossMs: 400 } })

    await platform.create('broken')
    const bad = await take('broken')
    expect((await platform.ask('POST', at('restore-points', 'broken'), { name: damagedArchive })).status).toBe(201)
    expect((await platform.ask('POST', at('drills', 'broken'), undefined, wait)).body).toMatchObject({ phase: 'failed', error: { reason: 'DrillFailed', message: expect.stringContaining('is damaged') } })
    expect((await platform.ask('GET', at(`backups/${bad}`, 'broken'))).body.proof).toMatchObject({ outcome: 'failed', recoveryTimeMs: null })
    expect(await platform.get('broken')).toMatchObject({ phase: 'ready', lastDrill: { backup: bad, outcome: 'failed', message: expect.stringContaining('is damaged') } })
    expect((await platform.ask('GET', at('service-logs', 'broken'))).body.items.some(({ message, severity }: { message: string, severity: string }) => severity !== 'info' && message.includes('is damaged'))).toBe(true)
  })

  it('a drill without a backup is refused before it begins', async () => {
    await platform.create('unbacked')
    expect((await platform.ask('POST', at('drills', 'unbacked'))).body).toMatchObject({ status: 409, code: 'wrong-phase', detail: expect.stringContaining('no backup') })
  })

  it('a backup that is deleted is gone', async () => {
    const id = await take()
    expect((await platform.ask('DELETE', at(`backups/${id}`), undefined, wait)).body).toMatchObject({ type: 'backup.delete', phase: 'succeeded', target: id })
    expect((await platform.ask('GET', at(`backups/${id}`))).status).toBe(404)
  })
})

describe('201', () => {
  it('a restore point has its moment, and its name once', async () => {
    const { status, body } = await platform.ask('POST', at('restore-points'), { name: 'before-it' })
    expect(status).toBe(201)
    expect((await platform.ask('GET', at('restore-points'))).body.items).toEqual([body])
    expect((await platform.ask('POST', at('restore-points'), { name: 'before-it' })).body).toMatchObject({ status: 409, code: 'name-taken', errors: [{ pointer: '/name' }] })
  })

  it('a database begins as another one was: its size, its settings, its users with passwords of their own', async () => {
    await platform.ask('POST', at('users'), { name: 'reporting', access: 'read-only', password: 'reporting-secret' }, wait)
    await platform.ask('POST', at('dbs'), { name: 'warehouse' }, wait)
    const backup = await take()
    const copy = await platform.create('orders-copy', { from: { database: 'orders', backup } })
    expect(copy).toMatchObject({ storageGib: 20, parameters: { work_mem: '8MB' }, labels: {}, from: { database: 'orders', kind: 'backup', value: backup } })
    expect((await platform.ask('GET', at('users', 'orders-copy'))).body.items).toMatchObject([{ name: 'orders', isOwner: true, phase: 'ready' }, { name: 'reporting', access: 'read-only', phase: 'ready' }])
    expect((await platform.ask('GET', at('dbs', 'orders-copy'))).body.items.map(({ name }: { name: string }) => name).sort()).toEqual(['orders', 'warehouse'])
    for (const role of ['orders', 'reporting']) {
      const [theirs, own] = await Promise.all(['orders', 'orders-copy'].map(async name => (await platform.ask('GET', at(`connection?role=${role}`, name))).body.password as string))
      expect(own).not.toBe(theirs)
    }
  })
})

describe('200', () => {
  it('the window: nothing before the first backup, then from it until now', async () => {
    await platform.create('young')
    expect((await platform.ask('GET', at('restore-window', 'young'))).body).toEqual({ earliest: null, latest: null, earliestLsn: null, latestLsn: null, gaps: [] })
    await take('young')
    const { body } = await platform.ask('GET', at('restore-window', 'young'))
    expect(Date.parse(body.earliest)).toBeLessThanOrEqual(Date.parse(body.latest))
    expect(body.gaps).toEqual([])
  })

  it('a dry run says what would be done and does nothing', async () => {
    const before = (await platform.ask('GET', at('backups'))).body.items.length
    expect((await platform.ask('POST', at('backups?dryRun=true'))).body).toMatchObject({ dryRun: true, operation: 'backup.create', interruption: 'none' })
    expect((await platform.ask('POST', '/api/databases?dryRun=true', { name: 'never', from: { database: 'orders' } })).body).toMatchObject({ operation: 'database.create', steps: expect.arrayContaining(['fetch', 'replay']) })
    expect((await platform.ask('GET', at('backups'))).body.items).toHaveLength(before)
    expect((await platform.ask('GET', '/api/databases/never')).status).toBe(404)
  })
})

describe('403', () => {
  it('who may make databases but no backups does not get the data of another database in that way', async () => {
    const key = (await platform.ask('POST', '/api/api-keys', { name: 'creator', role: 'developer', scopes: ['databases.create', 'databases.read'] })).body.key
    const { body } = await platform.inject({ method: 'POST', url: '/api/databases', token: key, body: { name: 'stolen', from: { database: 'orders' } } })
    expect(body).toMatchObject({ status: 403, code: 'forbidden' })
  })

  it.each(['archive', 'snapshot'])('who may look at databases takes no backup of the method %s, and hears nothing of what the location can do', async (method) => {
    const key = (await platform.ask('POST', '/api/api-keys', { name: `looker-${method}`, role: 'viewer' })).body.key
    const { body } = await platform.inject({ method: 'POST', url: at(`backups?method=${method}`), token: key })
    expect(body).toMatchObject({ status: 403, code: 'forbidden' })
    expect(JSON.stringify(body)).not.toContain('snapshots of volumes')
  })
})

describe('404', () => {
  it('of nobody, and of nobody\'s backup', async () => {
    for (const path of [at('backups', 'nobody'), at('restore-window', 'nobody'), at('restore-points', 'nobody'), at('backups/0190c3a5-5c1e-7000-8000-1f2e3d4c5b6a')])
      expect((await platform.ask('GET', path)).status, path).toBe(404)
  })

  it('a backup of one database is not another one\'s', async () => {
    const id = await take('young')
    expect((await platform.ask('GET', at(`backups/${id}`))).status).toBe(404)
    expect((await platform.ask('DELETE', at(`backups/${id}`))).status).toBe(404)
  })
})

describe('409', () => {
  it('of a server that does not run', async () => {
    await platform.create('asleep')
    await platform.ask('POST', at('hibernate', 'asleep'), undefined, wait)
    for (const [path, body] of [[at('backups', 'asleep'), undefined], [at('restore-points', 'asleep'), { name: 'x' }]] as const)
      expect((await platform.ask('POST', path, body)).body).toMatchObject({ status: 409, code: 'wrong-phase' })
  })
})

describe('422', () => {
  it.each(['', '&dryRun=true'])('a snapshot where there are none, with what is possible%s', async (more) => {
    const { body } = await platform.ask('POST', at(`backups?method=snapshot${more}`))
    expect(body).toMatchObject({ status: 422, code: 'invalid', errors: [{ pointer: '?method', detail: expect.stringContaining('`archive`') }] })
    expect((await platform.ask('POST', at(`backups?method=tape${more}`))).body).toMatchObject({ status: 422, errors: [{ pointer: '?method' }] })
  })

  it.each([
    [{ database: 'orders', at: '2020-01-01T00:00:00Z' }, '/from'],
    [{ database: 'orders', lsn: 'FFFFFFFF/0' }, '/from'],
    [{ database: 'orders', name: 'never-made' }, '/from'],
    [{ database: 'orders', backup: '0190c3a5-5c1e-7000-8000-1f2e3d4c5b6a' }, '/from'],
    [{ database: 'orders', at: '2020-01-01T00:00:00Z', lsn: '0/0' }, '/from/lsn'],
    [{ database: 'nobody' }, '/from/database'],
    [{ database: 'orders', lsn: 'here' }, '/from/lsn'],
    [{ database: 'orders', name: '../../etc' }, '/from/name'],
    [{}, '/from/database'],
  ])('from %j', async (from, pointer) => {
    expect((await platform.ask('POST', '/api/databases', { name: 'refused', from })).body).toMatchObject({ status: 422, code: 'invalid', errors: [{ pointer }] })
    expect((await platform.ask('GET', '/api/databases/refused')).status).toBe(404)
  })

  it('another version or location than the source has', async () => {
    expect((await platform.ask('POST', '/api/databases', { name: 'refused', version: 17, from: { database: 'orders' } })).body).toMatchObject({ status: 422, errors: [{ pointer: '/version' }] })
  })

  it('a database of another project', async () => {
    const token = await platform.tokenFor({ project: 'other' })
    const { body } = await platform.inject({ method: 'POST', url: '/api/databases', token, body: { name: 'mine', from: { database: 'orders' } } })
    expect(body).toMatchObject({ status: 422, errors: [{ pointer: '/from/database' }] })
  })
})
