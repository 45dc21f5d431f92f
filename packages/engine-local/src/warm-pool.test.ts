import type { TestEngine } from './testing/local-engine.ts'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { maintenanceDatabase, monitorRole, superuserRole } from '@howdah/postgres'
import { dataOf, readPlaces, until } from '@howdah/testkit'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { databasePaths } from './paths.ts'
import { placeholderDatabase, placeholderOwner } from './preparation.ts'
import { findPostmaster, isAlive } from './process.ts'
import { socketFolderFor } from './socket-folder.ts'
import { testEngine } from './testing/local-engine.ts'

interface Running { readonly root: string, readonly pid: number, readonly port: number, readonly superuserPassword: string }

let test: TestEngine
beforeEach(async () => {
  test = await testEngine()
}, 120_000)
afterEach(async () => await test.remove(), 60_000)

/** Members that are ready to be claimed with their server running. */
async function running(): Promise<Running[]> {
  const { members } = await readPlaces(test.dataDir)
  return (await Promise.all(members.map(async (root): Promise<Running[]> => {
    const { passwords, server } = JSON.parse(await readFile(databasePaths(root).member, 'utf8')) as { passwords?: { superuserPassword: string }, server?: { port: number } }
    const found = await findPostmaster(databasePaths(root).data)
    return found && passwords && server ? [{ root, pid: found.pid, port: server.port, superuserPassword: passwords.superuserPassword }] : []
  }))).flat()
}

async function oneRunning(): Promise<Running> {
  return await until(async () => (await running())[0], { deadlineMs: 60_000, what: 'a member runs' })
}

/** One that the pool has put among those to be claimed, which comes after it was written down. */
async function oneClaimable(): Promise<Running> {
  const member = await oneRunning()
  await until(async () => !(await test.engine.plan(test.spec())).steps.includes('start'), { deadlineMs: 60_000, what: 'a create needs no start' })
  return member
}

async function postmasterOf(spec: { id: string }): Promise<number | undefined> {
  return (await findPostmaster(await dataOf(test.dataDir, spec.id)))?.pid
}

describe('a create', () => {
  it('of the default size takes the server that runs, where it is, with only who may connect changed', async () => {
    const member = await oneClaimable()
    const spec = await test.database()
    expect(await postmasterOf(spec)).toBe(member.pid)
    expect((await readPlaces(test.dataDir)).databases.get(spec.id)).toBe(member.root)
    expect((await test.observe(spec)).endpoint?.port).toBe(member.port)
    const client = await test.connect(spec)
    const { rows } = await client.query('select current_setting(\'archive_command\') as archive, current_setting(\'archive_timeout\') as timeout, (select count(*)::int from pg_settings where pending_restart) as pending')
    expect(rows).toEqual([{ archive: 'sh ../archive.sh %f %p', timeout: '1min', pending: 0 }])
    await client.end()
  })

  it('of another size, or with parameters, has them', async () => {
    await oneRunning()
    for (const change of [{ memoryMib: 256 }, { parameters: { work_mem: '9MB' } }]) {
      const spec = await test.database(change)
      const client = await test.connect(spec)
      const { rows } = await client.query('select current_setting(\'shared_buffers\') as buffers, current_setting(\'work_mem\') as work')
      expect(rows).toMatchObject([change.memoryMib ? { buffers: '64MB' } : { work: '9MB' }])
      await client.end()
    }
  })

  it('of another size where the last port is that of a member gets that member, started anew', async () => {
    const member = await oneRunning()
    await test.reopen({ portRange: { from: member.port, to: member.port } })
    const again = await oneRunning()
    expect(again.port).toBe(member.port)
    const spec = await test.database({ memoryMib: 256 })
    expect((await test.observe(spec)).endpoint?.port).toBe(member.port)
    const client = await test.connect(spec)
    expect((await client.query('show shared_buffers')).rows).toEqual([{ shared_buffers: '64MB' }])
    await client.end()
  })

  it('never gets a member whose server died', async () => {
    const member = await oneRunning()
    process.kill(member.pid, 'SIGKILL')
    await until(async () => await findPostmaster(databasePaths(member.root).data) === undefined, { deadlineMs: 10_000, what: 'it is dead' })
    const spec = await test.database()
    expect((await readPlaces(test.dataDir)).databases.get(spec.id)).not.toBe(member.root)
    await until(async () => !(await readPlaces(test.dataDir)).members.includes(member.root), { deadlineMs: 10_000, what: 'what had died is removed' })
    const other = await oneRunning()
    expect(other.pid).not.toBe(member.pid)
  })
})

describe('a member', () => {
  it('finds the caches of the catalogue that its template left, and every session takes them as they are', async () => {
    const { root } = await oneClaimable()
    const [template = ''] = await readdir(join(test.dataDir, 'templates'))
    const caches = join(test.dataDir, 'templates', template, 'caches')
    const names = (await readdir(caches, { recursive: true })).filter(name => name.endsWith('pg_internal.init'))
    // Of what all databases share, of the one for our sessions, and of the one that becomes the user's.
    expect(names.length).toBeGreaterThanOrEqual(3)
    const { data } = databasePaths(root)
    // A session that cannot use one writes another in its place.
    const look = async () => await Promise.all(names.map(async name => (await stat(join(data, name))).ino))
    const given = await look()
    const client = await test.connect(await test.database())
    await client.end()
    expect(await look()).toEqual(given)
    for (const name of names)
      expect((await readFile(join(data, name))).equals(await readFile(join(caches, name))), name).toBe(true)
  })

  it('is not asked to read its settings again where it lets in the networks that are asked for', async () => {
    const usual = ['127.0.0.0/8', '10.0.0.0/8']
    await test.reopen({ usualCidrs: usual })
    const isReloaded = async (allowedCidrs: string[]): Promise<unknown> => {
      const { pid, root } = await oneRunning()
      const spec = await test.database({ allowedCidrs })
      expect((await readPlaces(test.dataDir)).databases.get(spec.id)).toBe(root)
      const client = await test.connect(spec)
      try {
        expect((await findPostmaster(databasePaths(root).data))?.pid).toBe(pid)
        return (await client.query<{ is: boolean }>('select pg_conf_load_time() > pg_postmaster_start_time() as is')).rows[0]?.is
      }
      finally {
        await client.end()
      }
    }
    expect(await isReloaded(usual)).toBe(false)
    expect(await isReloaded(['127.0.0.1/32'])).toBe(true)
  })

  it('lets nobody in: no owner, no superuser, not without a password, not with that of another', async () => {
    const spec = await test.database()
    const theirs = JSON.parse(await readFile(join((await readPlaces(test.dataDir)).databases.get(spec.id)!, 'identity.json'), 'utf8')) as { superuserPassword: string }
    const { port, root } = await oneRunning()
    const { endpoint } = await test.observe(spec)
    const ssl = { ca: endpoint?.caCertificate ?? '' }
    const socket = await socketFolderFor(test.dataDir, root.split('/').at(-1)!, undefined)
    const attempts = [
      ...['', 'howdah', spec.owner.password].flatMap(password => [placeholderDatabase, maintenanceDatabase, 'template1'].map(database => ({ host: '127.0.0.1', ssl, user: placeholderOwner, password, database }))),
      { host: '127.0.0.1', ssl, user: superuserRole, password: theirs.superuserPassword, database: maintenanceDatabase },
      { host: '127.0.0.1', user: placeholderOwner, password: '', database: placeholderDatabase },
      { host: '127.0.0.1', ssl, user: monitorRole, password: '', database: maintenanceDatabase },
      { host: socket, user: superuserRole, password: '', database: maintenanceDatabase },
      { host: socket, user: superuserRole, password: theirs.superuserPassword, database: maintenanceDatabase },
      { host: socket, user: placeholderOwner, password: '', database: placeholderDatabase },
    ]
    for (const attempt of attempts) {
      const client = new Client({ ...attempt, port })
      client.on('error', () => {}) // the refusal is what is looked at
      await expect(client.connect(), JSON.stringify({ ...attempt, ssl: undefined })).rejects.toThrow(/pg_hba|password|SASL/)
    }
  })

  it('gets another port where a stranger has one', async () => {
    const first = await oneRunning()
    await test.engine.close()
    const stranger = createServer()
    await new Promise<void>(resolve => stranger.listen(first.port, '127.0.0.1', resolve))
    try {
      await test.reopen()
      expect((await oneRunning()).port).not.toBe(first.port)
      await test.database()
    }
    finally {
      await new Promise(resolve => stranger.close(resolve))
    }
  })

  it('rests when no create has come for a while, but for one, and is claimed all the same', async () => {
    await test.reopen({ poolCalmMs: 2_000, poolSize: 3 })
    await test.database()
    await until(async () => (await running()).length === 2, { deadlineMs: 60_000, what: 'two run after a create' })
    const before = await running()
    await until(async () => before.some(({ pid }) => !isAlive(pid)), { deadlineMs: 60_000, what: 'one rests' })
    const resting = before.find(({ pid }) => !isAlive(pid))!
    expect((await readPlaces(test.dataDir)).members).toContain(resting.root)
    // The pool is filled again meanwhile, so whose turn comes when is open.
    await until(async () => {
      const spec = await test.database()
      return (await readPlaces(test.dataDir)).databases.get(spec.id) === resting.root
    }, { deadlineMs: 60_000, what: 'a create takes the one that rested' })
  })

  it('is stopped with the control plane, and serves after the next start', async () => {
    const { root } = await oneRunning()
    await test.engine.close()
    expect(await findPostmaster(databasePaths(root).data)).toBeUndefined()
    await test.reopen()
    expect((await oneClaimable()).root).toBe(root)
    const spec = await test.database()
    expect((await readPlaces(test.dataDir)).databases.get(spec.id)).toBe(root)
  })
})

describe('kill -9 of the control plane', () => {
  async function killOther(): Promise<Running> {
    await test.engine.close()
    const child = fork(new URL('testing/child.ts', import.meta.url))
    await once(child, 'message')
    child.send({ dataDir: test.dataDir })
    const member = await oneRunning()
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    return member
  }

  it('leaves a member running, and the next one takes it over', async () => {
    const member = await killOther()
    await test.reopen()
    expect(await running()).toEqual([member])
    const spec = await test.database()
    expect(await postmasterOf(spec)).toBe(member.pid)
  })

  it('leaves one that is not ready yet, and the next one removes it with its server', async () => {
    const member = await killOther()
    const { data, member: file } = databasePaths(member.root)
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')) as object, server: undefined }))
    await test.reopen()
    expect(await findPostmaster(data)).toBeUndefined()
    expect((await readPlaces(test.dataDir)).members).not.toContain(member.root)
    await test.database()
  })

  it('just after a claim leaves a database that becomes ready', async () => {
    const member = await oneClaimable()
    const spec = test.spec()
    expect(await test.engine.ensure(spec)).toEqual({ outcome: 'continue', step: 'claim' })
    await test.reopen()
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    expect(await postmasterOf(spec)).toBe(member.pid)
    const client = await test.connect(spec)
    expect((await client.query('show archive_timeout')).rows).toEqual([{ archive_timeout: '1min' }])
    await client.end()
  })
})

it('a member of another boot of the machine is made anew', async () => {
  const { root } = await oneRunning()
  await test.engine.close()
  const { member } = databasePaths(root)
  await writeFile(member, JSON.stringify({ ...JSON.parse(await readFile(member, 'utf8')) as object, boot: 'another' }))
  await test.reopen()
  expect((await oneRunning()).root).not.toBe(root)
})
