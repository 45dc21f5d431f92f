import type { DatabaseSpec, Observed, RestoreTarget } from '@howdah/engine'
import type { Ledger, LedgerSession } from '@howdah/testkit/ledger'
import type { TestEngine } from './local-engine.ts'
import type { SmallDisk } from './small-disk.ts'
import { deepEqual } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { until } from '@howdah/testkit'
import { rowsOf } from '@howdah/testkit/ledger'
import { pick } from '@howdah/testkit/random'
import { untilDone } from '@howdah/testkit/until-done'
import { killLeftovers } from '../process.ts'
import { runAndKill } from './killed.ts'
import { sessionAt } from './local-engine.ts'
import { childOf, primaryOf, replicasOf, rootOf, serverOf, whole } from './replicated.ts'

/** What a fault happens to. */
export interface Scene {
  readonly test: TestEngine
  /** Of the database, which a fault may change. */
  spec: DatabaseSpec
  readonly observed: Observed
  readonly random: () => number
  readonly ledger: Ledger
  /** Undefined where none could be mounted. */
  readonly disk: SmallDisk | undefined
  /** Rows are acknowledged after this was called. */
  readonly progress: () => Promise<void>
}

export type Fault = (scene: Scene) => Promise<void>

/** What a statement has to write so that a disk that is full, or an archive that is away, is felt. */
const muchRows = 'select repeat(md5(n::text), 8) from generate_series(1, 80000) n'

const patience = { deadlineMs: 60_000 }

/** The ways to name a moment. */
const targets: readonly ((test: TestEngine, spec: DatabaseSpec) => (session: LedgerSession) => Promise<RestoreTarget>)[] = [
  (test, spec) => async () => ({ kind: 'name', name: (await test.engine.createRestorePoint(spec, `point-${randomUUID()}`)).name }),
  () => async (session) => {
    const [row] = await session.query('select pg_current_wal_insert_lsn()::text as lsn')
    return { kind: 'lsn', lsn: String(row?.lsn) }
  },
  () => async (session) => {
    const [row] = await session.query('select clock_timestamp() as at')
    return { kind: 'time', at: row?.at as Date } // as pg reads a timestamptz
  },
]

/** What happens to a database with replicas. Each leaves it to whoever looks after it to mend things. */
export const faults = {
  'kill -9 of the primary': async ({ observed, spec, test }) => {
    process.kill(await serverOf(test, spec, primaryOf(observed)), 'SIGKILL')
  },
  'SIGSTOP of the primary': async ({ observed, spec, test }) => {
    process.kill(await serverOf(test, spec, primaryOf(observed)), 'SIGSTOP')
  },
  'kill -9 of a replica': async ({ observed, random, spec, test }) => {
    process.kill(await serverOf(test, spec, pick(random, replicasOf(observed))), 'SIGKILL')
  },
  'SIGSTOP of a replica': async ({ observed, random, spec, test }) => {
    process.kill(await serverOf(test, spec, pick(random, replicasOf(observed))), 'SIGSTOP')
  },
  'kill -9 of the gateway': async ({ spec, test }) => {
    await killLeftovers(join(await rootOf(test, spec), 'gateway'))
  },
  'kill -9 of primary and gateway': async ({ observed, spec, test }) => {
    process.kill(await serverOf(test, spec, primaryOf(observed)), 'SIGKILL')
    await killLeftovers(join(await rootOf(test, spec), 'gateway'))
  },
  'kill -9 of the primary, whose WAL is lost with it': async (scene) => {
    await loseWal(scene)
    await backUp(scene)
  },
  'kill -9 of the primary, whose WAL is lost with it, and what replicas had not received': async (scene) => {
    const { observed, progress, random, spec, test } = scene
    const replicas = replicasOf(observed)
    const isAsync = spec.durability === 'async'
    // With sync one that has everything is left where there is one, and where there is none nothing is acknowledged.
    const receivers = await Promise.all((isAsync ? replicas : [pick(random, replicas)]).map(async replica => await childOf(await serverOf(test, spec, replica), 'walreceiver')))
    for (const receiver of receivers)
      process.kill(receiver, 'SIGSTOP')
    if (isAsync) {
      // More than is under way to them.
      await write(test, spec, `create table much as ${muchRows}; drop table much`)
      await progress()
    }
    await loseWal(scene)
    for (const receiver of receivers)
      process.kill(receiver, 'SIGCONT')
    await backUp(scene)
  },
  'kill -9 of the primary while the control plane is away': async ({ observed, spec, test }) => {
    const pid = await serverOf(test, spec, primaryOf(observed))
    await test.reopen(undefined, () => process.kill(pid, 'SIGKILL'))
  },
  'kill -9 of the control plane': async ({ random, spec, test }) => {
    await runAndKill(test, { spec }, 1_000 * random())
  },
  'kill -9 of the control plane in a failover': async ({ observed, random, spec, test }) => {
    await runAndKill(test, { spec, kill: await serverOf(test, spec, primaryOf(observed)) }, 500 * random())
  },
  'kill -9 of the control plane in a switchover': async ({ random, spec, test }) => {
    const id = randomUUID()
    await runAndKill(test, { spec, switchover: id }, 500 * random())
    await untilDone('the role is handed over', async () => await test.engine.switchOver(spec, { id }), patience)
  },
  'switchover': async ({ spec, test }) => {
    const id = randomUUID()
    await untilDone('the role is handed over', async () => await test.engine.switchOver(spec, { id }), patience)
  },
  'one replica more, or less': async (scene) => {
    const { spec, test } = scene
    scene.spec = { ...spec, generation: spec.generation + 1, instances: spec.instances === 2 ? 3 : 2 }
    await untilDone('it is as asked', async () => await test.engine.ensure(scene.spec), patience)
  },
  'restart': async (scene) => {
    const { spec, test } = scene
    scene.spec = { ...spec, generation: spec.generation + 1, restartToken: randomUUID() }
    await untilDone('it is as asked', async () => await test.engine.ensure(scene.spec), patience)
  },
  'a full disk': async ({ disk, spec, test }) => {
    await disk?.leave(0)
    await until(async () => await write(test, spec, `create table much as ${muchRows}; drop table much`) === 'refused', { deadlineMs: 30_000, what: 'the full disk is felt' })
    await disk?.free()
  },
  'the archive is away': async ({ progress, spec, test }) => {
    const wal = join(test.dataDir, 'backups', spec.id, 'wal')
    await rename(wal, `${wal}.away`)
    await writeFile(wal, 'no folder')
    await until(async () => await write(test, spec, `create table much as ${muchRows}; drop table much`) === 'done', { deadlineMs: 30_000, what: 'much is written' })
    await test.becomes(spec, 'degraded')
    await progress()
    await rm(wal)
    await rename(`${wal}.away`, wal)
    // It waits for the archive, which has its server try again.
    const backup = randomUUID()
    await untilDone('a backup is taken', async () => await test.engine.takeBackup(spec, backup), patience)
  },
  'kill -9 of the primary while the archive is away': async ({ observed, progress, spec, test }) => {
    const wal = join(test.dataDir, 'backups', spec.id, 'wal')
    await rename(wal, `${wal}.away`)
    await writeFile(wal, 'no folder')
    process.kill(await serverOf(test, spec, primaryOf(observed)), 'SIGKILL')
    await progress()
    await rm(wal)
    await rename(`${wal}.away`, wal)
  },
  'a new database of a moment ago': async ({ ledger, progress, random, spec, test }) => {
    const { noted: target, rows } = await ledger.moment(pick(random, targets)(test, spec))
    await progress()
    const copy = test.spec({ from: { id: spec.id, target } })
    await untilDone('the copy is made', async () => await test.engine.ensure(copy), patience)
    const session = await sessionAt((await test.observe(copy)).endpoint, copy)
    deepEqual(await rowsOf(session), rows)
    await session.close()
    await test.engine.destroy(copy)
  },
  'restore in place to a moment ago': async ({ ledger, progress, random, spec, test }) => {
    const moment = await ledger.moment(pick(random, targets)(test, spec))
    await progress()
    const order = { id: randomUUID(), from: { id: spec.id, target: moment.noted }, undoUntil: new Date(Date.now() + 3_600_000) }
    const ordered = ledger.count
    await untilDone('it is restored', async () => await test.engine.restore(spec, order), patience)
    await untilDone('it is as asked', async () => await test.engine.ensure(spec), patience)
    ledger.wentBack(moment, ordered)
  },
} satisfies Record<string, Fault>

async function loseWal({ observed, spec, test }: Scene): Promise<void> {
  const primary = primaryOf(observed)
  const pid = await serverOf(test, spec, primary)
  const wal = join(await rootOf(test, spec), 'instances', String(primary), 'data', 'pg_wal')
  await rename(wal, `${wal}.lost`)
  process.kill(pid, 'SIGKILL')
}

/** What the lost disk had not archived is a gap: as its event says, only from a backup on moments can be restored again. */
async function backUp({ progress, spec, test }: Scene): Promise<void> {
  await progress()
  await whole(test, spec)
  const backup = randomUUID()
  await untilDone('a backup is taken', async () => await test.engine.takeBackup(spec, backup), patience)
}

/** Through the address, by a client that may be cut. */
async function write(test: TestEngine, spec: DatabaseSpec, text: string): Promise<'done' | 'refused'> {
  const client = await test.connect(spec).catch(() => undefined)
  // A commit that waits for a replica must not keep the fault from being mended. The types of pg do not know this option.
  const query = { text, query_timeout: 20_000 }
  try {
    await client?.query(query)
    return client ? 'done' : 'refused'
  }
  catch {
    return 'refused'
  }
  finally {
    // It is cut off on purpose.
    await client?.end().catch(() => {})
  }
}
