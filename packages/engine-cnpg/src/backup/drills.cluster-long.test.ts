/** What the suite of the port does not look at: what a drill finds, and what is left of one however it ends. */
import type { DatabaseSpec, Engine, Progress } from '@howdah/engine'
import type { SqlSession } from '@howdah/engine/conformance'
import type { KubeObject } from '../kubernetes/objects.ts'
import type { ClusterEngine } from '../testing/cluster-engine.ts'
import type { DrillRecord } from './drill-record.ts'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { openBucket } from '@howdah/engine-local'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { resources } from '../kubernetes/objects.ts'
import { drillAnnotation, drillLabel, superuserName } from '../names.ts'
import { readSecret } from '../target.ts'
import { clusterEngine } from '../testing/cluster-engine.ts'
import { connectThroughService } from '../testing/connect.ts'
import { parseTrial } from '../trial-record.ts'

describe.runIf(inject('cluster').s3)('drills', () => {
  let test: ClusterEngine
  beforeAll(async () => {
    test = await clusterEngine()
  })
  afterAll(async () => await test.cleanup(), 600_000)

  it('prove the newest backup: it starts, has the last commit, and every row and index can be read; nobody sees it, and nothing is left', async () => {
    const spec = await test.database()
    await test.backUp(spec)
    const owner = await test.connect(spec)
    await owner.query('create table ledger (n int primary key, text text); insert into ledger select n, repeat(md5(n::text), 100) from generate_series(1, 5000) n')
    await owner.close()
    const [id, before] = [randomUUID(), Date.now()]
    const running = until(async () => await restoredInto(spec), { deadlineMs: 180_000, everyMs: 250, what: 'there is something restored' }).then(async ({ metadata: { name } }) => {
      const answering = await until(async () => parseTrial<DrillRecord>((await restoredInto(spec))?.metadata.annotations?.[drillAnnotation])?.answer, { deadlineMs: 180_000, everyMs: 250, what: 'it answers' })
      const { endpoint } = await test.observe(spec)
      const observed = { ...await test.observe(spec), endpoint: endpoint && { ...endpoint, host: `${name}-rw.${test.namespace}.svc`, caCertificate: (await readSecret(test.api, test.namespace, `${name}-ca`))?.['ca.crt'] ?? '' } }
      const stranger = await connectThroughService(test.api, { observed, user: spec.owner.user, password: spec.owner.password, database: spec.database }).catch((error: Error) => error.message)
      return { answering, databases: (await test.engine.list()).map(({ ref }) => ref.id), stranger }
    })
    expect(await drilled(test.engine, spec, id)).toEqual({ outcome: 'done' })
    const [{ proof } = {}] = await test.engine.backups(spec)
    expect(proof).toMatchObject({ drill: id, isGood: true, message: '', reachedLsn: expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/) })
    expect(proof?.reachedAt?.getTime()).toBeGreaterThanOrEqual(before)
    expect(proof?.checks.map(({ isGood, name }) => [name, isGood])).toEqual([['start', true], ['canary', true], ['rows', true], ['structure', true]])
    expect(proof?.checks.find(({ name }) => name === 'rows')?.detail).toContain('the checksum of each page is right')
    const { answering, databases, stranger } = await running
    expect(databases).toEqual([spec.id])
    expect(stranger).toMatch(/pg_hba.conf rejects/)
    expect(proof).toMatchObject({ recoveryTimeMs: answering.recoveryTimeMs, reachedLsn: answering.lsn })
    // What it did on a timeline of its own is nowhere but in what was removed.
    expect(await keysOf(spec)).not.toEqual(expect.arrayContaining([expect.stringMatching(/wals\/00000002/)]))
    await leavesNothing(spec)
    expect((await test.observe(spec)).phase).toBe('ready')
  })

  it('go on with the next control plane, and what nobody goes on with is removed', async () => {
    const spec = await test.database()
    await test.backUp(spec)
    const id = randomUUID()
    const first = test.createEngine()
    await first.open()
    await until(async () => {
      await archive(spec)
      await first.drillBackup(spec, id)
      return await restoredInto(spec)
    }, { deadlineMs: 120_000, what: 'it is being restored' })
    await first.close()
    expect(await drilled(test.engine, spec, id)).toEqual({ outcome: 'done' })
    await leavesNothing(spec)

    const abandoned = randomUUID()
    const made = await until(async () => {
      await archive(spec)
      await test.engine.drillBackup(spec, abandoned)
      return await restoredInto(spec)
    }, { deadlineMs: 120_000, what: 'another one is being restored' })
    const record = parseTrial<DrillRecord>(made.metadata.annotations?.[drillAnnotation])
    await test.api.merge(resources.cluster, { namespace: test.namespace, name: made.metadata.name }, { metadata: { annotations: { [drillAnnotation]: JSON.stringify({ ...record, until: new Date(0) }) } } })
    const next = test.createEngine()
    await next.open()
    await until(async () => await restoredInto(spec) === undefined, { deadlineMs: 60_000, what: 'it is removed' })
    await next.close()
    await leavesNothing(spec)
  })

  it('find an index that lacks a row, though the server starts and every page is sound; a database that is deleted takes its drill with it', async () => {
    const spec = await test.database()
    const owner = await test.connect(spec)
    await owner.query('create table indexed (n int primary key); insert into indexed select generate_series(1, 1000)')
    await owner.close()
    // A row that the index is not told of: what a broken disk or a bug leaves, with checksums that are right.
    const session = await superuser(spec, spec.database)
    await session.query('update pg_index set indisready = false where indexrelid = \'indexed_pkey\'::regclass')
    await session.query('insert into indexed values (1001)')
    await session.query('update pg_index set indisready = true where indexrelid = \'indexed_pkey\'::regclass')
    await session.close()
    await test.backUp(spec)
    expect(await drilled(test.engine, spec, randomUUID())).toMatchObject({ outcome: 'failed', reason: 'DrillFailed', message: expect.stringMatching(/index "indexed_pkey"/) })
    expect((await test.engine.backups(spec))[0]?.proof).toMatchObject({ isGood: false, message: expect.stringMatching(/index "indexed_pkey"/) })
    await leavesNothing(spec)

    const id = randomUUID()
    await until(async () => {
      await archive(spec)
      await test.engine.drillBackup(spec, id)
      return await restoredInto(spec)
    }, { deadlineMs: 120_000, what: 'another one is being restored' })
    await until(async () => (await test.engine.destroy(spec)).outcome === 'done', { deadlineMs: 300_000, everyMs: 250, what: 'it is gone' })
    await leavesNothing(spec)
  })

  it('find a backup that is not whole, and say what the restore said', async () => {
    const spec = await test.database()
    await test.backUp(spec)
    const { s3 } = inject('cluster')
    const bucket = await openBucket({ url: `s3://backups/${test.namespacePrefix}?endpoint=${s3?.endpoint}`, accessKeyId: s3?.accessKeyId ?? '', secretAccessKey: s3?.secretAccessKey ?? '' })
    for (const key of await keysOf(spec)) {
      if (/data\.tar/.test(key))
        await bucket.remove(key)
    }
    expect(await drilled(test.engine, spec, randomUUID())).toMatchObject({ outcome: 'failed', reason: 'DrillFailed', message: expect.stringMatching(/cannot be restored. Barman: Missing file base/) })
    expect((await test.engine.backups(spec))[0]?.proof).toMatchObject({ isGood: false, recoveryTimeMs: null, reachedAt: null, checks: [{ name: 'restore', isGood: false }] })
    await leavesNothing(spec)
  })

  it('begin only where the quota leaves room, and not without a backup', async () => {
    const small = await clusterEngine({ quota: { 'requests.storage': '1Gi' } })
    try {
      const spec = await small.database()
      await expect(small.engine.drillBackup(spec, randomUUID())).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('no backup') })
      await small.backUp(spec)
      await expect(drilled(small.engine, spec, randomUUID(), small)).rejects.toMatchObject({ code: 'exhausted', message: expect.stringContaining('requests.storage') })
      await leavesNothing(spec, small)
    }
    finally {
      await small.cleanup()
    }
  })

  /** Its row is archived at once, and not within a minute. */
  async function drilled(engine: Engine, spec: DatabaseSpec, id: string, place = test): Promise<Progress> {
    return await until(async () => {
      const progress = await engine.drillBackup(spec, id)
      if (progress.outcome === 'wait' && progress.step === 'canary')
        await archive(spec, place)
      if (progress.outcome === 'wait')
        await delay(progress.afterMs)
      return progress.outcome === 'done' || progress.outcome === 'failed' ? progress : undefined
    }, { deadlineMs: 400_000, what: 'the drill is over' })
  }

  async function archive(spec: DatabaseSpec, place = test): Promise<void> {
    const session = await superuser(spec, 'postgres', place)
    await session.query('select pg_switch_wal()')
    await session.close()
  }

  async function superuser(spec: DatabaseSpec, database: string, place = test): Promise<SqlSession> {
    const secret = await readSecret(place.api, place.namespace, `${spec.name}-superuser`)
    return await connectThroughService(place.api, { observed: await place.observe(spec), user: superuserName, password: secret?.password ?? '', database })
  }

  async function restoredInto(spec: DatabaseSpec): Promise<KubeObject | undefined> {
    return (await test.api.list(resources.cluster, { namespace: test.namespace, labels: `${drillLabel}=${spec.id}` }))[0]
  }

  async function keysOf(spec: DatabaseSpec): Promise<string[]> {
    const { s3 } = inject('cluster')
    const bucket = await openBucket({ url: `s3://backups/${test.namespacePrefix}?endpoint=${s3?.endpoint}`, accessKeyId: s3?.accessKeyId ?? '', secretAccessKey: s3?.secretAccessKey ?? '' })
    return (await bucket.list(`${spec.id}/`)).map(({ key }) => key)
  }

  async function leavesNothing(spec: DatabaseSpec, { api, namespace } = test): Promise<void> {
    const labels = `${drillLabel}=${spec.id}`
    await until(async () => {
      const left = await Promise.all([resources.cluster, resources.pod, resources.volumeClaim, resources.secret, resources.service].map(async kind => await api.list(kind, { namespace, labels })))
      return left.flat().length === 0
    }, { deadlineMs: 60_000, everyMs: 250, what: 'nothing of a drill is left' })
  }
})
