import type { Platform } from '../../../../test/platform.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'

let platform: Platform
beforeAll(async () => {
  platform = await createPlatform()
  await platform.create('orders', { extensions: ['earthdistance'], parameters: { work_mem: '8MB' } })
})
afterAll(async () => await platform.close())

const ask = (what: string, name = 'orders') => platform.ask('GET', `/api/databases/${name}/${what}`)

describe('200', () => {
  it('extensions: what the spec has on, and what came on with it', async () => {
    const { body } = await ask('extensions')
    expect(body.items.map(({ name, enabled, installedVersion }: Record<string, unknown>) => [name, enabled, installedVersion !== null])).toEqual([['cube', false, true], ['earthdistance', true, true], ['pgcrypto', false, false]])
  })
  it('parameters: type, unit, range, restart need, and what was set', async () => {
    const { body } = await ask('parameters')
    expect(body.items).toContainEqual(expect.objectContaining({ name: 'work_mem', value: '8MB', default: '4MB', isChanged: true, type: 'integer', unit: 'kB', min: 64, needsRestart: false }))
  })
})

describe('404', () => {
  it.each(['extensions', 'parameters'])('%s of nobody', async (what) => {
    expect((await ask(what, 'nobody')).status).toBe(404)
  })
})

describe('409', () => {
  it.each(['extensions', 'parameters'])('%s of a server that does not run', async (what) => {
    await platform.create(`h-${what}`)
    await platform.ask('POST', `/api/databases/h-${what}/hibernate`, undefined, { prefer: 'wait=10' })
    expect((await ask(what, `h-${what}`)).body).toMatchObject({ status: 409, code: 'wrong-phase' })
  })
})

describe('503', () => {
  it('while the location cannot be asked', async () => {
    platform.engine.setOutage('The location is being moved.')
    const { body } = await ask('parameters')
    platform.engine.setOutage(undefined)
    expect(body).toMatchObject({ status: 503, code: 'unavailable' })
  })
})
