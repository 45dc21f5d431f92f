import type { Platform } from '../../../../test/platform.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'

let platform: Platform
let name: string
let count = 0
beforeAll(async () => {
  platform = await createPlatform()
})
beforeEach(async () => {
  name = `db${count++}`
  await platform.create(name, { parameters: { work_mem: '8MB', max_connections: '50' }, labels: { team: 'a' } })
})
afterAll(async () => await platform.close())

const patch = (body: unknown, headers?: Record<string, string>) => platform.ask('PATCH', `/api/databases/${name}`, body, headers)
const operations = async () => (await platform.ask('GET', `/api/operations?database=${name}&type=database.update`)).body.items as { id: string, steps: { name: string }[] }[]

describe('200', () => {
  it('only what is named changes; an operation brings it about', async () => {
    const { body, headers } = await patch({ storageGib: 20, memoryMib: 1024 })
    expect(body).toMatchObject({ storageGib: 20, memoryMib: 1024, cpu: 1, phase: 'updating', generation: 2, labels: { team: 'a' } })
    expect(headers.etag).toBe('"2"')
    expect((await platform.ended(body.operation)).phase).toBe('succeeded')
    expect(await platform.get(name)).toMatchObject({ storageGib: 20, phase: 'ready', operation: null })
  })
  it('parameters are merged, null resets one; labels and lists are replaced', async () => {
    const { body } = await patch({ parameters: { work_mem: null, wal_compression: 'on' }, labels: { tier: 'gold' }, extensions: ['cube'], allowedCidrs: [] })
    expect(body).toMatchObject({ parameters: { max_connections: '50', wal_compression: 'on' }, extensions: ['cube'], allowedCidrs: [] })
    expect(body.parameters).not.toHaveProperty('work_mem')
    expect(body.labels).toEqual({ tier: 'gold' })
    await platform.ended(body.operation)
    const { body: catalogue } = await platform.ask('GET', `/api/databases/${name}/parameters`)
    expect(catalogue.items.find((item: { name: string }) => item.name === 'wal_compression')).toMatchObject({ value: 'on', isChanged: true })
    expect(catalogue.items.find((item: { name: string }) => item.name === 'work_mem')).toMatchObject({ value: '4MB', isChanged: false })
  })
  it('without a difference nothing happens: same generation, no operation, nothing written down', async () => {
    const before = (await platform.ask('GET', `/api/databases/${name}`)).text
    const { text } = await patch({ labels: { team: 'a' }, parameters: { work_mem: '8MB', wal_compression: null }, storageGib: 10, extensions: [] })
    expect(text).toBe(before)
    expect(await operations()).toEqual([])
    expect((await platform.ask('GET', `/api/audit/logs?target=database/${name}&action=databases.update`)).body.items).toEqual([])
  })
  it('protection needs no engine: it holds at once', async () => {
    const { body } = await patch({ deletionProtection: true })
    expect(body).toMatchObject({ deletionProtection: true, generation: 2 })
  })
  it('several changes in a row all come about, in their order', async () => {
    const first = await patch({ storageGib: 20 })
    const second = await patch({ storageGib: 30, cpu: 2 })
    const third = await patch({ memoryMib: 1024 })
    for (const { body } of [first, second, third])
      expect((await platform.ended(body.operation)).phase).toBe('succeeded')
    expect(await platform.get(name)).toMatchObject({ storageGib: 30, cpu: 2, memoryMib: 1024, generation: 4, phase: 'ready' })
  })
  it('of several at the same time none is lost', async () => {
    const answers = await Promise.all([patch({ storageGib: 20 }), patch({ cpu: 2 }), patch({ labels: { x: '1' } }), patch({ parameters: { wal_compression: 'on' } })])
    expect(answers.map(answer => answer.status)).toEqual([200, 200, 200, 200])
    for (const { body } of answers)
      await platform.ended(body.operation)
    expect(await platform.get(name)).toMatchObject({ storageGib: 20, cpu: 2, labels: { x: '1' }, parameters: { work_mem: '8MB', wal_compression: 'on' }, generation: 5 })
  })
  it('Prefer: wait answers when it is in effect', async () => {
    expect((await patch({ cpu: 2 }, { prefer: 'wait=10' })).body).toMatchObject({ cpu: 2, phase: 'ready', operation: null })
  })
  it('what changed is written down, from and to', async () => {
    await patch({ storageGib: 20, parameters: { work_mem: '16MB' } })
    const { body } = await platform.ask('GET', `/api/audit/logs?target=database/${name}&action=databases.update`)
    expect(body.items).toMatchObject([{ changes: { storageGib: { from: 10, to: 20 }, parameters: { from: { work_mem: '8MB', max_connections: '50' }, to: { work_mem: '16MB', max_connections: '50' } } } }])
  })
})

describe('200: dry run', () => {
  const dry = (body: unknown) => platform.ask('PATCH', `/api/databases/${name}?dryRun=true`, body)
  it.each([
    [{ parameters: { max_connections: '60' } }, 'restart'],
    [{ parameters: { work_mem: '16MB' } }, 'reload'],
    [{ extensions: ['cube'] }, 'none'],
  ])('%j would interrupt: %s', async (body, interruption) => {
    expect((await dry(body)).body).toMatchObject({ dryRun: true, operation: 'database.update', interruption })
  })
  it('without a difference it says so', async () => {
    expect((await dry({ labels: { team: 'a' } })).body).toEqual({ dryRun: true, operation: null, steps: [], interruption: 'none', reasons: [] })
  })
  it('does nothing', async () => {
    await dry({ storageGib: 20 })
    expect(await platform.get(name)).toMatchObject({ storageGib: 10, generation: 1, operation: null })
  })
  it('refuses what the change would refuse', async () => {
    expect((await dry({ storageGib: 5 })).body).toMatchObject({ code: 'invalid', errors: [{ pointer: '/storageGib' }] })
    expect((await platform.ask('PATCH', `/api/databases/${name}?dryRun=true`, { cpu: 2 }, { 'if-match': '"7"' })).status).toBe(412)
  })
})

describe('404', () => {
  it('an unknown name', async () => {
    expect((await platform.ask('PATCH', '/api/databases/nobody', { cpu: 2 })).status).toBe(404)
  })
})

describe('409', () => {
  it('a phase that allows no change says which it is, what it allows and when to come again', async () => {
    await platform.domain.store.db.updateTable('databases').set({ phase: 'upgrading' }).where('name', '=', name).execute()
    const { body, headers } = await patch({ cpu: 2 })
    expect(body).toMatchObject({ status: 409, code: 'wrong-phase', detail: expect.stringMatching(/upgrading.*delete/) })
    expect(headers['retry-after']).toBe('1')
  })
  it('what Git delivers is changed there', async () => {
    await platform.domain.store.db.updateTable('databases').set({ managed_by: 'git' }).where('name', '=', name).execute()
    expect((await patch({ cpu: 2 })).body).toMatchObject({ status: 409, code: 'managed-by-git', detail: expect.stringContaining('Git') })
  })
})

describe('412', () => {
  it('a change that is based on what is no longer so', async () => {
    expect((await patch({ cpu: 2 }, { 'if-match': '"1"' })).status).toBe(200)
    expect((await patch({ cpu: 3 }, { 'if-match': '"1"' })).body).toMatchObject({ status: 412, code: 'stale' })
    expect(await platform.get(name)).toMatchObject({ cpu: 2 })
  })
  it('of two that are based on the same, one wins', async () => {
    const answers = await Promise.all([2, 3].map(cpu => patch({ cpu }, { 'if-match': '"1"' })))
    expect(answers.map(answer => answer.status).sort()).toEqual([200, 412])
  })
  it('* is based on whatever there is', async () => {
    expect((await patch({ cpu: 2 }, { 'if-match': '*' })).status).toBe(200)
  })
  it('a mere change of phase refuses nothing', async () => {
    const { id } = await platform.get(name)
    platform.engine.crash(id)
    await platform.inPhase(name, 'restarting')
    expect((await patch({ labels: {} }, { 'if-match': '"1"' })).status).toBe(200)
    platform.engine.recover(id)
  })
})

describe('422', () => {
  it.each<[string, unknown, string[]]>([
    ['nothing at all', {}, ['']],
    ['a name', { name: 'other' }, ['/name']],
    ['a version', { version: 18 }, ['/version']],
    ['a location', { location: 'fake' }, ['/location']],
    ['less storage', { storageGib: 9 }, ['/storageGib']],
    ['more than the location has', { storageGib: 2048, cpu: 9 }, ['/storageGib', '/cpu']],
    ['a parameter that is none', { parameters: { nonsense: '1' } }, ['/parameters/nonsense']],
    ['a parameter out of range', { parameters: { work_mem: '1kB' } }, ['/parameters/work_mem']],
    ['a parameter that is a number', { parameters: { work_mem: 8 } }, ['/parameters/work_mem']],
    ['null for what cannot be reset', { labels: null, cpu: null }, ['/labels', '/cpu']],
    ['sync with one instance', { durability: 'sync' }, ['/durability']],
  ])('%s', async (_, body, pointers) => {
    const { body: problem } = await patch(body)
    expect(problem).toMatchObject({ status: 422, code: 'invalid' })
    expect(problem.errors.map((error: { pointer: string }) => error.pointer).sort()).toEqual([...pointers].sort())
    expect(await platform.get(name)).toMatchObject({ generation: 1 })
  })
  it('beyond the quota; but never because of what it had already', async () => {
    const { token, project } = await platform.person({ role: 'admin', project: `quota-${name}` })
    const ask = (method: 'POST' | 'PATCH', url: string, body: unknown) => platform.inject({ method, url, token, body, headers: { prefer: 'wait=10' } })
    await ask('POST', '/api/databases', { name: 'q', storageGib: 30 })
    await platform.domain.store.db.updateTable('projects').set({ quota: JSON.stringify({ storageGib: 20, cpu: 2 }) }).where('id', '=', project.id).execute()
    expect((await ask('PATCH', '/api/databases/q', { storageGib: 31 })).body).toMatchObject({ code: 'quota-exceeded', errors: [{ pointer: '/storageGib' }] })
    expect((await ask('PATCH', '/api/databases/q', { cpu: 2 })).status).toBe(200)
  })
})
