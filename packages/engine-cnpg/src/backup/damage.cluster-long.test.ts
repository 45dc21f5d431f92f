/** New databases of archives that are damaged: none that looks well is made of them, and nothing stays behind. */
import type { DatabaseSpec, Progress } from '@howdah/engine'
import type { Bucket } from '../bucket.ts'
import type { ClusterEngine } from '../testing/cluster-engine.ts'
import type { InPlaceWork } from '../testing/in-place-work.ts'
import { randomUUID } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { EngineError } from '@howdah/engine'
import { endOfSegment, formatLsn, segmentOf } from '@howdah/postgres'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { resources } from '../kubernetes/objects.ts'
import { idLabel, superuserName } from '../names.ts'
import { readSecret } from '../target.ts'
import { clusterEngine } from '../testing/cluster-engine.ts'
import { connectThroughService } from '../testing/connect.ts'
import { inPlaceWork } from '../testing/in-place-work.ts'
import { putObject } from '../testing/put-object.ts'

/** What became of the wish for a new database, and what is said of why. */
interface Outcome {
  readonly kind: 'refused' | 'failed' | 'made'
  readonly why: string
}

describe.runIf(inject('cluster').s3)('a new database of an archive', () => {
  let test: ClusterEngine
  let work: InPlaceWork
  let bucket: Bucket
  beforeAll(async () => {
    test = await clusterEngine()
    work = inPlaceWork(test)
    bucket = await work.bucketOf()
  })
  afterAll(async () => await test.cleanup(), 600_000)

  describe('of one timeline', () => {
    let source: DatabaseSpec
    let second: string
    beforeAll(async () => {
      source = await test.database()
      await work.write(source, 'create table rows (n int); insert into rows values (1)')
      await work.write(source, 'create table much as select repeat(md5(random()::text), 8) from generate_series(1, 20000) n')
      await test.backUp(source)
      await archived(source, 2)
      second = (await keysOf(source, /\/[0-9A-F]{24}\.gz$/)).at(-1) ?? ''
      await archived(source, 3)
      await archived(source, 4)
      await gone(source)
    }, 600_000)

    it.each<[string, { readonly of: RegExp | 'second', readonly damage: (whole: Uint8Array) => Uint8Array | undefined, readonly to?: 'after', readonly kind: Outcome['kind'], readonly why: RegExp }]>([
      ['whose base backup has another bit somewhere', { of: /data\.tar/, damage: otherBit, kind: 'failed', why: /cannot be restored\. \S|base backup is damaged: checksum/ }],
      ['of whose base backup one row is another, though it unpacks,', { of: /data\.tar/, damage: otherRow, kind: 'failed', why: /base backup is damaged: checksum verification failed in file/ }],
      ['of whose base backup the second half is missing', { of: /data\.tar/, damage: half, kind: 'failed', why: /cannot be restored\. \S/ }],
      ['whose only base backup was never uploaded to its end', { of: /backup\.info$/, damage: () => undefined, kind: 'failed', why: /cannot be restored\. \S/ }],
      ['that lacks a segment in between', { of: 'second', damage: () => undefined, kind: 'refused', why: /lacks segment [0-9A-F]{24} of its WAL.*The nearest that can/ }],
      ['that lacks a segment in between, of a position after that,', { of: 'second', damage: () => undefined, to: 'after', kind: 'refused', why: /cannot be restored\. The nearest that can: 0\/[0-9A-F]+/ }],
      ['that has WAL of nobody in between', { of: 'second', damage: () => gzipSync(new Uint8Array(16 * 2 ** 20)), kind: 'failed', why: /Its replay ended at/ }],
    ])('%s is not made', async (_, { damage, kind, of, to, why }) => {
      const key = of === 'second' ? second : (await keysOf(source, of))[0] ?? ''
      const whole = await bucket.get(key)
      if (!whole)
        throw new Error(`the archive has no ${key}`)
      const damaged = damage(whole)
      await (damaged ? putObject(bucket.settings, key, damaged) : bucket.remove(key))
      onTestFinished(async () => await putObject(bucket.settings, key, whole))
      const copy = test.spec({ from: { id: source.id, target: to ? { kind: 'lsn', lsn: afterSegment(key) } : { kind: 'latest' } } })
      expect(await wish(copy)).toMatchObject({ kind, why: expect.stringMatching(why) })
      await isShut(copy)
      await leavesNothing(copy)
    }, 600_000)

    it('to whose bucket the key is wrong is not made', async () => {
      const engine = test.createEngine({ backups: { url: `s3://backups/${test.namespacePrefix}?endpoint=${inject('cluster').s3?.endpoint}`, accessKeyId: inject('cluster').s3?.accessKeyId, secretAccessKey: 'another' } })
      await engine.open()
      const copy = test.spec({ from: { id: source.id, target: { kind: 'latest' } } })
      await expect(engine.ensure(copy)).rejects.toMatchObject({ message: expect.stringMatching(/bucket|key|access/i) })
      await engine.close()
      expect(await test.engine.observe(copy)).toBeUndefined()
      await leavesNothing(copy)
    })

    it('that is whole again is made, with every row', async () => {
      const copy = await test.database({ from: { id: source.id, target: { kind: 'latest' } } })
      expect(await work.rowsOf(copy)).toEqual([1, 2, 3, 4])
      await leavesNothing(copy)
    }, 600_000)
  })

  it.each<[string, (history: Uint8Array) => Uint8Array | undefined]>([
    ['that lacks the history of its timeline', () => undefined],
    ['that has the history of another database instead', () => gzipSync('1\t0/2000000\tno recovery target specified\n')],
  ])('%s is not made', async (_, damage) => {
    const source = await test.database({ instances: 2 })
    await test.becomes(source, { phase: 'ready' })
    await work.write(source, 'create table rows (n int); insert into rows values (1)')
    await test.backUp(source)
    const order = { id: randomUUID() }
    await work.ended(engine => engine.switchOver(source, order))
    await test.becomes(source, { phase: 'ready' })
    await archived(source, 2)
    await gone(source)
    const [key = ''] = await keysOf(source, /00000002\.history/)
    const whole = await bucket.get(key)
    const damaged = damage(whole ?? new Uint8Array())
    await (damaged ? putObject(bucket.settings, key, damaged) : bucket.remove(key))
    const copy = test.spec({ from: { id: source.id, target: { kind: 'latest' } } })
    expect(await wish(copy)).not.toMatchObject({ kind: 'made' })
    await isShut(copy)
    await leavesNothing(copy)
  }, 600_000)

  async function wish(spec: DatabaseSpec): Promise<Outcome> {
    const progress = await test.settle(spec).catch((error: unknown): Progress | EngineError => {
      if (error instanceof EngineError)
        return error
      throw error
    })
    if (progress instanceof EngineError)
      return { kind: 'refused', why: progress.message }
    return progress.outcome === 'failed' ? { kind: 'failed', why: progress.message } : { kind: 'made', why: '' }
  }

  /** Nobody gets in, and it is not said to be well. */
  async function isShut(spec: DatabaseSpec): Promise<void> {
    const observed = await test.engine.observe(spec)
    expect(observed?.phase ?? 'provisioning').toBe('provisioning')
    if (observed)
      await expect(connectThroughService(test.api, { observed, user: spec.owner.user, password: spec.owner.password, database: spec.database })).rejects.toThrow()
  }

  async function leavesNothing(spec: DatabaseSpec): Promise<void> {
    await gone(spec)
    await test.engine.destroyArchive(spec)
    const labels = `${idLabel}=${spec.id}`
    const kinds = [resources.cluster, resources.pod, resources.volumeClaim, resources.service, resources.secret, resources.backup, resources.objectStore]
    await until(async () => (await Promise.all(kinds.map(async kind => await test.api.list(kind, { namespace: test.namespace, labels })))).flat().length === 0, { deadlineMs: 120_000, everyMs: 250, what: `nothing of ${spec.name} is left` })
    expect(await bucket.list(`${spec.id}/`)).toEqual([])
  }

  async function gone(spec: DatabaseSpec): Promise<void> {
    await until(async () => (await test.engine.destroy(spec)).outcome === 'done', { deadlineMs: 300_000, everyMs: 250, what: `${spec.name} is gone` })
  }

  async function keysOf({ id }: DatabaseSpec, pattern: RegExp): Promise<string[]> {
    return (await bucket.list(`${id}/`)).map(({ key }) => key).filter(key => pattern.test(key)).sort()
  }

  /** Write a row, and have a segment of its own with it in the archive. */
  async function archived(spec: DatabaseSpec, row: number): Promise<void> {
    const before = (await keysOf(spec, /\/[0-9A-F]{24}\.gz$/)).length
    await work.write(spec, `insert into rows values (${row})`)
    const secret = await readSecret(test.api, test.namespace, `${spec.name}-superuser`)
    const session = await connectThroughService(test.api, { observed: await test.observe(spec), user: superuserName, password: secret?.password ?? '', database: 'postgres' })
    await session.query('select pg_switch_wal()')
    await session.close()
    await until(async () => (await keysOf(spec, /\/[0-9A-F]{24}\.gz$/)).length > before, { deadlineMs: 60_000, everyMs: 250, what: 'it is archived' })
  }
})

/** A position in the one that follows. */
function afterSegment(key: string): string {
  const segment = segmentOf(/[0-9A-F]{24}/.exec(key)?.[0] ?? '')
  return formatLsn(endOfSegment(segment?.number ?? 0) + 0x100n)
}

function otherBit(whole: Uint8Array): Uint8Array {
  const damaged = Uint8Array.from(whole)
  const at = Math.floor(damaged.length / 2)
  damaged[at] = (damaged[at] ?? 0) ^ 1
  return damaged
}

/** Somewhere in the long texts of the table that is there for it. */
function otherRow(whole: Uint8Array): Uint8Array {
  const files = gunzipSync(whole)
  const at = files.toString('latin1').search(/[0-9a-f]{250}/)
  files[at] = (files[at] ?? 0) ^ 1
  return gzipSync(files)
}

function half(whole: Uint8Array): Uint8Array {
  return whole.slice(0, whole.length / 2)
}
