import type { Person } from '../../test/harness.ts'
import type { Platform } from '../../test/platform.ts'
import type { Domain } from '../domain/domain.ts'
import { FakeWorld } from '@howdah/engine/fake'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform, location } from '../../test/platform.ts'
import { aroundSteps } from '../../test/step-engine.ts'
import { openStore } from '../store/db.ts'
import { startWorker } from './worker.ts'

const world = new FakeWorld()
const leaseMs = 150
let platform: Platform
let cases = 0
beforeAll(async () => {
  platform = await createPlatform({ world, worker: { leaseMs } })
})
afterAll(async () => await platform.close())

type Ask = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) => Promise<any>
interface Scenario { readonly before?: (ask: Ask) => Promise<unknown>, readonly run: (ask: Ask) => Promise<any> }

/** What is asked for; every scenario is played in a project of its own, so that the names are the same. */
const scenarios: Record<string, Scenario> = {
  'database.create': { run: ask => ask('POST', '', { name: 'orders', extensions: ['cube'] }) },
  'database.update': { before: made, run: ask => ask('PATCH', '/orders', { parameters: { max_connections: '50' }, extensions: ['cube'] }) },
  'database.restart': { before: made, run: ask => ask('POST', '/orders/restart') },
  'database.switchover': { before: ask => ask('POST', '', { name: 'orders', instances: 2 }), run: ask => ask('POST', '/orders/switchover') },
  'database.hibernate': { before: made, run: ask => ask('POST', '/orders/hibernate') },
  'database.resume': { before: async ask => [await made(ask), await ask('POST', '/orders/hibernate')], run: ask => ask('POST', '/orders/resume') },
  'database.rotate-credentials': { before: made, run: ask => ask('POST', '/orders/rotate-credentials') },
  'database.restore': { before: restorable, run: restoreToBackup },
  'database.undo-restore': { before: async ask => [await restorable(ask), await restoreToBackup(ask)], run: ask => ask('POST', '/orders/undo-restore') },
  'database.reset': { before: async ask => [await made(ask), await ask('POST', '', { name: 'copy', from: { database: 'orders' } })], run: ask => ask('POST', '/copy/reset') },
  'database.upgrade': { before: async ask => [await ask('POST', '', { name: 'orders', version: 17 }), await ask('POST', '/orders/users', { name: 'app' })], run: ask => ask('POST', '/orders/upgrade', { version: 18 }) },
  'upgrade.rehearse': { before: ask => ask('POST', '', { name: 'orders', version: 17 }), run: ask => ask('POST', '/orders/upgrade/rehearsals', { version: 18 }) },
  'database.delete': { before: made, run: ask => ask('DELETE', '/orders') },
  'user.create': { before: made, run: ask => ask('POST', '/orders/users', { name: 'app' }) },
  'user.update': { before: withUser, run: ask => ask('PATCH', '/orders/users/app', { access: 'none', password: 'a new password' }) },
  'user.delete': { before: withUser, run: ask => ask('DELETE', '/orders/users/app') },
  'database.create from another': { before: async ask => [await withUser(ask), await ask('POST', '/orders/backups')], run: ask => ask('POST', '', { name: 'copy', from: { database: 'orders' } }) },
  'backup.create': { before: made, run: ask => ask('POST', '/orders/backups') },
  'backup.drill': { before: async ask => [await made(ask), await ask('POST', '/orders/backups')], run: ask => ask('POST', '/orders/drills') },
  'backup.delete': {
    before: async ask => [await made(ask), await ask('POST', '/orders/backups')],
    run: async ask => await ask('DELETE', `/orders/backups/${(await ask('GET', '/orders/backups')).items[0].id}`),
  },
  'db.create': { before: made, run: ask => ask('POST', '/orders/dbs', { name: 'reports' }) },
  'db.delete': { before: async ask => [await made(ask), await ask('POST', '/orders/dbs', { name: 'reports' })], run: ask => ask('DELETE', '/orders/dbs/reports') },
}
function made(ask: Ask): Promise<unknown> {
  return ask('POST', '', { name: 'orders' })
}
/** What comes after the backup is not in it. */
async function restorable(ask: Ask): Promise<void> {
  await withUser(ask)
  await ask('POST', '/orders/backups')
  await ask('POST', '/orders/users', { name: 'later' })
  await ask('POST', '/orders/dbs', { name: 'reports' })
}
async function restoreToBackup(ask: Ask): Promise<any> {
  return await ask('POST', '/orders/restore', { backup: (await ask('GET', '/orders/backups')).items[0].id })
}
async function withUser(ask: Ask): Promise<void> {
  await made(ask)
  await ask('POST', '/orders/users', { name: 'app' })
}

function asker({ token }: Person, wait: number): Ask {
  return async (method, path, body) => {
    const answer = await platform.inject({ method, url: `/api/databases${path}`, token, ...body === undefined ? {} : { body }, headers: { prefer: `wait=${wait}` } })
    if (answer.status >= 300)
      throw new Error(`${method} ${path} answered ${answer.text}`)
    return answer.body
  }
}

/** A worker that is killed once: before its n-th step, or when the step is done and nothing of it is written yet. */
function doomedWorker(point: { readonly step: number, readonly when: 'before' | 'after' }) {
  const store = openStore(platform.database.connection, 3, () => undefined)
  const isDead = Promise.withResolvers<void>()
  const burial = Promise.withResolvers<never>()
  burial.promise.catch(() => undefined)
  let steps = 0
  async function die(): Promise<never> {
    isDead.resolve()
    await store.close()
    return await burial.promise
  }
  const engine = aroundSteps(platform.engine, async (_, run) => {
    const isLast = ++steps === point.step
    if (isLast && point.when === 'before')
      await die()
    const result = await run()
    if (isLast)
      await die()
    return result
  })
  const domain: Domain = { ...platform.domain, store, engines: new Map([[location, engine]]) }
  const worker = startWorker({ domain, metrics: platform.services.metrics, concurrency: 4, leaseMs })
  return {
    isDead: isDead.promise,
    async bury() {
      burial.reject(new Error('killed'))
      await worker.drain()
      await store.close()
    },
  }
}

/** Plays a scenario in a new project; answers all that is left of it, without what has to differ. */
async function play(scenario: Scenario, point?: Parameters<typeof doomedWorker>[0]): Promise<{ state: unknown, died: boolean }> {
  const person = await platform.person({ role: 'admin', project: `case-${cases++}` })
  await scenario.before?.(asker(person, 20))
  let died = false
  if (point) {
    await platform.stopWorking()
    const answer = await scenario.run(asker(person, 0))
    const operationId = answer.type ? answer.id : answer.operation
    const doomed = doomedWorker(point)
    died = await Promise.race([
      doomed.isDead.then(() => true),
      until(async () => (await platform.domain.store.db.selectFrom('operations').select('phase').where('id', '=', operationId).executeTakeFirst())?.phase === 'succeeded', { deadlineMs: 10_000 }).then(() => false),
    ])
    platform.startWorking()
    await until(async () => (await platform.domain.store.db.selectFrom('operations').select('phase').where('id', '=', operationId).executeTakeFirst())?.phase === 'succeeded', { deadlineMs: 15_000, what: 'another worker ends it' })
    await doomed.bury()
  }
  else {
    await scenario.run(asker(person, 20))
  }
  return { state: await stateOf(person.project.id, person), died }
}

async function stateOf(projectId: string, person: Person): Promise<unknown> {
  const { db } = platform.domain.store
  const [databases, operations, events, audit] = await Promise.all([
    db.selectFrom('databases').selectAll().where('project_id', '=', projectId).orderBy('name').execute(),
    db.selectFrom('operations').selectAll().where('project_id', '=', projectId).orderBy('seq').execute(),
    db.selectFrom('service_events').select(['type', 'severity', 'message']).where('project_id', '=', projectId).orderBy('seq').execute(),
    db.selectFrom('audit_log').select(['action', 'target', 'outcome', 'id']).where('project_id', '=', projectId).orderBy('id').execute().then(entries => entries.map(entry => ({ ...entry, target: entry.target.replace(/[0-9a-f-]{36}$/, 'some') }))),
  ])
  const ids = databases.map(row => row.id)
  const users = ids.length === 0 ? [] : await db.selectFrom('database_users').select(['name', 'access', 'phase', 'operation_id', 'next_password']).where('database_id', 'in', ids).orderBy('name').execute()
  const dbs = ids.length === 0 ? [] : await db.selectFrom('database_dbs').select(['name', 'owner', 'phase', 'operation_id']).where('database_id', 'in', ids).orderBy('name').execute()
  const verification = await platform.inject({ url: '/api/audit/verify', token: person.token })
  const engine = [...world.databases.values()].filter(({ ref }) => ref.project === person.project.name).map(({ phase, restarts, generation, spec, roles, logicalDatabases }) => ({
    phase,
    restarts,
    generation,
    spec: { ...spec, from: spec?.from ? 'some' : undefined, id: '', project: '', restartToken: spec?.restartToken ? 'some' : '', owner: spec?.owner.user },
    roles: [...roles.values()].map(({ name, access, connectionLimit }) => ({ name, access, connectionLimit })),
    logicalDatabases: [...logicalDatabases.values()],
  }))
  const backups = databases.map(({ id }) => world.archives.get(id)?.backups.length ?? 0)
  return {
    backups,
    databases: databases.map(({ name, phase, reason, generation, operation_id, failure, parameters, extensions, is_hibernated, observed }) => ({ name, phase, reason, generation, operation_id, failure, parameters, extensions, is_hibernated, seen: observed?.phase, seenGeneration: observed?.generation })),
    operations: operations.map(({ type, phase, steps, error, lease_owner }) => ({ type, phase, steps: steps.map(step => `${step.name} ${step.phase}`), error, lease_owner })),
    events,
    audit,
    users,
    dbs,
    engine,
    chain: verification.body.ok,
  }
}

describe.each(Object.keys(scenarios))('%s: a worker that is killed at any point leaves the same end', (type) => {
  it('before and after each of its steps', async () => {
    const scenario = scenarios[type]!
    const wanted = await play(scenario)
    expect(wanted.state).toMatchObject({ chain: true })
    let kills = 0
    for (const when of ['before', 'after'] as const) {
      for (let step = 1, hasMore = true; hasMore; step++) {
        const { state, died } = await play(scenario, { step, when })
        expect(state, `killed ${when} step ${step}`).toEqual(wanted.state)
        hasMore = died
        kills += died ? 1 : 0
      }
    }
    expect(kills).toBeGreaterThanOrEqual(2)
  })
})
