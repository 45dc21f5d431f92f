/** One control plane, this machine and two clusters: one of them goes away, with everything that runs there. */
import type { Database, Operation } from '@howdah/contract'
import type { TestPlace } from '../../../packages/engine-cnpg/src/testing/place.ts'
import type { Way } from '../../../packages/engine-cnpg/src/testing/proxy.ts'
import type { RunningServer } from '../../server.ts'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder, until } from '@howdah/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { readAccountKubeconfig, writeAccountKubeconfig } from '../../../packages/engine-cnpg/src/testing/kubeconfig-of-account.ts'
import { testPlace } from '../../../packages/engine-cnpg/src/testing/place.ts'
import { wayTo } from '../../../packages/engine-cnpg/src/testing/proxy.ts'
import { hide, show } from '../../../testbed/cluster/faults.ts'
import { startServer } from '../../server.ts'
import { kubectl } from '../kubectl.ts'

interface Connection {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly tls: { readonly caCertificate: string }
}

interface Problem { readonly detail: string }

const small = { cpu: 1, memoryMib: 256, storageGib: 1 }

describe.runIf(inject('cluster').isOurs)('a control plane with three locations', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let way: Way
  let steady: TestPlace
  let shaky: TestPlace
  let server: RunningServer
  let hidden: string | undefined
  beforeAll(async () => {
    folder = await temporaryFolder()
    const { clusters: [{ cluster }] } = await readAccountKubeconfig()
    way = await wayTo(cluster.server)
    const kubeconfig = join(folder.path, 'kubeconfig')
    await writeAccountKubeconfig(kubeconfig, { ...cluster, 'server': `https://127.0.0.1:${way.port}`, 'tls-server-name': 'kubernetes.default.svc' })
    steady = await testPlace()
    shaky = await testPlace()
    const locations = join(folder.path, 'locations.json')
    await writeFile(locations, JSON.stringify([
      { name: 'here', engine: 'local', settings: {} },
      { name: 'steady', engine: 'cnpg', settings: steady.settings() },
      { name: 'shaky', engine: 'cnpg', settings: shaky.settings({ kubeconfig }) },
    ]), { mode: 0o600 })
    server = await startServer({ HOWDAH_LOCATIONS: locations, HOWDAH_LOG_FORMAT: 'json' })
  })
  afterAll(async () => {
    way.open()
    if (hidden !== undefined)
      await show(hidden)
    await server.stop()
    await steady.cleanup()
    await shaky.cleanup()
    await way.remove()
    await folder.remove()
  }, 600_000)

  it('has databases in each', async () => {
    const made = await Promise.all(['here', 'steady', 'shaky'].map(async location => await server.api<Database>('POST', '/api/databases', { body: { name: `in-${location}`, location, ...location === 'here' ? {} : small } })))
    expect(made.map(({ status }) => status)).toEqual([201, 201, 201])
    for (const location of ['here', 'steady', 'shaky']) {
      await until(async () => (await read(`in-${location}`)).phase === 'ready', { deadlineMs: 240_000, everyMs: 250, what: `the one in ${location} is ready` })
      await ask(`in-${location}`, 'create table kept as select 42 as answer')
    }
  })

  it('one of which goes away: only what is there becomes unknown, and says why', async () => {
    hidden = await addressOf('in-shaky')
    // In the middle of making another one.
    expect((await server.api('POST', '/api/databases', { body: { name: 'late', location: 'shaky', ...small } })).status).toBe(201)
    await until(async () => (await operationOf('late')).phase === 'running', { deadlineMs: 30_000, everyMs: 20, what: 'another one is begun' })
    way.shut()
    await hide(hidden)
    await until(async () => (await read('in-shaky')).reason === 'Unknown', { deadlineMs: 120_000, everyMs: 250, what: 'it is unknown' })
    expect((await read('in-shaky')).message).toContain('API of the cluster cannot be reached')
    const { body: { checks }, status } = await server.api<{ checks: { name: string, ok: boolean, message: string }[] }>('GET', '/ready')
    expect(status).toBe(200)
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([['store', true], ['here', true], ['steady', true], ['shaky', false]])
    for (const name of ['in-here', 'in-steady'])
      expect(await read(name)).toMatchObject({ phase: 'ready', reason: '' })
  })

  it('whose others serve, and are changed, made and deleted meanwhile', async () => {
    for (const name of ['in-here', 'in-steady']) {
      expect(await ask(name, 'select answer from kept')).toEqual([{ answer: 42 }])
      expect((await server.api('PATCH', `/api/databases/${name}`, { body: { parameters: { work_mem: '9MB' } }, isAwaited: true })).status).toBeLessThan(300)
      await until(async () => (await ask(name, 'show work_mem'))[0]?.work_mem === '9MB', { deadlineMs: 60_000, everyMs: 100, what: `${name} is changed` })
    }
    await server.api('POST', '/api/databases', { body: { name: 'brief', location: 'steady', ...small }, isAwaited: true })
    await until(async () => (await read('brief')).phase === 'ready', { deadlineMs: 240_000, everyMs: 250, what: 'another one is made' })
    await server.api('DELETE', '/api/databases/brief', { isAwaited: true })
    await until(async () => (await server.api('GET', '/api/databases/brief')).status === 404, { deadlineMs: 120_000, everyMs: 250, what: 'it is deleted' })
  })

  it('in which nothing is asked for that cannot be looked at, and what was begun there says why it waits', async () => {
    const refusals = [
      await server.api<Problem>('PATCH', '/api/databases/in-shaky', { body: { parameters: { work_mem: '9MB' } } }),
      await server.api<Problem>('POST', '/api/databases', { body: { name: 'refused', location: 'shaky', ...small } }),
    ]
    for (const { body, status } of refusals) {
      expect(status).toBe(503)
      expect(body.detail).toMatch(/cannot be (?:reached|used) now/)
    }
    await until(async () => {
      const { message, phase } = await operationOf('late')
      return phase === 'running' && /cannot be (?:reached|used) now/.test(message)
    }, { deadlineMs: 60_000, everyMs: 250, what: 'what was begun says why it waits' })
  })

  it('and has everything right again when it is back', async () => {
    way.open()
    await show(hidden ?? '')
    hidden = undefined
    for (const name of ['in-shaky', 'late'])
      await until(async () => (await read(name)).phase === 'ready', { deadlineMs: 240_000, everyMs: 250, what: `${name} is ready` })
    expect(await read('in-shaky')).toMatchObject({ reason: '', message: '' })
    expect(await ask('in-shaky', 'select answer from kept')).toEqual([{ answer: 42 }])
    expect((await server.api('PATCH', '/api/databases/in-shaky', { body: { parameters: { work_mem: '9MB' } }, isAwaited: true })).status).toBeLessThan(300)
    await until(async () => (await ask('in-shaky', 'show work_mem'))[0]?.work_mem === '9MB', { deadlineMs: 60_000, everyMs: 100, what: 'it is changed' })
    const { body: { items } } = await server.api<{ items: Database[] }>('GET', '/api/databases')
    expect(items.map(({ name }) => name).sort()).toEqual(['in-here', 'in-shaky', 'in-steady', 'late'])
    const { body: ready } = await server.api<{ checks: { ok: boolean }[] }>('GET', '/ready')
    expect(ready.checks.every(({ ok }) => ok)).toBe(true)
    expect(server.output()).not.toMatch(/no code expects|unhandled|uncaught/i)
    for (const { name } of items)
      await server.api('DELETE', `/api/databases/${name}`, { isAwaited: true })
  })

  async function read(name: string): Promise<Database> {
    return (await server.api<Database>('GET', `/api/databases/${name}`)).body
  }

  async function operationOf(name: string): Promise<Operation> {
    const { body: { items: [operation] } } = await server.api<{ items: Operation[] }>('GET', `/api/operations?database=${name}`)
    if (!operation)
      throw new Error(`nothing was asked of ${name}`)
    return operation
  }

  async function addressOf(name: string): Promise<string> {
    const { body: { host } } = await server.api<Connection>('GET', `/api/databases/${name}/connection`)
    const [service = '', namespace = ''] = host.split('.')
    return await kubectl('--namespace', namespace, 'get', 'service', service, '--output', 'jsonpath={.spec.clusterIP}')
  }

  async function ask(name: string, text: string): Promise<Record<string, unknown>[]> {
    const { body: { database, host, password, port, tls, user } } = await server.api<Connection>('GET', `/api/databases/${name}/connection`)
    const ca = tls.caCertificate
    const way = host.endsWith('.svc') ? { host: await addressOf(name), ssl: { ca, servername: host } } : { host, ssl: { ca, host } }
    const client = new pg.Client({ ...way, port, user, password, database })
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(text)).rows
    }
    finally {
      await client.end()
    }
  }
})
