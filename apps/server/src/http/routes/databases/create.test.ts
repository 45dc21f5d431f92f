import type { Platform } from '../../../../test/platform.ts'
import { reservedNames } from '@howdah/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPlatform } from '../../../../test/platform.ts'

let platform: Platform
beforeAll(async () => {
  platform = await createPlatform()
})
afterAll(async () => await platform.close())

const create = (body: unknown, headers?: Record<string, string>) => platform.ask('POST', '/api/databases', body, headers)
async function names(): Promise<string[]> {
  const rows = await platform.domain.store.db.selectFrom('databases').select('name').orderBy('name').execute()
  return rows.map(row => row.name)
}

describe('201', () => {
  it('a name is enough: the rest has the location\'s defaults, and the answer says where it is', async () => {
    const { status, body, headers } = await create({ name: 'plain' })
    expect(status).toBe(201)
    expect(headers).toMatchObject({ location: '/api/databases/plain', etag: '"1"' })
    expect(body).toMatchObject({
      name: 'plain',
      project: 'default',
      location: 'fake',
      managedBy: 'howdah',
      version: 18,
      instances: 1,
      storageGib: 10,
      cpu: 1,
      memoryMib: 512,
      durability: 'async',
      labels: {},
      parameters: {},
      extensions: [],
      deletionProtection: false,
      phase: 'provisioning',
      generation: 1,
    })
    expect((await platform.ended(body.operation)).phase).toBe('succeeded')
    expect(await platform.get('plain')).toMatchObject({ phase: 'ready', operation: null, serverVersion: '18.4', endpoint: { host: '127.0.0.1', tls: true } })
  })

  it('everything that was asked for is kept', async () => {
    const wanted = { name: 'full', version: 17, instances: 2, storageGib: 20, cpu: 0.5, memoryMib: 1024, durability: 'sync', labels: { 'team': 'a', 'example.org/tier': '' }, parameters: { work_mem: '8MB' }, extensions: ['pgcrypto'], allowedCidrs: ['10.0.0.0/8'], deletionProtection: true, location: 'fake' }
    expect((await create(wanted)).body).toMatchObject(wanted)
    await platform.inPhase('full', 'ready')
    expect(await platform.get('full')).toMatchObject(wanted)
  })

  it('Prefer: wait answers when it is ready', async () => {
    const { body, headers } = await create({ name: 'waited' }, { prefer: 'wait=30' })
    expect(body).toMatchObject({ phase: 'ready', operation: null })
    expect(headers.location).toBe('/api/databases/waited')
  })

  it('Prefer: wait answers as it stands when the time is over', async () => {
    const { body } = await create({ name: 'slow-ready' }, { prefer: 'wait=1' })
    expect(body).toMatchObject({ phase: 'provisioning', operation: expect.any(String) })
    platform.engine.release(body.id)
    await platform.inPhase('slow-ready', 'ready')
  })

  it('is written down: who, what, from where', async () => {
    await create({ name: 'audited' }, { 'user-agent': 'test/1', 'x-forwarded-for': '203.0.113.7' })
    const { body } = await platform.ask('GET', '/api/audit/logs?target=database/audited')
    expect(body.items).toMatchObject([{ action: 'databases.create', outcome: 'success', sourceIp: '203.0.113.7', userAgent: 'test/1', changes: { version: { from: null, to: 18 } } }])
  })

  it('a server that never starts ends as failed, with what to do next', async () => {
    const { body } = await create({ name: 'fail-provision' })
    expect(await platform.ended(body.operation)).toMatchObject({ phase: 'failed', error: { reason: 'StartFailed', nextStep: expect.stringContaining('Delete') } })
    expect(await platform.get('fail-provision')).toMatchObject({ phase: 'failed', reason: 'StartFailed', operation: null })
  })
})

describe('200: dry run', () => {
  it('says what it would do and does nothing', async () => {
    const before = await names()
    const { status, body } = await platform.ask('POST', '/api/databases?dryRun=true', { name: 'dry', extensions: ['pgcrypto'] })
    expect(status).toBe(200)
    expect(body).toEqual({ dryRun: true, operation: 'database.create', steps: ['claim', 'start', 'configure', 'extensions', 'login'], interruption: 'none', reasons: [] })
    expect(await names()).toEqual(before)
  })
  it('refuses what the create itself would refuse', async () => {
    await create({ name: 'there' })
    expect((await platform.ask('POST', '/api/databases?dryRun=true', { name: 'there' })).body).toMatchObject({ code: 'name-taken' })
    expect((await platform.ask('POST', '/api/databases?dryRun=true', { name: 'dry', version: 12 })).body).toMatchObject({ code: 'invalid', errors: [{ pointer: '/version' }] })
  })
})

describe('400', () => {
  it.each(['{', '{"name": "a"', 'name=a', '{"name": "a",}', '{\'name\': "a"}', '\0', '{"__proto__": {"name": "a"}}'])('%j is no JSON', async (text) => {
    expect((await create(text)).body).toMatchObject({ status: 400, code: 'malformed-request' })
  })
  it('an empty body', async () => {
    expect((await create('')).body).toMatchObject({ status: 400, code: 'malformed-request' })
  })
})

describe('409', () => {
  it('a name that is taken', async () => {
    await create({ name: 'twice' })
    expect((await create({ name: 'twice', storageGib: 20 })).body).toMatchObject({ status: 409, code: 'name-taken', errors: [{ pointer: '/name' }] })
  })
  it('of several at the same time, one wins', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => create({ name: 'race' })))
    expect(answers.map(answer => answer.status).sort()).toEqual([201, 409, 409, 409, 409])
  })
  it('the same name in another project is another database', async () => {
    await create({ name: 'shared' })
    const token = await platform.tokenFor({ project: 'other' })
    expect((await platform.inject({ method: 'POST', url: '/api/databases', token, body: { name: 'shared' } })).status).toBe(201)
  })
})

describe('Idempotency-Key', () => {
  const key = (text: string) => ({ 'idempotency-key': text })

  it('same key, same body: done once, the same answer, headers included', async () => {
    const first = await create({ name: 'once', labels: { a: '1', b: '2' } }, key('k1'))
    const again = await create({ labels: { b: '2', a: '1' }, name: 'once' }, key('k1'))
    expect(again).toMatchObject({ status: 201, text: first.text })
    expect(again.headers).toMatchObject({ location: first.headers.location, etag: first.headers.etag })
    const { body } = await platform.ask('GET', '/api/operations?database=once')
    expect(body.items).toHaveLength(1)
  })
  it('same key, other body: 409', async () => {
    await create({ name: 'keyed' }, key('k2'))
    expect((await create({ name: 'keyed', storageGib: 20 }, key('k2'))).body).toMatchObject({ status: 409, code: 'idempotency-conflict', errors: [{ pointer: '#Idempotency-Key' }] })
    expect((await create({ name: 'keyed2' }, key('k2'))).body).toMatchObject({ code: 'idempotency-conflict' })
  })
  it('at the same time: one database, all with its answer', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => create({ name: 'parallel' }, key('k3'))))
    expect(new Set(answers.map(answer => `${answer.status} ${answer.text}`)).size).toBe(1)
    expect(answers[0]!.status).toBe(201)
  })
  it('is each caller\'s own', async () => {
    const other = await platform.tokenFor({ role: 'developer' })
    await create({ name: 'mine' }, key('k4'))
    expect((await platform.inject({ method: 'POST', url: '/api/databases', token: other, body: { name: 'theirs' }, headers: key('k4') })).status).toBe(201)
  })
  it('a refused request may be corrected and sent with the same key', async () => {
    expect((await create({ name: 'Wrong' }, key('k5'))).status).toBe(422)
    expect((await create({ name: 'right' }, key('k5'))).status).toBe(201)
  })
  it('a dry run does not use the key up', async () => {
    expect((await platform.ask('POST', '/api/databases?dryRun=true', { name: 'later' }, key('k6'))).status).toBe(200)
    expect((await create({ name: 'later' }, key('k6'))).status).toBe(201)
  })
  it('a key that is none is refused', async () => {
    expect((await create({ name: 'nokey' }, key('a b'))).body).toMatchObject({ status: 422, errors: [{ pointer: '#Idempotency-Key' }] })
  })
  it('what is remembered is sealed', async () => {
    const rows = await platform.domain.store.db.selectFrom('idempotency_keys').select('response').execute()
    expect(rows.length).toBeGreaterThan(0)
    for (const { response } of rows)
      expect(response!.toString('latin1')).not.toContain('name')
  })
})

describe('413', () => {
  it('10 MB', async () => {
    expect((await create({ name: 'big', labels: { a: 'x'.repeat(10_000_000) } })).body).toMatchObject({ status: 413, code: 'too-large' })
  })
})

describe('415', () => {
  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'application/problem', 'x'])('%s', async (type) => {
    expect((await create('{"name":"a"}', { 'content-type': type })).body).toMatchObject({ status: 415, code: 'unsupported-media-type' })
  })
})

describe('422', () => {
  /** [what, body, pointers] */
  const wrong: [string, unknown, string[]][] = [
    ['no object', [], ['']],
    ['null', null, ['']],
    ['a text', '"name"', ['']],
    ['no name', {}, ['/name']],
    ...['', 'x'.repeat(41), 'Orders', '..', '../etc/passwd', 'a/b', 'größe', '数据库', '🐘', 'a b', 'a_b', '1a', '-a', 'a-', 'a\0', '\uD800', 'a\'; drop table databases; --', '$(reboot)', '%00', ...reservedNames].map((name): [string, unknown, string[]] => [`name ${JSON.stringify(name)}`, { name }, ['/name']]),
    ...[1, null, true, [], {}, ['a']].map((name): [string, unknown, string[]] => [`name ${JSON.stringify(name)}`, { name }, ['/name']]),
    ...[-1, 0, 1.5, 99_999_999, '10', null, true, [10]].map((storageGib): [string, unknown, string[]] => [`storageGib ${JSON.stringify(storageGib)}`, { name: 'a', storageGib }, ['/storageGib']]),
    ...[-1, 0, 1.5, 6, '1'].map((instances): [string, unknown, string[]] => [`instances ${JSON.stringify(instances)}`, { name: 'a', instances }, ['/instances']]),
    ...[-1, 0, 1e9, '1'].map((cpu): [string, unknown, string[]] => [`cpu ${JSON.stringify(cpu)}`, { name: 'a', cpu }, ['/cpu']]),
    ...[-1, 0, 127, 128.5, 1e12].map((memoryMib): [string, unknown, string[]] => [`memoryMib ${JSON.stringify(memoryMib)}`, { name: 'a', memoryMib }, ['/memoryMib']]),
    ['storageGib without end', '{"name":"a","storageGib":1e400}', ['/storageGib']],
    ['more than the location has', { name: 'a', storageGib: 2048, cpu: 16, memoryMib: 65_536, instances: 4, version: 16 }, ['/instances', '/storageGib', '/cpu', '/memoryMib', '/version']],
    ['synchronous with one instance', { name: 'a', durability: 'sync' }, ['/durability']],
    ['no durability', { name: 'a', durability: 'Sync' }, ['/durability']],
    ['an unknown location', { name: 'a', location: 'mars' }, ['/location']],
    ['an unknown field', { name: 'a', storageGB: 10 }, ['/storageGB']],
    ['two unknown fields', { name: 'a', x: 1, y: 1 }, ['/x', '/y']],
    ['a field with a name for JSON pointers', { 'name': 'a', 'a/b~c': 1 }, ['/a~1b~0c']],
    ['all at once', { name: 'A', version: '18', extra: 1 }, ['/extra', '/name', '/version']],
    ['labels that are a list', { name: 'a', labels: [] }, ['/labels']],
    ['a label that is a number', { name: 'a', labels: { a: 1 } }, ['/labels/a']],
    ['a label key', { name: 'a', labels: { 'A B': 'x' } }, ['/labels/A B']],
    ['a label with a NUL', { name: 'a', labels: { a: '\0' } }, ['/labels/a']],
    ['too many labels', { name: 'a', labels: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`l${i}`, ''])) }, ['/labels']],
    ['an unknown parameter', { name: 'a', parameters: { nonsense: '1' } }, ['/parameters/nonsense']],
    ['a parameter out of range', { name: 'a', parameters: { max_connections: '0' } }, ['/parameters/max_connections']],
    ['a parameter that would be more lines', { name: 'a', parameters: { work_mem: '1MB\'\narchive_command = \'reboot' } }, ['/parameters/work_mem']],
    ['a parameter that is a number', { name: 'a', parameters: { work_mem: 5 } }, ['/parameters/work_mem']],
    ['a parameter with a NUL', { name: 'a', parameters: { work_mem: '\0' } }, ['/parameters/work_mem']],
    ['half of a character', { name: 'a', parameters: { work_mem: '\uDC00' } }, ['/parameters/work_mem']],
    ['an unknown extension', { name: 'a', extensions: ['pgcrypto', 'nonsense'] }, ['/extensions/1']],
    ['an extension twice', { name: 'a', extensions: ['cube', 'cube'] }, ['/extensions']],
    ['an extension in SQL', { name: 'a', extensions: ['cube"; drop'] }, ['/extensions/0']],
    ['networks that are none', { name: 'a', allowedCidrs: ['10.0.0.0/8', 'all', '10.0.0.0/33'] }, ['/allowedCidrs/1', '/allowedCidrs/2']],
    ['a text for a boolean', { name: 'a', deletionProtection: 'true' }, ['/deletionProtection']],
  ]
  it.each(wrong)('%s', async (_, body, pointers) => {
    const { body: problem } = await create(typeof body === 'string' ? body : JSON.stringify(body))
    expect(problem).toMatchObject({ status: 422, code: 'invalid' })
    expect((problem.errors as { pointer: string }[]).map(error => error.pointer).sort()).toEqual([...pointers].sort())
  })

  it('JSON that is 50,000 levels deep is refused, not followed', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    expect((await create(`{"name":"a","labels":${deep}}`)).body).toMatchObject({ status: 422 })
    expect((await create(`{"name":"a","x":${deep}}`)).body).toMatchObject({ status: 422 })
  })
  it('an answer is not larger than the question: names of fields are cut', async () => {
    const { text } = await create({ name: 'a', ['x'.repeat(100_000)]: 1 })
    expect(text.length).toBeLessThan(2000)
  })
  it.each(['dryRun=maybe', 'dryRun=true&dryRun=false', 'dryrun=true', 'x=1'])('query %s', async (query) => {
    const { body } = await platform.ask('POST', `/api/databases?${query}`, { name: 'a' })
    expect(body).toMatchObject({ status: 422, errors: [{ pointer: `?${query.split('=')[0]}` }] })
  })
  it('nothing of all that left a trace', async () => {
    expect(await names()).not.toContain('a')
  })
})

describe('422: quota', () => {
  it('the last place is given once, however many ask', async () => {
    const { token, project } = await platform.person({ role: 'admin', project: 'small' })
    const ask = (name: string, more = {}) => platform.inject({ method: 'POST', url: '/api/databases', token, body: { name, ...more } })
    await platform.domain.store.db.updateTable('projects').set({ quota: JSON.stringify({ databases: 2, storageGib: 40 }) }).where('id', '=', project.id).execute()
    const answers = await Promise.all(['a1', 'a2', 'a3', 'a4'].map(name => ask(name)))
    expect(answers.map(answer => answer.status).sort()).toEqual([201, 201, 422, 422])
    expect(answers.find(answer => answer.status === 422)!.body).toMatchObject({ code: 'quota-exceeded', errors: [{ detail: 'The project would use 3 of 2 databases' }] })
  })
  it('replicas count, and the field at fault is named', async () => {
    const { token, project } = await platform.person({ role: 'admin', project: 'small2' })
    await platform.domain.store.db.updateTable('projects').set({ quota: JSON.stringify({ storageGib: 29 }) }).where('id', '=', project.id).execute()
    const { body } = await platform.inject({ method: 'POST', url: '/api/databases', token, body: { name: 'b', instances: 3 } })
    expect(body).toMatchObject({ code: 'quota-exceeded', errors: [{ pointer: '/storageGib' }] })
  })
})

describe('503', () => {
  it('a location that cannot be asked', async () => {
    platform.engine.setOutage('The location is being moved.')
    const { status, body, headers } = await create({ name: 'unlucky' })
    platform.engine.setOutage(undefined)
    expect({ status, code: body.code, detail: body.detail, retry: headers['retry-after'] }).toEqual({ status: 503, code: 'unavailable', detail: 'The location is being moved.', retry: '2' })
  })
})

describe('401', () => {
  it('its project was deleted since the credential was checked', async () => {
    const { token, project } = await platform.person({ role: 'admin', project: 'going' })
    const ask = () => platform.inject({ method: 'POST', url: '/api/databases', token, body: { name: 'late' } })
    expect((await ask()).status).toBe(201)
    // Under the nose of the credential's cache, as if it happened in the middle of the request.
    await platform.domain.store.db.deleteFrom('databases').where('project_id', '=', project.id).execute()
    await platform.domain.store.db.deleteFrom('projects').where('id', '=', project.id).execute()
    expect((await ask()).body).toMatchObject({ status: 401, code: 'unauthenticated' })
  })
})
