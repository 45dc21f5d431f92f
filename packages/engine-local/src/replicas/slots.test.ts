import type { DatabaseSpec } from '@howdah/engine'
import type { TestEngine } from '../testing/local-engine.ts'
import process from 'node:process'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testEngine } from '../testing/local-engine.ts'
import { childOf, eventsOf, primaryOf, replicasOf, serverOf, whole } from '../testing/replicated.ts'
import { atInstance } from '../testing/superuser.ts'

const segmentMib = 16
/** Instead of a gibibyte at least, and nothing for those without a slot. */
const mostMib = 48
const writtenMib = 12 * segmentMib

let test: TestEngine
beforeAll(async () => {
  test = await testEngine({ timings: { checkReplicatedEvery: 100, answerWithin: 1_000, backOff: [20, 50, 100] } })
}, 120_000)
afterAll(async () => await test.remove(), 60_000)

interface Scene {
  readonly spec: DatabaseSpec
  readonly primary: number
  readonly replica: number
  /** Of its server, and of what receives WAL for it. */
  readonly pids: readonly number[]
}

async function limited(): Promise<Scene> {
  const spec = await test.database({ instances: 2 })
  const observed = await whole(test, spec)
  const [primary, replica] = [primaryOf(observed), replicasOf(observed)[0] ?? 0]
  const client = await test.connect(spec)
  await client.query('create table kept as select generate_series(1, 3) as id')
  await client.end()
  for (const setting of [`max_slot_wal_keep_size = '${mostMib}MB'`, 'wal_keep_size = 0'])
    await atInstance(test, spec, primary, `alter system set ${setting}`)
  await atInstance(test, spec, primary, 'select pg_reload_conf()')
  const server = await serverOf(test, spec, replica)
  test.heard.length = 0
  return { spec, primary, replica, pids: [server, await childOf(server, 'walreceiver')] }
}

/** What the primary keeps of what it has written; what it has made ahead of need is not. */
async function keptMib({ primary, spec }: Scene): Promise<number> {
  const [row] = await atInstance(test, spec, primary, `select count(*)::int * ${segmentMib} as mib from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$' and name <= pg_walfile_name(pg_current_wal_insert_lsn())`)
  return Number(row?.mib)
}

/** More than a slot may hold. */
async function write(scene: Scene): Promise<void> {
  const { primary, spec } = scene
  for (let mib = 0; mib < writtenMib; mib += segmentMib)
    await atInstance(test, spec, primary, 'select pg_logical_emit_message(false, \'\', \'much\'), pg_switch_wal()')
  expect(await keptMib(scene)).toBeGreaterThanOrEqual(writtenMib)
  // What the archive has not taken is kept all the same.
  await until(async () => {
    await atInstance(test, spec, primary, 'checkpoint')
    return await keptMib(scene) <= mostMib + 2 * segmentMib
  }, { deadlineMs: 30_000, what: 'no more is kept than a slot may hold' })
}

async function slotOf({ primary, replica, spec }: Scene): Promise<unknown> {
  return (await atInstance(test, spec, primary, `select wal_status from pg_replication_slots where slot_name = 'howdah_${replica}'`))[0]?.wal_status
}

async function isSentTo({ primary, replica, spec }: Scene): Promise<boolean> {
  return (await atInstance(test, spec, primary, `select active from pg_replication_slots where slot_name = 'howdah_${replica}'`))[0]?.active === true
}

/** It was told why, and the replica follows again and has everything. */
async function expectCopied(scene: Scene, why: string): Promise<void> {
  const { replica, spec } = scene
  await until(() => eventsOf(test.heard, spec, 'replica.copied').length > 0, { deadlineMs: 90_000, what: 'it is copied anew' })
  await whole(test, spec)
  expect(eventsOf(test.heard, spec, 'replica.lost')[0]).toMatchObject({ severity: 'warning', message: expect.stringContaining(why), details: { member: `${spec.name}-${replica}` } })
  const said = test.heard.flatMap(heard => heard.kind === 'observed' && heard.observed.ref.id === spec.id && heard.observed.phase === 'degraded' ? [heard.observed.message] : [])
  expect(said).toContainEqual(expect.stringContaining(why))
  expect(await slotOf(scene)).toBe('reserved')
  expect(await keptMib(scene)).toBeLessThanOrEqual(mostMib + 2 * segmentMib)
}

it('a replica that is stopped while the control plane is away loses its slot before that holds too much, the database says so, and it is copied anew', async () => {
  const scene = await limited()
  await test.engine.close()
  for (const pid of scene.pids)
    process.kill(pid, 'SIGSTOP')
  await until(async () => !await isSentTo(scene), { deadlineMs: 30_000, what: 'nothing is sent to it any more' })
  await write(scene)
  expect(await slotOf(scene)).toBe('lost')
  await test.reopen()
  await expectCopied(scene, 'gave up the WAL that it needs')
}, 180_000)

it('one that is stopped while much is sent to it does not keep WAL from being removed', async () => {
  const scene = await limited()
  process.kill(scene.pids[1]!, 'SIGSTOP')
  await write(scene)
  await expectCopied(scene, 'does not follow')
}, 180_000)
