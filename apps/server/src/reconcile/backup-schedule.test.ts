import type { Platform } from '../../test/platform.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform } from '../../test/platform.ts'
import { deleteExpired } from '../domain/delete-database.ts'
import { beginDueBackups, beginDueDrills, removeWhatIsOver } from './backup-schedule.ts'

let platform: Platform
const wait = { prefer: 'wait=10' }
beforeAll(async () => {
  platform = await createPlatform()
  await platform.create('orders')
})
afterAll(async () => await platform.close())

const at = (path: string, name: string) => `/api/databases/${name}/${path}`
async function take(name: string): Promise<void> {
  expect((await platform.ask('POST', at('backups', name), undefined, wait)).body).toMatchObject({ phase: 'succeeded' })
}

describe('the schedule', () => {
  const due = (name: string) => platform.domain.store.db.updateTable('databases').set({ next_backup_at: new Date(0) }).where('name', '=', name).execute()
  const backups = async (name: string): Promise<{ id: string }[]> => (await platform.ask('GET', at('backups', name))).body.items

  it('every database has one, and a first backup of its own soon', async () => {
    const { backup } = await platform.create('scheduled')
    expect(backup).toEqual({ schedule: expect.stringMatching(/^\d+ [1-5] \* \* \*$/), drillSchedule: expect.stringMatching(/^\d+ \d+ \* \* [0-6]$/), timeZone: 'UTC', retentionDays: 7 })
    const [row] = await platform.domain.store.db.selectFrom('databases').select('next_backup_at').where('name', '=', 'scheduled').execute()
    expect(row!.next_backup_at!.getTime() - Date.now()).toBeLessThanOrEqual(60_000)
  })

  it('what is due is begun once, whoever looks, and the next one is at its time', async () => {
    await platform.create('due', { backup: { schedule: '30 2 * * *', timeZone: 'Europe/Berlin' } })
    await due('due')
    await Promise.all(Array.from({ length: 4 }, () => beginDueBackups(platform.domain)))
    const { body } = await platform.ask('GET', '/api/operations?database=due&type=backup.create')
    expect(body.items).toMatchObject([{ requestedBy: 'system' }])
    await platform.ended(body.items[0].id)
    expect(await backups('due')).toHaveLength(1)
    const [row] = await platform.domain.store.db.selectFrom('databases').select('next_backup_at').where('name', '=', 'due').execute()
    expect(new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', timeStyle: 'short' }).format(row!.next_backup_at!)).toBe('02:30')
  })

  it('a server that does not run is left alone, and made up for', async () => {
    await platform.create('sleeper')
    await platform.ask('POST', at('hibernate', 'sleeper'), undefined, wait)
    await due('sleeper')
    await beginDueBackups(platform.domain)
    expect((await platform.ask('GET', '/api/operations?database=sleeper&type=backup.create')).body.items).toEqual([])
    await platform.ask('POST', at('resume', 'sleeper'), undefined, wait)
    await beginDueBackups(platform.domain)
    expect((await platform.ask('GET', '/api/operations?database=sleeper&type=backup.create')).body.items).toHaveLength(1)
  })

  it('a drill that is due is begun once, and not where there is no backup', async () => {
    await platform.create('drilled')
    const dueDrill = () => platform.domain.store.db.updateTable('databases').set({ next_drill_at: new Date(0) }).where('name', '=', 'drilled').execute()
    const drills = async () => (await platform.ask('GET', '/api/operations?database=drilled&type=backup.drill')).body.items
    await dueDrill()
    await beginDueDrills(platform.domain)
    expect(await drills()).toEqual([])
    await take('drilled')
    await dueDrill()
    await Promise.all(Array.from({ length: 4 }, () => beginDueDrills(platform.domain)))
    const items = await drills()
    expect(items).toMatchObject([{ requestedBy: 'system' }])
    await platform.ended(items[0].id)
    expect(await platform.get('drilled')).toMatchObject({ phase: 'ready', lastDrill: { outcome: 'passed', recoveryTimeMs: 1200 } })
    const [row] = await platform.domain.store.db.selectFrom('databases').select('next_drill_at').where('name', '=', 'drilled').execute()
    expect(row!.next_drill_at!.getTime()).toBeGreaterThan(Date.now())
  })

  it('changes without an interruption; only when asked for has no next time', async () => {
    const before = await platform.get('scheduled')
    const { body } = await platform.ask('PATCH', '/api/databases/scheduled', { backup: { schedule: null, drillSchedule: null, retentionDays: 30 } }, wait)
    expect(body).toMatchObject({ phase: 'ready', backup: { schedule: null, drillSchedule: null, timeZone: 'UTC', retentionDays: 30 }, generation: before.generation + 1 })
    const [row] = await platform.domain.store.db.selectFrom('databases').select('next_backup_at').where('name', '=', 'scheduled').execute()
    expect(row!.next_backup_at).toBeNull()
  })

  it.each([[{ schedule: 'every night' }, '/backup/schedule'], [{ schedule: '0 0 31 2 *' }, '/backup/schedule'], [{ timeZone: 'Mars/Olympus' }, '/backup/timeZone'], [{ retentionDays: 0 }, '/backup/retentionDays'], [{ often: true }, '/backup/often']])('refuses %j', async (backup, pointer) => {
    expect((await platform.ask('PATCH', '/api/databases/scheduled', { backup })).body).toMatchObject({ status: 422, errors: [{ pointer }] })
  })
})

describe('a branch', () => {
  it('is the latest of a running database, needs no backup, and its parent knows it', async () => {
    await platform.create('parent')
    const branch = await platform.create('child', { from: { database: 'parent' } })
    expect(branch).toMatchObject({ from: { database: 'parent', kind: 'latest', value: '' }, expiresAt: null })
    expect((await platform.ask('GET', at('branches', 'parent'))).body.items).toMatchObject([{ name: 'child' }])
    expect((await platform.ask('GET', at('branches', 'child'))).body.items).toEqual([])
  })

  it('goes by itself when its time is over, unless it is protected', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    for (const name of ['short-lived', 'guarded'])
      expect(await platform.create(name, { from: { database: 'orders' }, expiresAt, deletionProtection: name === 'guarded' })).toMatchObject({ expiresAt })
    await platform.domain.store.db.updateTable('databases').set({ expires_at: new Date(0) }).where('name', 'in', ['short-lived', 'guarded']).execute()
    for (const name of ['short-lived', 'guarded'])
      await deleteExpired(platform.domain, { id: (await platform.domain.store.db.selectFrom('projects').select('id').where('name', '=', 'default').executeTakeFirstOrThrow()).id, name: 'default' }, name)
    const { body } = await platform.ask('GET', '/api/operations?database=short-lived&type=database.delete')
    expect(body.items).toMatchObject([{ requestedBy: 'system' }])
    await platform.ended(body.items[0].id)
    expect(await platform.get('guarded')).toMatchObject({ phase: 'ready' })
  })

  it('can be kept after all; a moment that is over is refused', async () => {
    await platform.create('kept', { expiresAt: new Date(Date.now() + 3_600_000).toISOString() })
    expect((await platform.ask('PATCH', '/api/databases/kept', { expiresAt: null }, wait)).body).toMatchObject({ expiresAt: null, phase: 'ready' })
    expect((await platform.ask('POST', '/api/databases', { name: 'refused', expiresAt: '2020-01-01T00:00:00Z' })).body).toMatchObject({ status: 422, errors: [{ pointer: '/expiresAt' }] })
  })
})

describe('a database that was deleted', () => {
  it('is listed while its archive is kept, and comes back by its id, in its own project only', async () => {
    const { id } = await platform.create('lost', { storageGib: 30 })
    await take('lost')
    await platform.ask('DELETE', '/api/databases/lost', undefined, wait)
    const { body } = await platform.ask('GET', '/api/deleted-databases')
    expect(body.items).toMatchObject([{ id, name: 'lost' }])
    expect(Date.parse(body.items[0].keptUntil) - Date.parse(body.items[0].deletedAt)).toBeGreaterThan(6.9 * 86_400_000)
    const kept = (await platform.ask('GET', `/api/deleted-databases/${id}/restore-window`)).body
    expect(Date.parse(kept.latest)).toBeGreaterThanOrEqual(Date.parse(kept.earliest))
    expect(await platform.create('found', { from: { database: id } })).toMatchObject({ storageGib: 30, from: { database: 'lost', kind: 'latest' } })

    const token = await platform.tokenFor({ project: 'other' })
    expect((await platform.inject({ url: '/api/deleted-databases', token })).body.items).toEqual([])
    for (const unknown of [id, '00000000-0000-0000-0000-000000000000', 'lost'])
      expect((await platform.inject({ url: `/api/deleted-databases/${unknown}/restore-window`, token })).status).toBe(404)
    expect((await platform.inject({ method: 'POST', url: '/api/databases', token, body: { name: 'mine', from: { database: id } } })).body).toMatchObject({ status: 422, errors: [{ pointer: '/from/database' }] })
  })

  it('is forgotten with its archive when its time is over', async () => {
    const { id, name } = await platform.create('over')
    await take('over')
    await platform.ask('DELETE', '/api/databases/over', undefined, wait)
    await platform.domain.store.db.updateTable('deleted_databases').set({ kept_until: new Date(0) }).where('id', '=', id).execute()
    let leapMs = 86_400_000
    const clock = { look: () => ({ isSteady: leapMs === 0, leapMs }) }
    await removeWhatIsOver(platform.domain, clock)
    expect(await platform.engine.backups({ id, name, project: 'default' }), 'while the clock is not to be trusted').toHaveLength(1)
    leapMs = 0
    await removeWhatIsOver(platform.domain, clock)
    expect((await platform.ask('GET', '/api/deleted-databases')).body.items.map((item: { id: string }) => item.id)).not.toContain(id)
    expect(await platform.engine.backups({ id, name, project: 'default' })).toEqual([])
  })

  it('without a backup leaves nothing to restore', async () => {
    const { id } = await platform.create('bare')
    await platform.ask('DELETE', '/api/databases/bare', undefined, wait)
    expect((await platform.ask('GET', '/api/deleted-databases')).body.items.map((item: { id: string }) => item.id)).not.toContain(id)
  })
})
