import type { DatabaseSpec } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import { Buffer } from 'node:buffer'
import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { lineOf, parseLsn, segmentAt, segmentName } from '@howdah/postgres'
import { dataOf, until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { historyName } from '../in-place/timelines.ts'
import { isAlive } from '../process.ts'
import { testEngine } from '../testing/local-engine.ts'
import { childOf, eventsOf, primaryOf, replicasOf, serverOf, whole } from '../testing/replicated.ts'
import { atInstance } from '../testing/superuser.ts'

const segmentBytes = 16 * 2 ** 20
const rows = 200

/** What a failover says it lost is what is lost: `async`, a replica that receives nothing, and a primary that dies with what only it has. */
describe('a failover that loses something', () => {
  let test: TestEngine
  beforeAll(async () => {
    test = await testEngine({ timings: { checkReplicatedEvery: 100, answerWithin: 1_000, backOff: [20, 50, 100] } })
  }, 120_000)
  afterAll(async () => await test.remove(), 60_000)

  interface Ahead {
    readonly spec: DatabaseSpec
    readonly old: number
    readonly heir: number
    readonly data: string
    readonly server: number
    /** It receives again. */
    readonly release: () => void
    /** Rows that are acknowledged, and no replica has. Answers up to where the primary has its WAL on disk, before and after. */
    readonly write: () => Promise<{ readonly before: bigint, readonly after: bigint }>
  }

  /** A replica whose receiver is stopped, and a primary that goes on: nothing waits for it. */
  async function ahead(): Promise<Ahead> {
    const spec = await test.database({ instances: 2, durability: 'async' })
    const observed = await whole(test, spec)
    const [old, heir] = [primaryOf(observed), replicasOf(observed)[0] ?? 0]
    const client = await test.connect(spec)
    await client.query('create table kept (id int)')
    const receiver = await childOf(await serverOf(test, spec, heir), 'walreceiver')
    process.kill(receiver, 'SIGSTOP')
    // More than is under way to it.
    await client.query('create table padding as select repeat(md5(n::text), 20) from generate_series(1, 5000) n')
    const flushed = async (): Promise<bigint> => parseLsn((await client.query<{ lsn: string }>('select pg_current_wal_flush_lsn()::text as lsn')).rows[0]?.lsn ?? '') ?? 0n
    test.heard.length = 0
    return {
      spec,
      old,
      heir,
      data: await dataOf(test.dataDir, spec.id, old),
      server: await serverOf(test, spec, old),
      release: () => process.kill(receiver, 'SIGCONT'),
      write: async () => {
        const before = await flushed()
        for (let id = 1; id <= rows; id++)
          await client.query('insert into kept values ($1)', [id])
        return { before, after: await flushed() }
      },
    }
  }

  async function told(spec: DatabaseSpec) {
    const event = await until(() => eventsOf(test.heard, spec, 'failover.done')[0], { deadlineMs: 60_000, what: 'the failover is told' })
    return { message: event.message, details: event.details, end: parseLsn(String(event.details.endLsn)) ?? 0n, fork: parseLsn(String(event.details.forkLsn)) ?? 0n }
  }

  /** How many rows are there. */
  async function present(spec: DatabaseSpec): Promise<number> {
    await whole(test, spec)
    const client = await test.connect(spec)
    const { rowCount } = await client.query('select from kept')
    await client.end()
    return rowCount ?? 0
  }

  /** Where the new primary says that its history begins. */
  async function forkOf({ heir, spec }: Ahead): Promise<bigint | undefined> {
    const wal = join(await dataOf(test.dataDir, spec.id, heir), 'pg_wal')
    const [name = historyName(2)] = (await readdir(wal)).filter(name => name.endsWith('.history')).sort().reverse()
    return lineOf(2, await readFile(join(wal, name), 'utf8'), undefined).forks.at(-1)?.lsn
  }

  it('says exactly how much where the WAL of the old primary can be read, and cannot be replayed', async () => {
    const scene = await ahead()
    const { data, release, server, spec, write } = scene
    const { after, before } = await write()
    // A bit of the first of these rows.
    const segment = await open(join(data, 'pg_wal', segmentName({ timeline: 1, number: segmentAt(before) })), 'r+')
    const at = Number(before % BigInt(segmentBytes)) + 40
    const { buffer } = await segment.read(Buffer.alloc(1), 0, 1, at)
    await segment.write(Buffer.of(buffer[0]! ^ 1), 0, 1, at)
    await segment.close()
    process.kill(server, 'SIGKILL')
    release()
    const { details, end, fork } = await told(spec)
    expect(details).toMatchObject({ lostBytesAre: 'at-most', lostBytes: Number(end - fork), seenAt: null })
    expect(await present(spec)).toBe(0)
    expect(fork).toBe(await forkOf(scene))
    // From the damaged record on, to the last one: the server writes one of its own now and then.
    expect(Number(before - fork)).toBeLessThan(8192)
    expect(fork).toBeLessThanOrEqual(before)
    expect(end).toBeGreaterThanOrEqual(after)
    expect(Number(end - after)).toBeLessThan(8192)
  }, 120_000)

  it('says what it had last seen where the WAL of the old primary is gone', async () => {
    const scene = await ahead()
    const { data, heir, release, server, spec, write } = scene
    const { after, before } = await write()
    const replayed = parseLsn(String((await atInstance(test, spec, heir, 'select pg_last_wal_replay_lsn()::text as lsn'))[0]?.lsn)) ?? 0n
    await until(async () => ((await test.observe(spec)).members.find(({ role }) => role === 'replica')?.lagBytes ?? 0) >= after - replayed, { deadlineMs: 5_000, what: 'it is seen how far the primary is' })
    await rename(join(data, 'pg_wal'), join(data, 'pg_wal.lost'))
    process.kill(server, 'SIGKILL')
    release()
    const { details, end, fork, message } = await told(spec)
    expect(details).toMatchObject({ lostBytesAre: 'at-least', lostBytes: Number(end - fork), seenAt: expect.stringMatching(/^\d{4}-/) })
    expect(message).toContain(`${Number(end - fork)} bytes are lost, and what it wrote after that may be. The archive lacks what it had not archived yet: take a base backup.`)
    expect(await present(spec)).toBe(0)
    expect(fork).toBe(await forkOf(scene))
    expect(fork).toBeLessThan(before)
    expect(end).toBeGreaterThanOrEqual(after)
  }, 120_000)

  it('says that it does not know where all of the old primary went while nobody looked', async () => {
    const scene = await ahead()
    const { data, release, server, spec, write } = scene
    await write()
    await test.engine.close()
    process.kill(server, 'SIGKILL')
    await until(() => !isAlive(server), { deadlineMs: 10_000, what: 'it is dead' })
    await rm(data, { recursive: true })
    release()
    await test.reopen()
    expect((await told(spec)).details).toMatchObject({ lostBytesAre: 'unknown', lostBytes: null, endLsn: null })
    expect(await present(spec)).toBe(0)
  }, 120_000)

  it('loses nothing where the replica was so far behind that the old primary had to start, and that does not', async () => {
    const { data, old, release, server, spec, write } = await ahead()
    // More than is brought where the old one can be started instead.
    for (let n = 0; n < 17; n++)
      await atInstance(test, spec, old, 'select pg_switch_wal(), pg_logical_emit_message(false, \'\', \'\')')
    const { after } = await write()
    await test.engine.close()
    await rm(join(data, 'global', 'pg_control'))
    process.kill(server, 'SIGKILL')
    release()
    await test.reopen()
    const { details, fork } = await told(spec)
    expect(details).toMatchObject({ lostBytesAre: 'at-most', lostBytes: 0 })
    expect(Number(details.broughtBytes)).toBeGreaterThan(16 * segmentBytes)
    expect(fork).toBeGreaterThanOrEqual(after)
    expect(await present(spec)).toBe(rows)
  }, 180_000)
})
