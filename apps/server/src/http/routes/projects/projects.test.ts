import type { Harness } from '../../../../test/harness.ts'
import { FakeEngine } from '@howdah/engine/fake'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHarness } from '../../../../test/harness.ts'

let harness: Harness
let operator: string
beforeAll(async () => {
  const engine = new FakeEngine()
  await engine.open()
  harness = await createHarness({ engines: new Map([['local', engine]]) })
  operator = await harness.tokenFor({ isOperator: true })
})
afterAll(async () => await harness.close())

function create(body: object) {
  return harness.inject({ method: 'POST', url: '/api/projects', token: operator, body })
}
function update(name: string, body: object, token: string) {
  return harness.inject({ method: 'PATCH', url: `/api/projects/${name}`, token, body })
}

describe('POST /api/projects', () => {
  it('201: its maker is its admin, and it has no limits unless asked for', async () => {
    const { status, headers, body } = await create({ name: 'made', description: 'For tests' })
    expect(status).toBe(201)
    expect(headers.location).toBe('/api/projects/made')
    expect(body).toMatchObject({
      name: 'made',
      description: 'For tests',
      role: 'admin',
      quota: { databases: null, storageGib: null, cpu: null, memoryMib: null },
      usage: { databases: 0, storageGib: 0, cpu: 0, memoryMib: 0 },
    })
    expect((await harness.inject({ url: '/api/projects/made', token: operator })).body).toEqual(body)
  })
  it('409: the name is taken', async () => {
    expect((await create({ name: 'default' })).body).toMatchObject({ code: 'name-taken', errors: [{ pointer: '/name' }] })
  })
  it.each(['', 'A', 'a'.repeat(41), '../a', 'a b', 'ü', '-a', 'a-', '1a', 'a;drop table projects'])('422: the name "%s"', async (name) => {
    expect((await create({ name })).body.errors[0]).toMatchObject({ pointer: '/name' })
  })
  it.each([
    [{ quota: { databases: -1 } }, '/quota/databases'],
    [{ quota: { databases: 1.5 } }, '/quota/databases'],
    [{ quota: { disks: 1 } }, '/quota/disks'],
    [{ description: 'x'.repeat(501) }, '/description'],
    [{ description: 'a\0b' }, '/description'],
  ])('422: %j', async (body, pointer) => {
    expect((await create({ name: 'wrong', ...body })).body.errors[0]).toMatchObject({ pointer })
  })
})

describe('GET /api/projects', () => {
  it('200: an operator sees all, with the own role; a member sees the own', async () => {
    await create({ name: 'seen' })
    const { token, project } = await harness.person({ role: 'viewer', project: 'lonely' })
    const all = (await harness.inject({ url: '/api/projects', token: operator })).body.items as { name: string, role: string | null }[]
    expect(all.find(({ name }) => name === 'seen')?.role).toBe('admin')
    expect(all.find(({ name }) => name === 'lonely')?.role).toBeNull()
    expect((await harness.inject({ url: '/api/projects', token })).body).toMatchObject({ items: [{ id: project.id, role: 'viewer' }], nextCursor: null })
  })
  it('200: pages by name', async () => {
    const names: string[] = []
    for (let cursor = ''; ;) {
      const { body } = await harness.inject({ url: `/api/projects?limit=1${cursor}`, token: operator })
      names.push(...body.items.map((item: { name: string }) => item.name))
      if (body.nextCursor === null)
        break
      cursor = `&cursor=${body.nextCursor}`
    }
    expect(names.length).toBeGreaterThan(2)
    expect(names).toEqual([...new Set(names)].sort())
  })
})

describe('PATCH /api/projects/{project}', () => {
  it('200: an admin describes it; what is left out stays', async () => {
    const { token } = await harness.person({ role: 'admin', project: 'described' })
    await update('described', { quota: { databases: 3 } }, operator)
    expect((await update('described', { description: 'New' }, token)).body).toMatchObject({ description: 'New', quota: { databases: 3, cpu: null } })
    const { body } = await harness.inject({ url: '/api/audit/logs?action=projects.update', token })
    expect(body.items).toMatchObject([{ changes: { description: { from: '', to: 'New' } } }, { changes: { quota: { from: {}, to: { databases: 3 } } } }])
  })
  it('403: an admin cannot raise the own quota', async () => {
    const { token } = await harness.person({ role: 'admin', project: 'bounded' })
    expect((await update('bounded', { quota: { databases: 1000 } }, token)).status).toBe(403)
  })
  it('422: nothing to change', async () => {
    expect((await update('default', {}, operator)).status).toBe(422)
  })
})

describe('DELETE /api/projects/{project}', () => {
  function remove(name: string, token = operator) {
    return harness.inject({ method: 'DELETE', url: `/api/projects/${name}`, token })
  }
  it('204: its sessions and keys end with it, and the deletion is written down', async () => {
    const { token } = await harness.person({ role: 'admin', project: 'doomed' })
    const { body: key } = await harness.inject({ method: 'POST', url: '/api/api-keys', token, body: { name: 'doomed' } })
    expect((await harness.inject({ url: '/api/auth/me', token: key.key })).status).toBe(200)
    expect((await remove('doomed')).status).toBe(204)
    expect((await harness.inject({ url: '/api/auth/me', token })).status).toBe(401)
    expect((await harness.inject({ url: '/api/auth/me', token: key.key })).status).toBe(401)
    expect((await remove('doomed')).status).toBe(404)
    const { body } = await harness.inject({ url: '/api/audit/logs?target=project/doomed', token: operator })
    expect(body.items).toMatchObject([{ action: 'projects.delete', outcome: 'success' }])
  })
  it('409: there is a database in it', async () => {
    const token = await harness.tokenFor({ project: 'full' })
    await harness.inject({ method: 'POST', url: '/api/databases', token, body: { name: 'orders' } })
    const { body } = await remove('full')
    expect(body).toMatchObject({ code: 'not-empty', detail: expect.stringMatching(/1 database\./) })
    expect((await harness.inject({ url: '/api/projects/full', token })).body.usage.databases).toBe(1)
  })
  it('409: the one that the credential is for', async () => {
    expect((await remove('default')).body.code).toBe('not-empty')
  })
  it('403: an admin of it is no operator', async () => {
    expect((await remove('guarded', await harness.tokenFor({ project: 'guarded' }))).status).toBe(403)
  })
})
