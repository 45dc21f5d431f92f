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
  await platform.create(name)
  await platform.ask('PATCH', `/api/databases/${name}`, { instances: 2 }, wait)
})
afterAll(async () => await platform.close())

const switchover = (query = '', headers: Record<string, string> = wait) => platform.ask('POST', `/api/databases/${name}/switchover${query}`, undefined, headers)

async function primary(): Promise<string> {
  const { members } = (await platform.ask('GET', `/api/databases/${name}`)).body
  return members.find((member: { role: string }) => member.role === 'primary').name
}

describe('202', () => {
  it('another member is the primary, and the spec is what it was', async () => {
    const { status, body } = await switchover()
    expect(status).toBe(202)
    expect(body).toMatchObject({ type: 'database.switchover', phase: 'succeeded', target: '' })
    expect(await primary()).toBe(`${name}-2`)
    expect(await platform.get(name)).toMatchObject({ phase: 'ready', generation: 2 })
  })
  it('to the member that is named, and back', async () => {
    expect((await switchover(`?to=${name}-2`)).body).toMatchObject({ phase: 'succeeded', target: `${name}-2` })
    await switchover(`?to=${name}-1`)
    expect(await primary()).toBe(`${name}-1`)
  })
  it('the database is switching-over meanwhile', async () => {
    await platform.stopWorking()
    const { body } = await switchover('', {})
    expect(await platform.get(name)).toMatchObject({ phase: 'switching-over', allowedActions: ['delete'], operation: body.id })
    platform.startWorking()
    await platform.ended(body.id)
  })
  it('is written down with the member that was named', async () => {
    await switchover(`?to=${name}-2`)
    expect((await platform.ask('GET', `/api/audit/logs?target=database/${name}&action=databases.switchover`)).body.items).toMatchObject([{ changes: { to: { from: null, to: `${name}-2` } } }])
  })
})

describe('200: dry run', () => {
  it('says what it interrupts, and changes nothing', async () => {
    expect((await switchover('?dryRun=true')).body).toMatchObject({ dryRun: true, operation: 'database.switchover', interruption: 'restart', reasons: [expect.any(String)] })
    expect(await primary()).toBe(`${name}-1`)
  })
})

describe('404', () => {
  it('of what the caller may not know about, whatever the member', async () => {
    expect((await platform.ask('POST', '/api/databases/unknown/switchover?to=unknown-2')).body).toMatchObject({ code: 'not-found' })
  })
})

describe('409', () => {
  it('while it hibernates', async () => {
    await platform.ask('POST', `/api/databases/${name}/hibernate`, undefined, wait)
    expect((await switchover()).body).toMatchObject({ code: 'wrong-phase' })
  })
})

describe('422', () => {
  it('to who is primary already, or no member at all', async () => {
    for (const to of [`${name}-1`, 'stranger'])
      expect((await switchover(`?to=${to}`)).body).toMatchObject({ code: 'invalid', errors: [{ pointer: '?to' }] })
  })
  it('without a replica', async () => {
    await platform.ask('PATCH', `/api/databases/${name}`, { instances: 1 }, wait)
    expect((await switchover()).body).toMatchObject({ code: 'invalid', errors: [{ pointer: '?to', detail: 'There is no replica that could become the primary.' }] })
  })
  it('at a location that chooses the primary by itself', async () => {
    const other = await createPlatform({ capabilities: { switchover: false } })
    await other.create('alone')
    expect((await other.ask('POST', '/api/databases/alone/switchover')).body).toMatchObject({ status: 422, code: 'unsupported' })
    await other.close()
  })
})
