import type { AuditEntry, Diagnosis } from '@howdah/contract'
import type { Engine } from '@howdah/engine'
import type { AddressInfo, Server } from 'node:net'
import type { Platform } from './platform.ts'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import process from 'node:process'
import { pipeline } from 'node:stream'
import { rootCertificates } from 'node:tls'
import { createLocalEngine } from '@howdah/engine-local'
import { temporaryFolder } from '@howdah/testkit'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../src/telemetry/log.ts'
import { createPlatform } from './platform.ts'

/** Real databases: what the doctor meets is what clients meet. */
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let engine: Engine
let platform: Platform
beforeAll(async () => {
  folder = await temporaryFolder()
  engine = createLocalEngine({ dataDir: folder.path, location: 'fake', poolSize: 1, log: createLog('silent', 'json') })
  platform = await createPlatform({ engine })
  await platform.create('orders')
  await platform.create('asleep')
}, 60_000)
afterAll(async () => {
  for (const name of ['orders', 'asleep'])
    await platform.ask('DELETE', `/api/databases/${name}`, undefined, { prefer: 'wait=30' })
  await platform.close()
  await folder.remove()
})

async function diagnose(name = 'orders', query = ''): Promise<Diagnosis> {
  const { status, body, text } = await platform.ask<Diagnosis>('POST', `/api/databases/${name}/diagnose${query}`)
  expect(status, text).toBe(200)
  return body
}
const outcomes = ({ steps }: Diagnosis) => steps.map(({ name, outcome }) => `${name} ${outcome}`)
const failed = ({ steps }: Diagnosis) => steps.find(({ outcome }) => outcome === 'failed')

async function inSql<T>(role: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const { body } = await platform.ask('GET', `/api/databases/orders/connection?role=${role}`)
  const client = new pg.Client({ host: body.host, port: body.port, user: body.user, password: body.password, database: body.database, ssl: { ca: body.tls.caCertificate } })
  await client.connect()
  try {
    return await work(client)
  }
  finally {
    await client.end()
  }
}

/** Lets the database seem to be somewhere else, as far as the control plane knows. */
async function elsewhere<T>(endpoint: object, work: () => Promise<T>): Promise<T> {
  const { db } = platform.domain.store
  const { rows } = await sql<{ observed: { endpoint: object } }>`select observed from databases where name = 'orders'`.execute(db)
  const before = rows[0]!.observed
  const write = (observed: object) => sql`update databases set observed = ${JSON.stringify(observed)} where name = 'orders'`.execute(db)
  await write({ ...before, endpoint: { ...before.endpoint, ...endpoint } })
  try {
    return await work()
  }
  finally {
    await write(before)
  }
}

async function listening<T>(answer: string, work: (port: number) => Promise<T>): Promise<T> {
  const server: Server = createServer(socket => socket.on('error', () => {}).once('data', () => socket.end(answer)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await work((server.address() as AddressInfo).port)
  }
  finally {
    server.close()
  }
}

describe('200', () => {
  it('a good connection: every step, with its time and what was seen', async () => {
    const diagnosis = await diagnose()
    expect(diagnosis).toMatchObject({ ok: true, user: 'orders', database: 'orders' })
    expect(outcomes(diagnosis)).toEqual(['name-resolution ok', 'tcp ok', 'tls ok', 'certificate ok', 'authentication ok', 'database ok', 'query ok'])
    for (const { durationMs, detail, nextStep } of diagnosis.steps) {
      expect(durationMs).toBeGreaterThanOrEqual(0)
      expect(detail).not.toBe('')
      expect(nextStep).toBe('')
    }
  })

  it('a password that was changed in SQL fails at the authentication, and what follows is skipped', async () => {
    await platform.ask('POST', '/api/databases/orders/users', { name: 'reporting' }, { prefer: 'wait=30' })
    expect((await diagnose('orders', '?role=reporting')).ok).toBe(true)
    await inSql('reporting', client => client.query('alter role reporting password \'something else entirely\''))
    const diagnosis = await diagnose('orders', '?role=reporting')
    expect(outcomes(diagnosis).slice(3)).toEqual(['certificate ok', 'authentication failed', 'database skipped', 'query skipped'])
    expect(failed(diagnosis)?.nextStep).toContain('Reset the password of reporting')
  })

  it('a logical database that was dropped in SQL is named', async () => {
    await platform.ask('POST', '/api/databases/orders/dbs', { name: 'warehouse' }, { prefer: 'wait=30' })
    await inSql('orders', client => client.query('drop database warehouse'))
    const diagnosis = await diagnose('orders', '?db=warehouse')
    expect(outcomes(diagnosis).slice(4)).toEqual(['authentication ok', 'database failed', 'query skipped'])
    expect(failed(diagnosis)?.detail).toContain('warehouse')
  })

  it('a hibernated database is told to be resumed', async () => {
    await platform.ask('POST', '/api/databases/asleep/hibernate', undefined, { prefer: 'wait=30' })
    const diagnosis = await diagnose('asleep')
    expect(diagnosis.ok).toBe(false)
    expect(failed(diagnosis)).toMatchObject({ name: 'tcp', nextStep: 'Resume it.' })
    expect(outcomes(diagnosis).filter(outcome => outcome.endsWith('skipped'))).toHaveLength(5)
  })

  it('a name that nobody knows', async () => {
    expect(failed(await elsewhere({ host: 'orders.invalid' }, diagnose))).toMatchObject({ name: 'name-resolution', detail: expect.stringContaining('orders.invalid') })
  })

  it.each([['N', 'does not speak TLS'], ['HTTP/1.1 400', 'is not PostgreSQL'], ['S', 'No TLS with']])('something else on the port that answers %s', async (answer, said) => {
    const diagnosis = await listening(answer, port => elsewhere({ port }, diagnose))
    expect(failed(diagnosis)).toMatchObject({ name: 'tls', detail: expect.stringContaining(said) })
  })

  it('a server that another authority vouches for is sent no password', async () => {
    const diagnosis = await elsewhere({ caCertificate: rootCertificates[0] }, diagnose)
    expect(failed(diagnosis)?.name).toBe('certificate')
    expect(outcomes(diagnosis)).toContain('authentication skipped')
  })

  // Elsewhere a machine has one loopback address only.
  it.runIf(process.platform === 'linux')('a certificate that is made for another name', async () => {
    const { endpoint } = await platform.get('orders')
    const relay = createServer((client) => {
      const upstream = connect(endpoint!.port, endpoint!.host)
      pipeline(client, upstream, client, () => {})
    })
    relay.listen(0, '127.0.0.2')
    await once(relay, 'listening')
    const diagnosis = await elsewhere({ host: '127.0.0.2', port: (relay.address() as AddressInfo).port }, diagnose)
    relay.close()
    expect(failed(diagnosis)).toMatchObject({ name: 'certificate', detail: expect.stringContaining('127.0.0.2') })
  })

  it('is written into the audit log, with the step that failed and without a secret', async () => {
    await diagnose()
    await diagnose('asleep')
    const { body } = await platform.ask<{ items: AuditEntry[] }>('GET', '/api/audit/logs?action=databases.diagnose&limit=2')
    expect(body.items).toMatchObject([
      { target: 'database/asleep/user/asleep', outcome: 'failure', changes: { failedStep: 'tcp' } },
      { target: 'database/orders/user/orders', outcome: 'success', changes: {} },
    ])
  })

  it('says no password, whatever happens', async () => {
    const { body: { password } } = await platform.ask('GET', '/api/databases/orders/connection')
    expect(JSON.stringify([await diagnose(), await elsewhere({ port: 1 }, diagnose)])).not.toContain(password)
  })
})

describe('403', () => {
  it('who may not see passwords may not try them either', async () => {
    const token = await platform.tokenFor({ role: 'viewer' })
    expect((await platform.inject({ method: 'POST', url: '/api/databases/orders/diagnose', token })).status).toBe(403)
  })
})

describe('404', () => {
  it('of nobody', async () => {
    expect((await platform.ask('POST', '/api/databases/nobody/diagnose')).status).toBe(404)
  })
})

describe('409', () => {
  it('of what has no address yet', async () => {
    await platform.stopWorking()
    await platform.ask('POST', '/api/databases', { name: 'unborn' })
    expect((await platform.ask('POST', '/api/databases/unborn/diagnose')).body).toMatchObject({ status: 409, code: 'wrong-phase' })
    platform.startWorking()
    await platform.inPhase('unborn', 'ready')
    await platform.ask('DELETE', '/api/databases/unborn', undefined, { prefer: 'wait=30' })
  })
})

describe('422', () => {
  it.each([['role=nobody', '?role'], ['db=nothing', '?db'], ['host=169.254.169.254', '?host'], ['port=22', '?port']])('%s: nothing else can be asked for', async (query, pointer) => {
    expect((await platform.ask('POST', `/api/databases/orders/diagnose?${query}`)).body).toMatchObject({ status: 422, errors: [{ pointer }] })
  })
})
