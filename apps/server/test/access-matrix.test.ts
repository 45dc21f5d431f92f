import type { Endpoint, EndpointId } from '@howdah/contract'
import type { Harness, Person } from './harness.ts'
import { randomUUID } from 'node:crypto'
import { permissions, roles } from '@howdah/contract'
import { FakeEngine } from '@howdah/engine/fake'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routes } from '../src/http/routes/index.ts'
import { table } from './contract-check.ts'
import { createHarness } from './harness.ts'

let harness: Harness
let theirs: { database: string, operation: string, apiKey: string, member: Person }
const engine = new FakeEngine()

beforeAll(async () => {
  await engine.open()
  harness = await createHarness({ engines: new Map([['local', engine]]) })
  theirs = await otherProject(harness)
})
afterAll(async () => await harness.close())

/** Project B with one of everything that a path can name. */
async function otherProject({ person, inject, domain: { store } }: Harness) {
  const member = await person({ role: 'admin', project: 'b' })
  const { token } = member
  const database = await inject({ method: 'POST', url: '/api/databases', token, body: { name: 'orders' } })
  expect(database.status).toBe(201)
  expect(database.body.operation).toMatch(/^[0-9a-f-]{36}$/)
  const apiKey = await inject({ method: 'POST', url: '/api/api-keys', token, body: { name: 'ci' } })
  expect(apiKey.status).toBe(201)
  // No worker runs here, so the database is made ready by hand.
  await store.db.updateTable('databases').set({ phase: 'ready' }).where('name', '=', 'orders').execute()
  return { database: 'orders', operation: database.body.operation as string, apiKey: apiKey.body.id as string, member }
}

/** Bodies that are right, so that only the rights decide. */
const bodies: Partial<Record<EndpointId, () => object>> = {
  'auth.password': () => ({ currentPassword: 'whatever it is', newPassword: 'something else entirely' }),
  'databases.create': () => ({ name: 'new-one' }),
  'databases.update': () => ({ labels: { a: 'b' } }),
  'databases.restore': () => ({ at: '2026-01-01T00:00:00Z' }),
  'databases.upgrade': () => ({ version: 18 }),
  'databases.rehearseUpgrade': () => ({ version: 18 }),
  'users.create': () => ({ name: 'reader' }),
  'users.update': () => ({ access: 'read-only' }),
  'restorePoints.create': () => ({ name: 'before-it' }),
  'dbs.create': () => ({ name: 'reports' }),
  'projects.create': () => ({ name: 'c' }),
  'projects.update': () => ({ description: 'changed' }),
  'members.add': () => ({ email: theirs.member.email, role: 'viewer' }),
  'members.update': () => ({ role: 'viewer' }),
  'apiKeys.create': () => ({ name: 'another' }),
  'people.create': () => ({ email: 'new@example.org', name: 'New' }),
  'people.update': () => ({ name: 'Changed' }),
}

function request(id: EndpointId, endpoint: Endpoint, token: string | undefined, path: Record<string, string>) {
  const body = bodies[id]?.()
  if (endpoint.body && !body && endpoint.access !== 'public')
    throw new Error(`${id} needs a body in this test`)
  return {
    method: endpoint.method,
    url: endpoint.path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(path[name] ?? 'nothing')),
    ...token === undefined ? {} : { token },
    ...body === undefined ? {} : { body },
  }
}

const guarded = table.filter(([, { access }]) => access !== 'public')
const idIn = ([id]: [EndpointId, Endpoint]): string => id
const named = (entries: [EndpointId, Endpoint][]) => entries.map(entry => ({ name: idIn(entry), id: entry[0], endpoint: entry[1] }))

it('every endpoint of the contract has one route, and there is no other', () => {
  const ids = routes.map(route => route.id)
  expect({
    missing: table.map(idIn).filter(id => !ids.includes(id as EndpointId)),
    twice: ids.filter((id, index) => ids.indexOf(id) !== index),
  }).toEqual({ missing: [], twice: [] })
})

describe('without a credential', () => {
  it.each(named(guarded))('$name answers 401', async ({ id, endpoint }) => {
    const { status, headers } = await harness.inject(request(id, endpoint, undefined, {}))
    expect(status).toBe(401)
    expect(headers['www-authenticate']).toBe('Bearer')
  })
})

describe.each(roles)('a %s', (role) => {
  const refused = guarded.filter(([, { access }]) => access !== 'any' && access !== 'public' && !permissions[role].includes(access))
  it.each(named(refused))('may not call $name: 403', async ({ id, endpoint }) => {
    const { token, project } = await harness.person({ role, project: 'a' })
    const { status, body } = await harness.inject(request(id, endpoint, token, { project: project.name }))
    expect(status).toBe(403)
    expect(body.code).toBe('forbidden')
  })
})

it('a viewer may change nothing but its own session and password', () => {
  const changes = guarded.filter(([, { method, access }]) => method !== 'GET' && (access === 'any' || permissions.viewer.includes(access as never)))
  expect(changes.map(idIn).sort()).toEqual(['auth.logout', 'auth.password'])
})

it('a refusal is written down once, however often it is met', async () => {
  const { token, email } = await harness.person({ role: 'viewer', project: 'refused' })
  for (let index = 0; index < 3; index++)
    await harness.inject({ method: 'DELETE', url: '/api/databases/orders?dryRun=false', token })
  await harness.access.background.settle()
  const { body } = await harness.inject({ url: '/api/audit/logs?outcome=denied', token })
  expect(body.items).toHaveLength(1)
  expect(body.items).toMatchObject([{ actor: email, action: 'databases.delete', target: '/api/databases/orders' }])
})

describe('an admin of project A learns nothing about project B', () => {
  const scoped = guarded.filter(([, { params, access }]) => params && access !== 'platform.manage')
  it.each(named(scoped))('$name answers as for what does not exist', async ({ id, endpoint }) => {
    const { token } = await harness.person({ role: 'admin', project: 'a' })
    const { member, database, operation, apiKey } = theirs
    const isProject = endpoint.path.startsWith('/api/projects/')
    const theirPath = isProject
      ? { project: 'b', user: member.id }
      : { name: database, user: database, db: database, id: endpoint.path.startsWith('/api/operations/') ? operation : apiKey }
    const noPath = isProject
      ? { project: 'nothing', user: randomUUID() }
      : { name: 'nothing', user: 'nothing', db: 'nothing', id: randomUUID() }
    const there = await harness.inject(request(id, endpoint, token, theirPath))
    const nowhere = await harness.inject(request(id, endpoint, token, noPath))
    expect(there.status).toBe(404)
    expect({ ...there.body, requestId: '' }).toEqual({ ...nowhere.body, requestId: '' })
  })

  it('deleting the project of others answers like deleting none', async () => {
    const { token } = await harness.person({ role: 'admin', project: 'a' })
    const there = await harness.inject({ method: 'DELETE', url: '/api/projects/b', token })
    const nowhere = await harness.inject({ method: 'DELETE', url: '/api/projects/nothing', token })
    expect(there.status).toBe(404)
    expect({ ...there.body, requestId: '' }).toEqual({ ...nowhere.body, requestId: '' })
  })

  it('and B is as it was', async () => {
    const { token, project, id } = theirs.member
    const databases = await harness.inject({ url: '/api/databases', token })
    expect(databases.body.items).toMatchObject([{ name: 'orders', labels: {} }])
    const members = await harness.inject({ url: `/api/projects/${project.name}/members`, token })
    expect(members.body.items).toMatchObject([{ user: { id }, role: 'admin' }])
  })
})

describe('lists of project A', () => {
  it.each(['/api/databases', '/api/operations', '/api/api-keys', '/api/audit/logs?target=database/orders', '/api/audit/logs?target=api-key/ci'])('%s shows nothing of project B', async (url) => {
    const { token } = await harness.person({ role: 'admin', project: 'a' })
    expect((await harness.inject({ url, token })).body.items).toEqual([])
  })
  it('/api/projects shows A only', async () => {
    const { token } = await harness.person({ role: 'admin', project: 'a' })
    expect((await harness.inject({ url: '/api/projects', token })).body.items).toMatchObject([{ name: 'a', role: 'admin' }])
  })
})
