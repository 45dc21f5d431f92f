import type { DatabaseSpec } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { randomUUID } from 'node:crypto'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { readPlaces, until } from '@howdah/testkit'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databasePaths } from '../paths.ts'
import { isAlive } from '../process.ts'
import { testEngine } from '../testing/local-engine.ts'
import { childOf, eventsOf, primaryOf, replicasOf, rootOf, serverOf, whole } from '../testing/replicated.ts'
import { atInstance } from '../testing/superuser.ts'
import { readTopology } from './topology.ts'

let test: TestEngine

beforeAll(async () => {
  test = await testEngine({ timings: { checkReplicatedEvery: 100, answerWithin: 1_000, backOff: [20, 50, 100] } })
}, 120_000)
afterAll(async () => await test.remove(), 60_000)

async function replicated(change: Partial<DatabaseSpec> = {}): Promise<DatabaseSpec> {
  const spec = await test.database({ instances: 2, ...change })
  await whole(test, spec)
  test.heard.length = 0
  return spec
}

/** Write until it is taken: through the address, as an application that tries again does. */
async function write(spec: DatabaseSpec, text: string): Promise<void> {
  await until(async () => {
    const client = await test.connect(spec).catch(() => undefined)
    try {
      await client?.query(text)
      return client !== undefined
    }
    catch {
      return false
    }
    finally {
      await client?.end()
    }
  }, { deadlineMs: 30_000, what: 'the write is taken' })
}

async function read(spec: DatabaseSpec, text: string): Promise<unknown[]> {
  const client = await test.connect(spec)
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  }
  finally {
    await client.end()
  }
}

/** A replica has received all of a segment of WAL, and nothing of the next one. */
async function hasWholeSegments(spec: DatabaseSpec, replica: number): Promise<boolean> {
  const [row] = await atInstance(test, spec, replica, 'select (pg_last_wal_receive_lsn() - \'0/0\'::pg_lsn) % (16 * 2 ^ 20)::numeric = 0 as is')
  return row?.is === true
}

async function gatewayOf(spec: DatabaseSpec): Promise<number> {
  const folder = join(await rootOf(test, spec), 'gateway')
  for (const pid of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (command.includes(join(folder, 'routes.json')))
      return Number(pid)
  }
  throw new Error('no gateway runs')
}

describe('a primary that dies (kill -9)', () => {
  it('is replaced by a replica at the same address, nothing that was acknowledged is lost, and it comes back as a replica', async () => {
    const spec = await replicated()
    await write(spec, 'create table kept as select generate_series(1, 1000) as id')
    const before = await whole(test, spec)
    process.kill(await serverOf(test, spec, primaryOf(before)), 'SIGKILL')
    await write(spec, 'create table again (id int)')
    const after = await whole(test, spec)
    expect(primaryOf(after)).toBe(replicasOf(before)[0])
    expect(after.endpoint).toEqual(before.endpoint)
    expect(await read(spec, 'select count(*)::int as count from kept')).toEqual([{ count: 1000 }])
    expect(eventsOf(test.heard, spec, 'failover.done')).toMatchObject([{ details: { from: `${spec.name}-1`, to: `${spec.name}-2`, epoch: 2, lostBytes: 0 } }])
    expect(eventsOf(test.heard, spec, 'replica.copied')).toHaveLength(1)
  })

  it('with writes that no replica had received yet: they are brought from its disk', async () => {
    const spec = await replicated()
    await write(spec, 'create table kept (id int)')
    const observed = await whole(test, spec)
    // A replica that is stopped receives nothing; the primary goes on, because nothing waits for it.
    const replica = await serverOf(test, spec, replicasOf(observed)[0] ?? 0)
    const receiver = await childOf(replica, 'walreceiver')
    process.kill(receiver, 'SIGSTOP')
    const client = await test.connect(spec)
    await client.query('insert into kept select generate_series(1, 50000)')
    process.kill(await serverOf(test, spec, primaryOf(observed)), 'SIGKILL')
    process.kill(receiver, 'SIGCONT')
    await write(spec, 'create table again (id int)')
    expect(await read(spec, 'select count(*)::int as count from kept')).toEqual([{ count: 50_000 }])
    await whole(test, spec)
    // The failover has cut it.
    await client.end().catch(() => {})
  })

  it('with writes that no replica had received yet, right behind a switch to another segment of WAL: they are brought', async () => {
    const spec = await replicated()
    await write(spec, 'create table kept (id int)')
    const observed = await whole(test, spec)
    const [replica = 0] = replicasOf(observed)
    const receiver = await childOf(await serverOf(test, spec, replica), 'walreceiver')
    // The server itself writes now and then, so not each time.
    await until(async () => {
      process.kill(receiver, 'SIGCONT')
      await atInstance(test, spec, primaryOf(observed), 'select pg_switch_wal()')
      await until(async () => await hasWholeSegments(spec, replica), { deadlineMs: 2_000, what: 'it is received' }).catch(() => undefined)
      process.kill(receiver, 'SIGSTOP')
      return await hasWholeSegments(spec, replica)
    }, { deadlineMs: 30_000, what: 'the replica has a whole segment, and nothing of the next one' })
    const client = await test.connect(spec)
    await client.query('insert into kept select generate_series(1, 50000)')
    process.kill(await serverOf(test, spec, primaryOf(observed)), 'SIGKILL')
    process.kill(receiver, 'SIGCONT')
    await write(spec, 'create table again (id int)')
    expect(await read(spec, 'select count(*)::int as count from kept')).toEqual([{ count: 50_000 }])
    // Clients are led to it before it is told.
    await until(() => eventsOf(test.heard, spec, 'failover.done').length > 0, { deadlineMs: 30_000, what: 'the failover is told' })
    expect(eventsOf(test.heard, spec, 'failover.done')).toMatchObject([{ details: { lostBytes: 0 } }])
    await whole(test, spec)
    // The failover has cut it.
    await client.end().catch(() => {})
  })

  it('is copied anew whenever it returns, also when it had been a copy itself', async () => {
    const spec = await replicated()
    for (let round = 1; round <= 3; round++) {
      process.kill(await serverOf(test, spec, primaryOf(await whole(test, spec))), 'SIGKILL')
      await until(() => eventsOf(test.heard, spec, 'failover.done').length === round, { deadlineMs: 30_000, what: 'another one has the role' })
      await until(() => eventsOf(test.heard, spec, 'replica.copied').length === round, { deadlineMs: 30_000, what: `the old one is copied, round ${round}` })
      await whole(test, spec)
    }
  }, 120_000)

  it('while the archive is away: the third follows, commits that wait go on, and when it is back it gets all WAL', async () => {
    const spec = await replicated({ instances: 3, durability: 'sync' })
    const wal = join(test.dataDir, 'backups', spec.id, 'wal')
    const before = await whole(test, spec)
    await rename(wal, `${wal}.away`)
    await writeFile(wal, 'no folder')
    await write(spec, 'create table kept as select 42 as answer')
    // More than a segment, as on a replica that was copied just now: no list has what came with the copy.
    await write(spec, 'create table padding as select repeat(md5(n::text), 20) from generate_series(1, 60000) n')
    const root = (await readPlaces(test.dataDir)).databases.get(spec.id) ?? ''
    for (const { name } of before.members.filter(({ role }) => role === 'replica')) {
      const status = join(root, 'instances', name.split('-').at(-1) ?? '', 'data', 'pg_wal', 'archive_status')
      await Promise.all((await readdir(status)).map(async name => await rm(join(status, name))))
    }
    process.kill(await serverOf(test, spec, primaryOf(before)), 'SIGKILL')
    await write(spec, 'insert into kept values (43)')
    // Clients are led to it before it is told.
    await until(() => eventsOf(test.heard, spec, 'failover.done').length > 0, { deadlineMs: 30_000, what: 'the failover is told' })
    expect(eventsOf(test.heard, spec, 'failover.done')).toMatchObject([{ details: { lostBytes: 0 } }])
    await until(async () => (await test.observe(spec)).members.every(({ phase }) => phase === 'ready'), { deadlineMs: 60_000, what: 'all follow' })
    await rm(wal)
    await rename(`${wal}.away`, wal)
    const backup = randomUUID()
    await until(async () => (await test.engine.takeBackup(spec, backup)).outcome === 'done', { deadlineMs: 90_000, what: 'the backup is taken' })
    const names = (await readdir(wal)).filter(name => /^[0-9A-F]{24}$/.test(name)).map(name => Number.parseInt(name.slice(8, 16), 16) * 256 + Number.parseInt(name.slice(16), 16))
    const numbers = [...new Set(names)].sort((a, b) => a - b)
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => numbers[0]! + index))
  }, 180_000)

  it('of three: the third follows the new one, and the old one returns', async () => {
    const spec = await replicated({ instances: 3, durability: 'sync' })
    await write(spec, 'create table kept as select 42 as answer')
    const before = await whole(test, spec)
    process.kill(await serverOf(test, spec, primaryOf(before)), 'SIGKILL')
    await write(spec, 'insert into kept values (43)')
    const after = await whole(test, spec)
    expect(primaryOf(after)).not.toBe(primaryOf(before))
    expect(await read(spec, 'select answer from kept order by 1')).toEqual([{ answer: 42 }, { answer: 43 }])
  })
})

describe('a primary that dies while the control plane is away', () => {
  it('is replaced as soon as that is back, and it is told', async () => {
    const spec = await replicated()
    const observed = await whole(test, spec)
    const pid = await serverOf(test, spec, primaryOf(observed))
    await test.reopen(undefined, () => process.kill(pid, 'SIGKILL'))
    expect(primaryOf(await whole(test, spec))).toBe(replicasOf(observed)[0])
    expect(eventsOf(test.heard, spec, 'failover.done')).toHaveLength(1)
  })
})

describe('a primary that is stopped (SIGSTOP) and goes on later', () => {
  it('is killed before another one is promoted, so its sessions never write again', async () => {
    const spec = await replicated()
    await write(spec, 'create table kept (id int)')
    const observed = await whole(test, spec)
    const old = await serverOf(test, spec, primaryOf(observed))
    const session = await test.connect(spec)
    process.kill(old, 'SIGSTOP')
    await write(spec, 'insert into kept values (1)')
    expect(await until(() => !isAlive(old), { deadlineMs: 10_000, what: 'it is dead' })).toBe(true)
    await expect(session.query('insert into kept values (2)')).rejects.toThrow()
    expect(primaryOf(await whole(test, spec))).toBe(replicasOf(observed)[0])
    expect(await read(spec, 'select id from kept')).toEqual([{ id: 1 }])
  })
})

describe('a replica that dies', () => {
  it('with sync and no other one: writes wait, the database says so, and they go on when it is back', async () => {
    const spec = await replicated({ durability: 'sync' })
    await write(spec, 'create table kept (id int)')
    const observed = await whole(test, spec)
    const ordinal = replicasOf(observed)[0] ?? 0
    const replica = await serverOf(test, spec, ordinal)
    for (const pid of [replica, await childOf(replica, 'walreceiver')])
      process.kill(pid, 'SIGSTOP')
    await write(spec, 'insert into kept values (1)')
    expect(test.heard.some(heard => heard.kind === 'observed' && heard.observed.reason === 'WritesWait' && heard.observed.phase === 'degraded')).toBe(true)
    await whole(test, spec)
    expect(await read(spec, 'select id from kept')).toEqual([{ id: 1 }])
    expect(isAlive(replica)).toBe(false)
  })

  it('is started again while the primary serves on', async () => {
    const spec = await replicated()
    const observed = await whole(test, spec)
    process.kill(await serverOf(test, spec, replicasOf(observed)[0] ?? 0), 'SIGKILL')
    await until(async () => (await test.observe(spec)).reason === 'ReplicaMissing', { deadlineMs: 10_000, what: 'it is missed' })
    expect(primaryOf(await whole(test, spec))).toBe(primaryOf(observed))
  })

  it('because it was stopped (SIGSTOP) does not hold up a restart', async () => {
    const spec = await replicated()
    const observed = await whole(test, spec)
    process.kill(await serverOf(test, spec, replicasOf(observed)[0] ?? 0), 'SIGSTOP')
    const asked = { ...spec, generation: spec.generation + 1, restartToken: randomUUID() }
    expect((await test.settle(asked)).outcome).toBe('done')
    await whole(test, asked)
  })
})

describe('a gateway', () => {
  it('that dies is started again at the same ports', async () => {
    const spec = await replicated()
    const before = await gatewayOf(spec)
    process.kill(before, 'SIGKILL')
    await write(spec, 'create table kept (id int)')
    expect(await gatewayOf(spec)).not.toBe(before)
    expect(eventsOf(test.heard, spec, 'gateway.exited')).toHaveLength(1)
  })

  it('outlives the control plane, with its sessions, and is adopted', async () => {
    const spec = await replicated()
    const client = await test.connect(spec)
    const before = await gatewayOf(spec)
    await test.reopen()
    await whole(test, spec)
    expect(await gatewayOf(spec)).toBe(before)
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await client.end()
  })

  it('lets nobody in from a network that is not allowed', async () => {
    const spec = await replicated()
    expect(await test.settle({ ...spec, generation: 2, allowedCidrs: ['10.0.0.0/8'] })).toEqual({ outcome: 'done' })
    await expect(test.connect(spec)).rejects.toThrow()
    expect(await test.observe(spec)).toMatchObject({ phase: 'ready' })
  })
})

describe('who streams', () => {
  it('cannot log in to databases, nor from another way than the Unix socket, and its password is nobody\'s to read', async () => {
    const spec = await replicated()
    const root = await rootOf(test, spec)
    const topology = await readTopology(join(root, 'topology.json'))
    const { port } = topology?.members[0] ?? { port: 0 }
    const { endpoint } = await test.observe(spec)
    const secret = topology?.replicationPassword ?? ''
    for (const [at, replication] of [[port, undefined], [endpoint?.port, undefined], [port, 'true'], [endpoint?.port, 'true'], [port, 'database']] as const) {
      const client = new Client({ host: '127.0.0.1', port: at ?? 0, ssl: { ca: endpoint?.caCertificate }, user: 'howdah_replication', password: secret, database: spec.database, ...replication ? { replication } : {} } as ConstructorParameters<typeof Client>[0]) // pg's types do not know replication
      client.on('error', () => {})
      await expect(client.connect(), `${at} ${replication}`).rejects.toThrow(/pg_hba/)
    }
    const session = await test.connect(spec)
    for (const text of ['select current_setting(\'primary_conninfo\')', 'select pg_read_file(\'../replication.pgpass\')', 'select * from pg_authid', 'select * from pg_file_settings'])
      await expect(session.query(text), text).rejects.toThrow(/permission denied/)
    await session.end()
    const commands = await Promise.all((await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(async pid => await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
    expect(commands.filter(command => command.includes(secret))).toEqual([])
    for (const ordinal of [1, 2]) {
      const { log, settings } = databasePaths(root, ordinal)
      expect(await readFile(settings, 'utf8')).not.toContain(secret)
      for (const name of await readdir(log))
        expect(await readFile(join(log, name), 'utf8')).not.toContain(secret)
    }
  })

  it('a server of a member is not reached from outside this machine', async () => {
    const spec = await replicated()
    const topology = await readTopology(join(await rootOf(test, spec), 'topology.json'))
    const [{ address } = { address: '' }] = Object.values((await import('node:os')).networkInterfaces()).flat().filter(found => found?.family === 'IPv4' && !found.internal).map(found => ({ address: found?.address ?? '' }))
    if (address === '')
      return
    const refused = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: address, port: topology?.members[0]?.port ?? 0 })
      socket.once('error', () => resolve(true))
      socket.once('connect', () => resolve(false))
    })
    expect(refused).toBe(true)
  })
})
