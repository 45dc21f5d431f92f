import type { Platform } from '../../../../test/platform.ts'
import { until } from '@howdah/testkit'
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
  await platform.create(name)
})
afterAll(async () => await platform.close())

const post = (action: string, query = '', headers?: Record<string, string>) => platform.ask('POST', `/api/databases/${name}/${action}${query}`, undefined, headers)
const wait = { prefer: 'wait=10' }
async function password(): Promise<string> {
  return (await platform.ask('GET', `/api/databases/${name}/connection`)).body.password
}

describe('202', () => {
  it('restart: the servers restart once, and the operation says so', async () => {
    const { status, body, headers } = await post('restart', '', wait)
    expect(status).toBe(202)
    expect(headers.location).toBe(`/api/operations/${body.id}`)
    expect(body).toMatchObject({ type: 'database.restart', phase: 'succeeded', progressPercent: 100, steps: [{ name: 'restart', phase: 'done' }, { name: 'login', phase: 'done' }] })
    expect(await platform.get(name)).toMatchObject({ phase: 'ready', generation: 2 })
  })
  it('hibernate and resume: stopped on purpose, and back', async () => {
    await post('hibernate', '', wait)
    expect(await platform.get(name)).toMatchObject({ phase: 'hibernated', members: [{ phase: 'stopped' }], allowedActions: ['update', 'resume', 'delete'] })
    await post('resume', '', wait)
    expect(await platform.get(name)).toMatchObject({ phase: 'ready', members: [{ phase: 'ready' }] })
  })
  it('a change while it is hibernated is there when it is resumed', async () => {
    await post('hibernate', '', wait)
    await platform.ask('PATCH', `/api/databases/${name}`, { parameters: { work_mem: '16MB' } }, wait)
    expect(await platform.get(name)).toMatchObject({ phase: 'hibernated' })
    await post('resume', '', wait)
    const { body } = await platform.ask('GET', `/api/databases/${name}/parameters`)
    expect(body.items.find((item: { name: string }) => item.name === 'work_mem').value).toBe('16MB')
  })
  it('rotate-credentials: the new password is shown when the server has it, and not before', async () => {
    const before = await password()
    await platform.stopWorking()
    const { body } = await post('rotate-credentials')
    expect(await password()).toBe(before)
    platform.startWorking()
    await platform.ended(body.id)
    const after = await password()
    expect(after).not.toBe(before)
    expect((await platform.domain.store.db.selectFrom('database_users').select('next_password').where('name', '=', name).execute())).toEqual([{ next_password: null }])
  })
  it('rotate-credentials that is cancelled before it began leaves the password as it was, also for what follows', async () => {
    const before = await password()
    await platform.stopWorking()
    const { body } = await post('rotate-credentials')
    expect((await platform.ask('POST', `/api/operations/${body.id}/cancel`)).body.phase).toBe('cancelled')
    platform.startWorking()
    await post('restart', '', wait)
    expect(await password()).toBe(before)
  })
  it('the same Idempotency-Key is the same operation, also while the first one is under way', async () => {
    const key = { 'idempotency-key': 'k' }
    const answers = await Promise.all(Array.from({ length: 4 }, () => post('restart', '', key)))
    expect(new Set(answers.map(answer => `${answer.status} ${answer.body.id} ${String(answer.headers.location)}`)).size).toBe(1)
    await platform.ended(answers[0]!.body.id)
    expect((await post('restart', '', key)).body.id).toBe(answers[0]!.body.id)
  })
  it('without a body, whatever the content type says of none', async () => {
    expect((await post('restart', '', { ...wait, 'content-type': 'application/json' })).status).toBe(202)
  })
  it('a create that had failed is mended by a restart, users and all', async () => {
    name = 'slow-ready'
    const { body } = await platform.ask('POST', '/api/databases', { name })
    await until(() => platform.engine.observe({ id: body.id, name, project: 'default' }), { deadlineMs: 5000, what: 'its making has begun' })
    await platform.ask('POST', `/api/operations/${body.operation}/cancel`, undefined, wait)
    expect(await platform.get(name)).toMatchObject({ phase: 'failed', reason: 'Cancelled' })
    platform.engine.release(body.id)
    await post('restart', '', wait)
    expect(await platform.get(name)).toMatchObject({ phase: 'ready', reason: '' })
    expect((await platform.ask('GET', `/api/databases/${name}/connection`)).status).toBe(200)
    await platform.ask('DELETE', `/api/databases/${name}`, undefined, wait)
  })
  it.each(['restart', 'hibernate', 'rotate-credentials'])('%s is written down', async (action) => {
    await post(action, '', wait)
    expect((await platform.ask('GET', `/api/audit/logs?target=database/${name}&action=databases.${action}`)).body.items).toHaveLength(1)
  })
})

describe('200: dry run', () => {
  it.each([
    ['restart', 'restart', ['restart', 'login']],
    ['hibernate', 'restart', ['stop']],
    ['rotate-credentials', 'none', ['credentials', 'login']],
  ])('%s', async (action, interruption, steps) => {
    expect((await post(action, '?dryRun=true')).body).toMatchObject({ dryRun: true, operation: `database.${action}`, interruption, steps })
    expect(await platform.get(name)).toMatchObject({ phase: 'ready', generation: 1, operation: null })
  })
})

describe('409', () => {
  it('resume of what is not hibernated; hibernate of what is', async () => {
    expect((await post('resume')).body).toMatchObject({ status: 409, code: 'wrong-phase' })
    await post('hibernate', '', wait)
    for (const action of ['hibernate', 'restart', 'rotate-credentials'])
      expect((await post(action)).body, action).toMatchObject({ status: 409, code: 'wrong-phase' })
  })
  it('of several at the same time one begins', async () => {
    await platform.stopWorking()
    const answers = await Promise.all(['restart', 'restart', 'hibernate', 'rotate-credentials'].map(action => post(action)))
    platform.startWorking()
    expect(answers.map(answer => answer.status).sort()).toEqual([202, 409, 409, 409])
    await platform.ended(answers.find(answer => answer.status === 202)!.body.id)
  })
  it.each(['hibernate', 'resume', 'rotate-credentials'])('to %s what Git delivers', async (action) => {
    await platform.domain.store.db.updateTable('databases').set({ managed_by: 'git' }).where('name', '=', name).execute()
    expect((await post(action)).body).toMatchObject({ code: 'managed-by-git' })
  })
})

describe('422', () => {
  it('a location that cannot hibernate', async () => {
    const other = await createPlatform({ capabilities: { hibernate: false } })
    await other.create('awake')
    expect((await other.ask('POST', '/api/databases/awake/hibernate')).body).toMatchObject({ status: 422, code: 'unsupported' })
    await other.close()
  })
})
