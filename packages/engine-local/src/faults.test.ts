import type { Notification } from '@howdah/engine'
import type { DatabasePaths } from './paths.ts'
import type { TestEngine } from './testing/local-engine.ts'
import { writeFileSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { EngineError } from '@howdah/engine'
import { placeOf, until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databasePaths } from './paths.ts'
import { findPostmaster, killLeftovers } from './process.ts'
import { testEngine } from './testing/local-engine.ts'

let test: TestEngine

beforeAll(async () => {
  test = await testEngine({
    timings: { checkEvery: 100, answerWithin: 2_000, patience: 4_000, backOff: [20, 50, 100], portRetry: 50 },
  })
}, 120_000)

afterAll(async () => await test.remove(), 60_000)

async function pathsOf(spec: { id: string }): Promise<DatabasePaths> {
  return databasePaths(await placeOf(test.dataDir, spec.id))
}

async function postmasterOf(spec: { id: string }): Promise<number> {
  const found = await findPostmaster((await pathsOf(spec)).data)
  if (!found)
    throw new Error('no server runs')
  return found.pid
}

function storyOf(spec: { id: string }): string[] {
  const of = (heard: Notification): string[] => {
    if (heard.kind === 'event')
      return heard.event.ref.id === spec.id ? [heard.event.type] : []
    return heard.kind === 'observed' && heard.observed.ref.id === spec.id ? [heard.observed.phase] : []
  }
  const words = test.heard.flatMap(of)
  return words.filter((word, index) => word !== words[index - 1])
}

describe('a server that dies', () => {
  it('is noticed, told about, and started again with its data', async () => {
    const spec = await test.database()
    const client = await test.connect(spec)
    await client.query('create table kept as select 42 as answer')
    await until(async () => (await test.observe(spec)).connections !== undefined, { deadlineMs: 5_000 })
    test.heard.length = 0
    const before = await postmasterOf(spec)
    process.kill(before, 'SIGKILL')
    await until(() => storyOf(spec).includes('instance.restarted') && storyOf(spec).at(-1) === 'ready', { deadlineMs: 20_000 })
    expect(new Set(storyOf(spec))).toEqual(new Set(['restarting', 'instance.exited', 'instance.restarted', 'ready']))
    expect(await postmasterOf(spec)).not.toBe(before)
    const again = await test.connect(spec)
    expect((await again.query('select answer from kept')).rows).toEqual([{ answer: 42 }])
    await again.end()
  })

  it('is noticed before our monitoring has logged in, which waits while creates follow each other', async () => {
    const spec = await test.database()
    expect((await test.observe(spec)).connections).toBeUndefined()
    test.heard.length = 0
    process.kill(await postmasterOf(spec), 'SIGKILL')
    const next = test.database()
    await until(() => storyOf(spec).includes('instance.restarted') && storyOf(spec).at(-1) === 'ready', { deadlineMs: 20_000 })
    expect(new Set(storyOf(spec))).toEqual(new Set(['restarting', 'instance.exited', 'instance.restarted', 'ready']))
    await next
  })

  it('is started again although a busy session of it lives on and holds its memory', async () => {
    const spec = await test.database()
    const client = await test.connect(spec)
    const busy = client.query('select count(*) from generate_series(1, 1e12)').catch((error: unknown) => error)
    await until(async () => (await test.observe(spec)).connections === 1, { deadlineMs: 5_000 })
    process.kill(await postmasterOf(spec), 'SIGKILL')
    await until(() => storyOf(spec).at(-1) === 'ready' && storyOf(spec).includes('instance.restarted'), { deadlineMs: 20_000 })
    expect(await busy).toBeInstanceOf(Error)
  })

  it('is said to be restarting all the time until it is back, never that a stranger has its port', async () => {
    const spec = await test.database()
    await until(async () => (await test.observe(spec)).connections !== undefined, { deadlineMs: 5_000 })
    for (let round = 0; round < 5; round++) {
      test.heard.length = 0
      const clients = await Promise.all(Array.from({ length: 10 }, async () => await test.connect(spec)))
      process.kill(await postmasterOf(spec), 'SIGKILL')
      await until(() => storyOf(spec).includes('instance.restarted') && storyOf(spec).at(-1) === 'ready', { deadlineMs: 20_000 })
      expect(new Set(storyOf(spec))).toEqual(new Set(['restarting', 'instance.exited', 'instance.restarted', 'ready']))
      await Promise.all(clients.map(async client => await client.end()))
    }
  })

  it('because it was asked to is no news when it comes back', async () => {
    const spec = await test.database()
    test.heard.length = 0
    await test.settle({ ...spec, generation: 2, hibernated: true })
    await test.settle({ ...spec, generation: 3 })
    await test.settle({ ...spec, generation: 3, restartToken: 'again' })
    await until(async () => (await test.observe(spec)).connections !== undefined, { deadlineMs: 5_000 })
    expect(storyOf(spec).filter(word => word.startsWith('instance.'))).toEqual([])
  })

  it('with one process of it killed is said to have crashed, and recovers', async () => {
    const spec = await test.database()
    await until(async () => (await test.observe(spec)).connections !== undefined, { deadlineMs: 5_000 })
    const client = await test.connect(spec)
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    test.heard.length = 0
    process.kill(rows[0]?.pid ?? 0, 'SIGKILL')
    await until(() => storyOf(spec).includes('instance.crashed') && storyOf(spec).at(-1) === 'ready', { deadlineMs: 20_000 })
    expect(storyOf(spec)).not.toContain('instance.exited')
  })

  it('that is only stopped (SIGSTOP) is noticed by its silence, and is well when it goes on', async () => {
    const spec = await test.database()
    await until(async () => (await test.observe(spec)).connections !== undefined, { deadlineMs: 5_000 })
    test.heard.length = 0
    const pid = await postmasterOf(spec)
    process.kill(pid, 'SIGSTOP')
    try {
      expect(await test.becomes(spec, 'restarting')).toMatchObject({ reason: 'NotAnswering' })
      expect(storyOf(spec)).toContain('instance.not-answering')
    }
    finally {
      process.kill(pid, 'SIGCONT')
    }
    await test.becomes(spec, 'ready')
    expect(await postmasterOf(spec)).toBe(pid)
  })

  it('that stays silent is ended by force and started again', async () => {
    const spec = await test.database()
    await until(async () => (await test.observe(spec)).connections !== undefined, { deadlineMs: 5_000 })
    const pid = await postmasterOf(spec)
    test.heard.length = 0
    process.kill(pid, 'SIGSTOP')
    await until(() => storyOf(spec).includes('instance.restarted'), { deadlineMs: 30_000 })
    expect(storyOf(spec)).toContain('instance.killed')
    await test.becomes(spec, 'ready')
    expect(await postmasterOf(spec)).not.toBe(pid)
  })

  it('and cannot start is failed with PostgreSQL\'s own reason, and comes back when that is put right', async () => {
    const spec = await test.database()
    const { data, settings } = await pathsOf(spec)
    const broken = join(data, 'postgresql.auto.conf')
    const whole = await readFile(broken, 'utf8')
    await writeFile(broken, `${whole}\nno_such_setting = on\n`)
    process.kill(await postmasterOf(spec), 'SIGKILL')
    const failed = await test.becomes(spec, 'failed', 60_000)
    expect(failed).toMatchObject({ reason: 'StartFailed', message: expect.stringMatching(/no_such_setting|contains errors/) })
    expect(failed.message).not.toContain(settings)
    await writeFile(broken, whole)
    await test.becomes(spec, 'ready')
  })
})

describe('the control plane that dies', () => {
  it('leaves its servers running, and they are adopted', async () => {
    const spec = await test.database()
    const pid = await postmasterOf(spec)
    await test.reopen()
    expect(await postmasterOf(spec)).toBe(pid)
    expect(await test.observe(spec)).toMatchObject({ phase: 'ready' })
  })

  it('with the whole machine finds its servers dead, with pid files that name strangers, and starts them', async () => {
    const spec = await test.database()
    const other = await test.database()
    await test.engine.close()
    const [stranger, pid] = [await postmasterOf(other), await postmasterOf(spec)]
    process.kill(pid, 'SIGKILL')
    const { data } = await pathsOf(spec)
    await killLeftovers(data)
    // The number of the dead server now belongs to another process of the same account.
    const pidFile = join(data, 'postmaster.pid')
    await writeFile(pidFile, (await readFile(pidFile, 'utf8')).replace(String(pid), String(stranger)))
    await test.reopen()
    await test.becomes(spec, 'ready')
    expect(await postmasterOf(other)).toBe(stranger)
    expect(await postmasterOf(spec)).not.toBe(stranger)
  })

  it('leaves nothing of files that it was killed in the middle of writing', async () => {
    const spec = await test.database()
    const { instance, root } = await pathsOf(spec)
    const half = [join(root, 'swap.json.0123456789ab.tmp'), join(instance, 'server.key.0123456789ab.tmp')]
    await test.reopen({}, () => half.forEach(path => writeFileSync(path, '{')))
    await Promise.all(half.map(async path => await expect(stat(path)).rejects.toThrow(/ENOENT/)))
    expect(await test.observe(spec)).toMatchObject({ phase: 'ready' })
  })

  it('finds what was hibernated still asleep', async () => {
    const spec = await test.database()
    await test.settle({ ...spec, generation: 2, hibernated: true })
    await test.reopen()
    expect(await test.observe(spec)).toMatchObject({ phase: 'hibernated' })
    expect(await findPostmaster((await pathsOf(spec)).data)).toBeUndefined()
  })
})

describe('a port', () => {
  it('that a stranger took makes the database wait and say why, and it comes back by itself', async () => {
    const spec = await test.database()
    const { endpoint } = await test.observe(spec)
    await test.settle({ ...spec, generation: 2, hibernated: true })
    const stranger = createServer()
    await new Promise<void>(resolve => stranger.listen(endpoint?.port, '127.0.0.1', resolve))
    const resumed = { ...spec, generation: 3 }
    try {
      const progress = await until(async () => {
        const step = await test.engine.ensure(resumed)
        return step.outcome === 'wait' ? step : undefined
      }, { deadlineMs: 10_000 })
      expect(progress).toMatchObject({ step: 'start', reason: expect.stringContaining(String(endpoint?.port)) })
      expect(await test.becomes(spec, 'failed')).toMatchObject({ reason: 'PortTaken', message: expect.stringContaining(String(endpoint?.port)) })
    }
    finally {
      await new Promise(resolve => stranger.close(resolve))
    }
    expect(await test.settle(resumed)).toEqual({ outcome: 'done' })
    expect(await test.observe(spec)).toMatchObject({ phase: 'ready', endpoint })
  })

  it('that a stranger has is never given out', async () => {
    const [from, to] = [29_990, 29_999]
    const narrow = await testEngine({ portRange: { from, to } })
    const strangers = await Promise.all([from, from + 1, from + 2, to].map(async port => await new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
      const server = createServer().once('error', reject)
      server.listen(port, '127.0.0.1', () => resolve(server))
    })))
    try {
      const specs = [await narrow.database(), await narrow.database()]
      const ports = await Promise.all(specs.map(async spec => (await narrow.observe(spec)).endpoint?.port))
      expect(new Set(ports).size).toBe(2)
      for (const port of ports)
        expect([from + 3, from + 4, from + 5, from + 6, from + 7, from + 8]).toContain(port)
    }
    finally {
      await narrow.remove()
      for (const stranger of strangers)
        stranger.close()
    }
  })
})

describe('settings', () => {
  it('with which the server does not start are refused, the old ones serve on, and right ones follow', async () => {
    const spec = await test.database()
    const client = await test.connect(spec)
    await client.query('create table kept as select 1 as n')
    await client.end()
    // All of them are reserved for the superuser and for monitoring, which only the server itself finds out.
    const few = { ...spec, generation: 2, parameters: { max_connections: '3' } }
    const failed = await test.settle(few)
    expect(failed).toMatchObject({ outcome: 'failed', reason: 'SettingsRejected', message: expect.stringMatching(/max_connections/), nextStep: expect.any(String) })
    await test.becomes(spec, 'ready')
    const pid = await postmasterOf(spec)
    expect(await test.settle(few)).toMatchObject({ outcome: 'failed', reason: 'SettingsRejected' })
    expect(await postmasterOf(spec)).toBe(pid)
    expect(await test.settle({ ...spec, generation: 3, parameters: { shared_buffers: '32MB' } })).toEqual({ outcome: 'done' })
    const again = await test.connect(spec)
    expect((await again.query('select n, current_setting(\'shared_buffers\') as buffers from kept')).rows).toEqual([{ n: 1, buffers: '32MB' }])
    await again.end()
  })

  it('that the server refuses on reload leave no trace', async () => {
    const spec = await test.database()
    const bad = { ...spec, generation: 2, parameters: { DateStyle: 'rubbish', work_mem: '7MB' } }
    expect((await test.engine.plan(bad)).refusals).toEqual([])
    expect(await test.settle(bad)).toMatchObject({ outcome: 'failed', reason: 'SettingsRejected', message: expect.stringContaining('DateStyle') })
    process.kill(await postmasterOf(spec), 'SIGKILL')
    await until(() => storyOf(spec).includes('instance.restarted'), { deadlineMs: 20_000 })
    await test.becomes(spec, 'ready')
    const client = await test.connect(spec)
    expect((await client.query('show work_mem')).rows).not.toEqual([{ work_mem: '7MB' }])
    await client.end()
  })

  it('arrive as they are, whatever characters they have', async () => {
    const value = '"$user", "it\'s", "back\\slash", "50%", "a # b", $$'
    const spec = await test.database({ parameters: { search_path: value } })
    const client = await test.connect(spec)
    expect((await client.query('show search_path')).rows).toEqual([{ search_path: value }])
    await client.end()
    const { refusals } = await test.engine.plan({ ...spec, generation: 2, parameters: { search_path: 'a\nport = 1' } })
    expect(refusals).toEqual([{ pointer: '/parameters/search_path', detail: expect.any(String) }])
  })
})

describe('storage', () => {
  it('beyond what was asked for makes the database degraded, and is told once', async () => {
    const spec = await test.database({ storageGib: 0.01 })
    expect(await test.becomes(spec, 'degraded')).toMatchObject({ reason: 'StorageFull', members: [{ phase: 'ready' }] })
    expect(storyOf(spec).filter(word => word === 'storage.full')).toHaveLength(1)
    const client = await test.connect(spec)
    await client.end()
  })
})

describe('ids', () => {
  it('that would leave the folder are invalid', async () => {
    for (const id of ['../../etc', 'a/b', '', '.', 'a\0b']) {
      await expect(test.engine.ensure({ ...test.spec(), id })).rejects.toSatisfy(error => error instanceof EngineError && error.code === 'invalid')
      expect(await test.engine.destroy({ id, project: 'p', name: 'n' })).toEqual({ outcome: 'done' })
    }
  })
})
