import type { Database } from '@howdah/contract'
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { dataOf, until } from '@howdah/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { restartServer, startServer } from './server.ts'

type Server = Awaited<ReturnType<typeof startServer>>

describe('the real program, with its processes killed', () => {
  let server: Server
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(async () => await server.stop())

  const read = async (name: string) => (await server.api<Database>('GET', `/api/databases/${name}`)).body
  const inPhase = async (name: string, phase: string) => await until(async () => {
    const database = await read(name).catch(() => undefined)
    return database?.phase === phase ? database : undefined
  }, { deadlineMs: 60_000, everyMs: 50, what: `${name} is ${phase}` })
  const login = async (name: string) => {
    const { body: uri } = await server.api<string>('GET', `/api/databases/${name}/connection?format=uri`)
    const client = new pg.Client(uri.trim())
    await client.connect()
    try {
      return (await client.query<{ database: string }>('select current_database() as database')).rows[0]?.database
    }
    finally {
      await client.end()
    }
  }
  const pidIn = async (folder: string) => Number((await readFile(join(folder, 'postmaster.pid'), 'utf8')).split('\n')[0])

  it('kill -9 of the control plane while it creates loses no database that was acknowledged', async () => {
    const names = ['one', 'two', 'three', 'four']
    const answers = await Promise.all(names.map(name => server.api<Database>('POST', '/api/databases', { body: { name } })))
    expect(answers.map(answer => answer.status)).toEqual([201, 201, 201, 201])
    server = await restartServer(server, 'SIGKILL')
    for (const name of names) {
      const { id } = await inPhase(name, 'ready')
      expect(id).toBe(answers[names.indexOf(name)]?.body.id)
      expect(await login(name)).toBe(name)
    }
  })

  it('a database lives through a kill -9 of the control plane, and is found again without a new start', async () => {
    const folder = await dataOf(server.dataDir, (await read('one')).id)
    const before = await pidIn(folder)
    server = await restartServer(server, 'SIGKILL')
    await inPhase('one', 'ready')
    expect(await pidIn(folder)).toBe(before)
    expect(await login('one')).toBe('one')
  })

  it('a killed server of a database is noticed, told, written down and brought back', async () => {
    const folder = await dataOf(server.dataDir, (await read('two')).id)
    const before = await pidIn(folder)
    process.kill(before, 'SIGKILL')
    await until(async () => {
      const { body } = await server.api<{ items: { type: string }[] }>('GET', '/api/databases/two/service-logs')
      return body.items.some(event => event.type === 'instance.restarted')
    }, { deadlineMs: 30_000, everyMs: 50, what: 'the restart is told' })
    await inPhase('two', 'ready')
    expect(await pidIn(folder)).not.toBe(before)
    const { body: events } = await server.api<{ items: { type: string }[] }>('GET', '/api/databases/two/service-logs')
    expect(events.items.map(event => event.type)).toContain('instance.exited')
    const { body: audit } = await server.api<{ items: { action: string, actor: string }[] }>('GET', '/api/databases/two/logs')
    expect(audit.items).toContainEqual(expect.objectContaining({ action: 'instance.exited', actor: 'system' }))
  })

  it('while the store is away reads answer 503 with Retry-After; then all goes on by itself, and nothing is lost', async () => {
    const data = join(server.dataDir, 'store', 'data')
    const store = await pidIn(data)
    // Without its data it cannot be started again before somebody looked.
    await rename(data, `${data}.away`)
    process.kill(store, 'SIGKILL')
    const away = await until(async () => {
      const answer = await fetch(new URL('/api/databases/one', server.url), { headers: { authorization: `Bearer ${server.token}` } })
      return answer.ok ? undefined : answer
    }, { deadlineMs: 30_000, everyMs: 20, what: 'the store is missed' })
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '2'])
    await rename(`${data}.away`, data)
    await inPhase('one', 'ready')
    const made = await until(async () => {
      const answer = await server.api<Database>('POST', '/api/databases', { body: { name: 'after' } })
      return answer.status === 201 || answer.status === 409
    }, { deadlineMs: 30_000, everyMs: 100, what: 'a create is taken again' })
    expect(made).toBe(true)
    await inPhase('after', 'ready')
    expect(await login('after')).toBe('after')
    expect((await server.api<{ ok: boolean }>('GET', '/api/audit/verify')).body.ok).toBe(true)
  })

  it('SIGTERM tells event streams to come back, and exits with 0', async () => {
    const stream = await fetch(new URL('/api/events', server.url), { headers: { authorization: `Bearer ${server.token}` } })
    const text = stream.text()
    const code = await server.end('SIGTERM')
    expect(code, server.output().split('\n').slice(-12).join('\n')).toBe(0)
    expect(await text).toContain('event: reconnect')
    server = await restartServer(server, 'SIGKILL')
    await inPhase('one', 'ready')
  })
})
