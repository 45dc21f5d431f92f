import type { Platform } from '../../../../test/platform.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'

let platform: Platform
beforeAll(async () => {
  platform = await createPlatform()
})
afterAll(async () => await platform.close())

const remove = (name: string, headers?: Record<string, string>, query = '') => platform.ask('DELETE', `/api/databases/${name}${query}`, undefined, headers)
const leftovers = async (id: string) => (await Promise.all((['database_users', 'database_dbs'] as const).map(table => platform.domain.store.db.selectFrom(table).selectAll().where('database_id', '=', id).execute()))).flat()

describe('202', () => {
  it('the operation removes it, with everything about it, from the store and the engine', async () => {
    const { id } = await platform.create('gone')
    const { status, body, headers } = await remove('gone')
    expect(status).toBe(202)
    expect(headers.location).toBe(`/api/operations/${body.id}`)
    expect(body).toMatchObject({ type: 'database.delete', database: 'gone', cancellable: false })
    expect((await platform.ended(body.id)).phase).toBe('succeeded')
    expect((await platform.ask('GET', '/api/databases/gone')).status).toBe(404)
    expect(await leftovers(id)).toEqual([])
    expect(await platform.engine.list()).toEqual([])
  })
  it('again while it is being deleted: the same operation; afterwards: 404', async () => {
    await platform.create('twice')
    await platform.stopWorking()
    const first = await remove('twice')
    const again = await remove('twice', { 'if-match': '"77"' })
    expect(again.body.id).toBe(first.body.id)
    expect(await platform.get('twice')).toMatchObject({ phase: 'deleting', allowedActions: ['delete'] })
    platform.startWorking()
    await platform.ended(first.body.id)
    expect((await remove('twice')).status).toBe(404)
  })
  it('at the same time: one operation', async () => {
    await platform.create('race')
    await platform.stopWorking()
    const answers = await Promise.all(Array.from({ length: 5 }, () => remove('race')))
    expect(new Set(answers.map(answer => answer.body.id)).size).toBe(1)
    platform.startWorking()
    await platform.ended(answers[0]!.body.id)
  })
  it('while it is being created: the create ends as cancelled, then it is removed', async () => {
    const created = (await platform.ask('POST', '/api/databases', { name: 'slow-ready' })).body
    await platform.inPhase('slow-ready', 'provisioning')
    const { body } = await remove('slow-ready', { prefer: 'wait=10' })
    expect(body.phase).toBe('succeeded')
    expect((await platform.operation(created.operation)).phase).toBe('cancelled')
    expect(await platform.engine.list()).toEqual([])
  })
  it('while a change waits for its engine: the delete does not wait for it', async () => {
    await platform.create('stuck')
    const { id } = await platform.get('stuck')
    platform.engine.crash(id)
    await platform.inPhase('stuck', 'restarting')
    const update = (await platform.ask('PATCH', '/api/databases/stuck', { cpu: 2 })).body
    const { body } = await remove('stuck', { prefer: 'wait=10' })
    expect(body.phase).toBe('succeeded')
    expect(await platform.operation(update.operation)).toMatchObject({ phase: 'cancelled', message: 'The database is being deleted.' })
  })
  it('what still waited is cancelled, not done', async () => {
    await platform.create('busy')
    await platform.stopWorking()
    const update = (await platform.ask('PATCH', '/api/databases/busy', { cpu: 2 })).body
    const deletion = (await remove('busy')).body
    expect(await platform.operation(update.operation)).toMatchObject({ phase: 'cancelled' })
    platform.startWorking()
    await platform.ended(deletion.id)
  })
  it('the name is free again, and the new one is another', async () => {
    const { id } = await platform.create('phoenix')
    await remove('phoenix', { prefer: 'wait=10' })
    expect((await platform.create('phoenix')).id).not.toBe(id)
  })
  it('what never became ready can be deleted as well', async () => {
    const { body } = await platform.ask('POST', '/api/databases', { name: 'fail-provision' })
    await platform.ended(body.operation)
    expect((await remove('fail-provision', { prefer: 'wait=10' })).body.phase).toBe('succeeded')
  })
})

describe('with its volumes kept', () => {
  it('is told to the engine, said on the operation and audited', async () => {
    await platform.create('kept-whole')
    const { body } = await remove('kept-whole', { prefer: 'wait=10' }, '?keepVolumes=true')
    expect(body).toMatchObject({ type: 'database.delete', target: 'all but volumes', phase: 'succeeded' })
    const { body: trail } = await platform.ask('GET', '/api/audit/logs?action=databases.delete')
    expect(trail.items[0]).toMatchObject({ target: 'database/kept-whole', changes: { keepVolumes: { from: false, to: true } } })
    // The fake engine says so as the others do.
    const again = (await platform.ask('POST', '/api/databases', { name: 'kept-whole' })).body
    expect((await platform.ended(again.operation)).phase).toBe('failed')
  })
  it('again, also without saying so: the same operation, and they are kept', async () => {
    await platform.create('kept-twice')
    await platform.stopWorking()
    const first = await remove('kept-twice', {}, '?keepVolumes=true')
    expect((await remove('kept-twice', {}, '?keepVolumes=true')).body.id).toBe(first.body.id)
    expect((await remove('kept-twice')).body).toMatchObject({ id: first.body.id, target: 'all but volumes' })
    platform.startWorking()
    await platform.ended(first.body.id)
  })
  it('not when they are being removed already', async () => {
    await platform.create('too-late')
    await platform.stopWorking()
    const first = await remove('too-late')
    expect((await remove('too-late', {}, '?keepVolumes=true')).body).toMatchObject({ status: 409, code: 'wrong-phase', detail: expect.stringContaining('already') })
    platform.startWorking()
    await platform.ended(first.body.id)
  })
  it('a value that is none: 422, and nothing happened', async () => {
    await platform.create('undecided')
    expect((await remove('undecided', {}, '?keepVolumes=perhaps')).status).toBe(422)
    expect(await platform.get('undecided')).toMatchObject({ phase: 'ready', operation: null })
  })
  it('a dry run says what stays', async () => {
    await platform.create('asked-first')
    expect((await remove('asked-first', {}, '?dryRun=true&keepVolumes=true')).body.reasons).toEqual([expect.stringMatching(/volumes stay in fake .* name is free again/)])
  })
  it('where the location cannot: refused, and nothing happened', async () => {
    const cannot = await createPlatform({ capabilities: { keepVolumes: false } })
    try {
      await cannot.create('orders')
      for (const query of ['?keepVolumes=true', '?keepVolumes=true&dryRun=true'])
        expect((await cannot.ask('DELETE', `/api/databases/orders${query}`)).body).toMatchObject({ code: 'unsupported', detail: expect.stringContaining('fake cannot keep volumes') })
      expect(await cannot.get('orders')).toMatchObject({ phase: 'ready', operation: null })
    }
    finally {
      await cannot.close()
    }
  })
})

describe('200: dry run', () => {
  it('says what it would do and does nothing', async () => {
    await platform.create('kept')
    expect((await remove('kept', {}, '?dryRun=true')).body).toMatchObject({ dryRun: true, operation: 'database.delete', interruption: 'restart' })
    expect(await platform.get('kept')).toMatchObject({ phase: 'ready', operation: null })
  })
})

describe('409', () => {
  it('protected: also for a dry run, until the protection is off', async () => {
    await platform.create('safe', { deletionProtection: true })
    for (const query of ['', '?dryRun=true'])
      expect((await remove('safe', {}, query)).body).toMatchObject({ status: 409, code: 'deletion-protected' })
    await platform.ask('PATCH', '/api/databases/safe', { deletionProtection: false }, { prefer: 'wait=10' })
    expect((await remove('safe')).status).toBe(202)
  })
  it('what Git delivers is removed there', async () => {
    await platform.create('gitted')
    await platform.domain.store.db.updateTable('databases').set({ managed_by: 'git' }).where('name', '=', 'gitted').execute()
    expect((await remove('gitted')).body).toMatchObject({ status: 409, code: 'managed-by-git' })
  })
})

describe('412', () => {
  it('a delete that is based on what is no longer so', async () => {
    await platform.create('moved')
    expect((await remove('moved', { 'if-match': '"2"' })).body).toMatchObject({ status: 412, code: 'stale' })
    expect((await remove('moved', { 'if-match': '"1"' })).status).toBe(202)
  })
})
