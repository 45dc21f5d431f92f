import type { DatabaseSpec, Observed, RestoreTarget } from '@howdah/engine'
import type { Ledger, LedgerSession } from '@howdah/testkit/ledger'
import type { ClusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import type { Point } from '../../../packages/engine-cnpg/src/testing/effect-proxy.ts'
import { deepEqual } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { rowsOf } from '@howdah/testkit/ledger'
import { pick } from '@howdah/testkit/random'
import { until } from '@howdah/testkit/until'
import { untilDone } from '@howdah/testkit/until-done'
import { bucketSecret } from '../../../packages/engine-cnpg/src/names.ts'
import { runAndKill } from '../../../packages/engine-cnpg/src/testing/killed.ts'
import { kubectl } from '../kubectl.ts'

/** What a fault happens to. */
export interface Scene {
  readonly test: ClusterEngine
  /** Of the database, which a fault may change. */
  spec: DatabaseSpec
  readonly observed: Observed
  readonly random: () => number
  readonly ledger: Ledger
  /** Rows are acknowledged after this was called. */
  readonly progress: () => Promise<void>
}

export type Fault = (scene: Scene) => Promise<void>

/** Where the operator keeps the data of an instance. */
const pidFile = '/var/lib/postgresql/data/pgdata/postmaster.pid'
/** For whoever looks after it to mend things. */
const deadlineMs = 300_000
const patience = { deadlineMs, everyMs: 200 }

/** The ways to name a moment. */
const targets: readonly ((session: LedgerSession) => Promise<RestoreTarget>)[] = [
  async (session) => {
    const [row] = await session.query('select pg_current_wal_insert_lsn()::text as lsn')
    return { kind: 'lsn', lsn: String(row?.lsn) }
  },
  async (session) => {
    const [row] = await session.query('select clock_timestamp() as at')
    return { kind: 'time', at: row?.at as Date } // as pg reads a timestamptz
  },
]

/** What happens to a database with replicas on Kubernetes. Each leaves it to whoever looks after it to mend things. */
export const faults = {
  'the pod of the primary is killed': async scene => await killPod(scene, memberOf(scene, 'primary')),
  'the pod of a replica is killed': async scene => await killPod(scene, memberOf(scene, 'replica')),
  'kill -9 of the primary': async scene => await kill(scene, memberOf(scene, 'primary')),
  'kill -9 of a replica': async scene => await kill(scene, memberOf(scene, 'replica')),
  'SIGSTOP of a replica': async (scene) => {
    const { progress, spec, test } = scene
    await signal(scene, memberOf(scene, 'replica'), 'STOP')
    await progress()
    await test.becomes(spec, { phase: 'degraded', reason: 'InstanceMissing' }, deadlineMs)
  },
  'SIGSTOP of the primary': async (scene) => {
    const { spec, test } = scene
    const primary = memberOf(scene, 'primary')
    const before = await uidOf(scene, primary)
    await signal(scene, primary, 'STOP')
    await test.becomes(spec, { phase: 'degraded', reason: 'InstanceMissing' }, deadlineMs)
    await until(async () => await uidOf(scene, primary) !== before, { deadlineMs, everyMs: 200, what: `${primary} is made again` })
  },
  'a replica loses its volume': async (scene) => {
    const { test: { namespace } } = scene
    const pod = memberOf(scene, 'replica')
    await kubectl('--namespace', namespace, 'delete', 'persistentvolumeclaim', pod, '--wait=false')
    await killPod(scene, pod)
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
  'kill -9 of the primary while another control plane begins': async (scene) => {
    const other = scene.test.createEngine()
    await kill(scene, memberOf(scene, 'primary'))
    await other.open()
    await untilDone('it is as asked', async () => await other.ensure(scene.spec), patience)
    await other.close()
  },
  'kill -9 of the control plane in a switchover': async (scene) => {
    const { spec, test } = scene
    const id = randomUUID()
    await runAndKill(test, { spec, switchover: id }, somewhere(scene, 3))
    await untilDone('the role is handed over', async () => await test.engine.switchOver(spec, { id }), patience)
  },
  'kill -9 of the control plane in a restart': async (scene) => {
    const { spec, test } = scene
    scene.spec = { ...spec, generation: spec.generation + 1, restartToken: randomUUID() }
    await runAndKill(test, { spec: scene.spec }, somewhere(scene, 3))
    await untilDone('it is as asked', async () => await test.engine.ensure(scene.spec), patience)
  },
  'kill -9 of the control plane in a backup': async (scene) => {
    const { spec, test } = scene
    const backup = randomUUID()
    await runAndKill(test, { spec, backup }, somewhere(scene, 3))
    await untilDone('the backup is taken', async () => await test.engine.takeBackup(spec, backup), patience)
  },
  'the archive is away': async ({ progress, spec, test }) => {
    await kubectl('--namespace', test.namespace, 'delete', 'secret', bucketSecret)
    await write(test, spec, 'create table much as select repeat(md5(n::text), 8) from generate_series(1, 80000) n; drop table much')
    await test.becomes(spec, { phase: 'degraded', reason: 'ArchiveStuck' }, deadlineMs)
    await progress()
    await untilDone('it is as asked', async () => await test.engine.ensure(spec), patience)
  },
  'a new database of a moment ago': async ({ ledger, progress, random, spec, test }) => {
    const { noted: target, rows } = await ledger.moment(pick(random, targets))
    await progress()
    const copy = test.spec({ from: { id: spec.id, target } })
    await untilDone('the copy is made', async () => await test.engine.ensure(copy), patience)
    const session = await test.connect(copy)
    deepEqual(await rowsOf(session), rows)
    await session.close()
    await untilDone('the copy is gone', async () => await test.engine.destroy(copy), patience)
  },
  'restore in place to a moment ago': async ({ ledger, progress, random, spec, test }) => {
    const moment = await ledger.moment(pick(random, targets))
    await progress()
    const order = { id: randomUUID(), from: { id: spec.id, target: moment.noted }, undoUntil: new Date(Date.now() + 3_600_000) }
    const ordered = ledger.count
    await untilDone('it is restored', async () => await test.engine.restore(spec, order), patience)
    await untilDone('it is as asked', async () => await test.engine.ensure(spec), patience)
    ledger.wentBack(moment, ordered)
  },
} satisfies Record<string, Fault>

/** A point around one of the first things that the work does in the cluster. */
function somewhere({ random }: Scene, most: number): Point {
  const [effects, when] = [1 + Math.floor(random() * most), pick(random, ['before', 'after'] as const)]
  return { when, isAt: ({ length }) => length === effects }
}

function memberOf({ observed, random }: Scene, role: 'primary' | 'replica'): string {
  return pick(random, observed.members.filter(member => member.role === role)).name
}

async function killPod({ test: { namespace } }: Scene, pod: string): Promise<void> {
  await kubectl('--namespace', namespace, 'delete', 'pod', pod, '--grace-period=0', '--force')
}

/** Its container ends with it; until that is seen everything looks well, and what is stopped while it starts is given an hour. */
async function kill(scene: Scene, pod: string): Promise<void> {
  const before = await restartsOf(scene, pod)
  await signal(scene, pod, 'KILL')
  await until(async () => await restartsOf(scene, pod) !== before, { deadlineMs: 60_000, everyMs: 200, what: `the container of ${pod} is started again` })
  await kubectl('--namespace', scene.test.namespace, 'wait', '--for=condition=Ready', `pod/${pod}`, `--timeout=${deadlineMs / 1000}s`)
}

async function restartsOf({ test: { namespace } }: Scene, pod: string): Promise<string> {
  return await kubectl('--namespace', namespace, 'get', 'pod', pod, '--output', 'jsonpath={.status.containerStatuses[?(@.name=="postgres")].restartCount}')
}

async function uidOf({ test: { namespace } }: Scene, pod: string): Promise<string> {
  return await kubectl('--namespace', namespace, 'get', 'pod', pod, '--ignore-not-found', '--output', 'jsonpath={.metadata.uid}')
}

async function signal({ test: { namespace } }: Scene, pod: string, name: 'KILL' | 'STOP'): Promise<void> {
  await kubectl('--namespace', namespace, 'exec', pod, '--container', 'postgres', '--', 'sh', '-c', `kill -${name} "$(head -n 1 ${pidFile})"`)
}

async function write(test: ClusterEngine, spec: DatabaseSpec, text: string): Promise<void> {
  const session = await test.connect(spec)
  await session.query(text)
  await session.close()
}
