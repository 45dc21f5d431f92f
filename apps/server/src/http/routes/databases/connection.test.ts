import type { Platform } from '../../../../test/platform.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'

let platform: Platform
const userPassword = 'p@ss;"w\'ord $(x)'
beforeAll(async () => {
  platform = await createPlatform()
  await platform.create('my-shop')
  await platform.ask('POST', '/api/databases/my-shop/users', { name: 'app', password: userPassword }, { prefer: 'wait=10' })
  await platform.ask('POST', '/api/databases/my-shop/dbs', { name: 'reports', owner: 'app' }, { prefer: 'wait=10' })
})
afterAll(async () => await platform.close())

const connection = (query = '', name = 'my-shop') => platform.ask('GET', `/api/databases/${name}/connection${query}`)

describe('200', () => {
  it('as the owner, to the first logical database, verified by the CA that comes with it', async () => {
    const { body } = await connection()
    const { endpoint } = await platform.get('my-shop')
    expect(body).toMatchObject({ host: endpoint!.host, port: endpoint!.port, user: 'my_shop', database: 'my_shop', tls: { mode: 'verify-full', caCertificate: expect.stringContaining('BEGIN CERTIFICATE') } })
    expect(body.password).toMatch(/^[A-Z2-9]{32}$/i)
    expect(body.formats.uri).toBe(`postgresql://my_shop:${body.password}@127.0.0.1:${endpoint!.port}/my_shop?sslmode=verify-full&sslrootcert=%2Fca%2Ffake.crt`)
  })
  it('as another user, to another logical database', async () => {
    const { body } = await connection('?role=app&db=reports')
    expect(body).toMatchObject({ user: 'app', database: 'reports', password: userPassword })
    expect(new URL(body.formats.uri).password).toBe(encodeURIComponent(userPassword))
  })
  it.each(['uri', 'psql', 'env', 'node', 'python', 'go', 'java', 'prisma', 'dotnet'])('format=%s is that one text and a line feed', async (format) => {
    const { text, headers } = await connection(`?format=${format}`)
    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(text).toBe(`${(await connection()).body.formats[format]}\n`)
  })
  it('is written down, and the secret is not', async () => {
    const { body } = await connection('?role=app')
    const { text } = await platform.ask('GET', '/api/audit/logs?action=databases.connection&limit=200')
    const [newest] = JSON.parse(text).items
    expect(newest).toMatchObject({ action: 'databases.connection', target: 'database/my-shop/user/app', outcome: 'success', changes: {} })
    expect(text).not.toContain(body.password)
    expect(text).not.toContain(JSON.stringify(body.password).slice(1, -1))
  })
  it('must not be kept by anybody on the way', async () => {
    expect((await connection()).headers['cache-control']).toBe('no-store')
  })
})

describe('404', () => {
  it('an unknown name, and no trace of it in the audit log', async () => {
    expect((await connection('', 'nobody')).status).toBe(404)
    expect((await platform.ask('GET', '/api/audit/logs?target=database/nobody')).body.items).toEqual([])
  })
})

describe('409', () => {
  it('a database that has no address yet', async () => {
    await platform.stopWorking()
    await platform.ask('POST', '/api/databases', { name: 'young' })
    expect((await connection('', 'young')).body).toMatchObject({ status: 409, code: 'wrong-phase' })
    platform.startWorking()
    await platform.inPhase('young', 'ready')
  })
})

describe('422', () => {
  it.each([
    ['role=nobody', '?role'],
    ['role=', '?role'],
    ['role=%00', '?role'],
    ['role=postgres', '?role'],
    ['role=%27%3B--', '?role'],
    ['db=nobody', '?db'],
    ['db=postgres', '?db'],
    ['format=xml', '?format'],
    [`role=${'x'.repeat(64)}`, '?role'],
    ['pooled=true', '?pooled'],
  ])('%s', async (query, pointer) => {
    expect((await connection(`?${query}`)).body).toMatchObject({ status: 422, errors: [{ pointer }] })
  })
  it('a user that is still being made has no password that opens', async () => {
    await platform.stopWorking()
    const { body } = await platform.ask('POST', '/api/databases/my-shop/users', { name: 'early' })
    expect((await connection('?role=early')).body).toMatchObject({ status: 422, errors: [{ pointer: '?role' }] })
    platform.startWorking()
    await platform.ended(body.operation)
    expect((await connection('?role=early')).status).toBe(200)
  })
})
