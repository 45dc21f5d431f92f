/** Clusters that Git owns, in the namespace of a project. */
import type { DatabaseRef, DatabaseSpec, RestoreTarget } from '@howdah/engine'
import type { KubeObject } from './kubernetes/objects.ts'
import type { ClusterEngine } from './testing/cluster-engine.ts'
import { randomUUID } from 'node:crypto'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { resources } from './kubernetes/objects.ts'
import { readSecret } from './target.ts'
import { clusterEngine } from './testing/cluster-engine.ts'

const { postgresqlImages, s3 } = inject('cluster')

let test: ClusterEngine
let ours: DatabaseSpec
let namespace: string
beforeAll(async () => {
  test = await clusterEngine()
  ours = await test.database({ project: 'shop' })
  namespace = `${test.namespacePrefix}shop`
}, 300_000)
afterAll(async () => await test.cleanup(), 600_000)

/** As a commit and its controller would bring it; again, as the next look of the controller would. */
async function deliver(name: string, { labels = { 'howdah.dev/project': 'shop' }, spec = {} }: { labels?: Record<string, string>, spec?: object } = {}): Promise<DatabaseRef> {
  const manifest = {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: { name, namespace, labels, annotations: { 'argocd.argoproj.io/tracking-id': `shop-databases:postgresql.cnpg.io/Cluster:${namespace}/${name}` } },
    spec: {
      instances: 1,
      ...postgresqlImages ? { imageName: postgresqlImages[18] } : {},
      storage: { size: '1Gi' },
      enableSuperuserAccess: true,
      bootstrap: { initdb: { database: 'ledger', owner: 'ledger' } },
      postgresql: { parameters: { work_mem: '8MB' } },
      ...spec,
    },
  }
  const { metadata: { uid = '' } } = await test.api.apply<KubeObject>(resources.cluster, manifest, { as: 'argocd-controller' })
  return { id: uid, project: 'shop', name }
}

type Delivered = KubeObject & { readonly spec?: object }

async function read({ name }: DatabaseRef): Promise<Delivered> {
  return await until(async () => await test.api.get<Delivered>(resources.cluster, { namespace, name }), { deadlineMs: 10_000 })
}

async function restarted(ref: DatabaseRef, id: string): Promise<void> {
  await until(async () => (await test.engine.restart(ref, { id })).outcome === 'done', { deadlineMs: 180_000, everyMs: 250, what: `${ref.name} is restarted` })
}

/** Who is in the namespace, each with the moment at which it was made. */
async function podsOf({ name }: DatabaseRef): Promise<string[]> {
  return (await test.api.list(resources.pod, { namespace, labels: `cnpg.io/cluster=${name},cnpg.io/podRole=instance` })).map(({ metadata }) => metadata.uid ?? '').sort()
}

describe('a Cluster that Git owns', () => {
  let ref: DatabaseRef
  beforeAll(async () => {
    ref = await deliver('from-git')
    await until(async () => (await test.engine.observe(ref))?.phase === 'ready', { deadlineMs: 180_000, everyMs: 100, what: 'it is observed and ready' })
  }, 300_000)

  it('appears beside ours, managed by Git, with everything that can be read', async () => {
    expect(await test.engine.list()).toContainEqual(expect.objectContaining({ ref, phase: 'ready', managedBy: 'git' }))
    expect(await test.engine.observe(ref)).toMatchObject({
      managedBy: 'git',
      delivered: { version: 18, instances: 1, storageGib: 1, cpu: 0, memoryMib: 0, durability: 'async', parameters: { work_mem: '8MB' }, database: 'ledger', owner: 'ledger' },
      serverVersion: expect.stringMatching(/^18/),
      members: [{ name: 'from-git-1', role: 'primary', phase: 'ready' }],
      endpoint: { host: `from-git-rw.${namespace}.svc`, port: 5432, caCertificate: expect.stringContaining('BEGIN CERTIFICATE') },
    })
    expect(await test.engine.logicalDatabases(ref)).toContainEqual(expect.objectContaining({ name: 'ledger', owner: 'ledger' }))
    expect((await test.engine.parameters(ref)).map(({ name }) => name)).toContain('work_mem')
    expect((await test.engine.extensions(ref)).map(({ name }) => name)).toContain('pg_stat_statements')
    expect((await test.engine.logs(ref, { limit: 10 })).records.length).toBeGreaterThan(0)
  })

  it('takes users, which are no part of its spec', async () => {
    await test.engine.ensureRole(ref, { name: 'clerk', password: 'clerk-secret', access: 'none', connectionLimit: 2 })
    expect(await test.engine.roles(ref)).toContainEqual(expect.objectContaining({ name: 'clerk', connectionLimit: 2 }))
    await test.engine.dropRole(ref, 'clerk')
    expect((await test.engine.roles(ref)).map(({ name }) => name)).not.toContain('clerk')
    await test.engine.ensureLogicalDatabase(ref, { name: 'books', owner: 'ledger' })
    expect((await test.engine.logicalDatabases(ref)).map(({ name }) => name).sort()).toEqual(['books', 'ledger'])
  })

  it('is restarted once for each order, and its spec stays as it was', async () => {
    const [before, pods] = [await read(ref), await podsOf(ref)]
    expect(await test.engine.planRestart(ref)).toMatchObject({ steps: ['restart', 'login'], interruption: 'restart', refusals: [] })
    const id = randomUUID()
    await restarted(ref, id)
    const after = await podsOf(ref)
    expect(after).toHaveLength(1)
    expect(after).not.toEqual(pods)
    expect(await test.engine.observe(ref)).toMatchObject({ phase: 'ready' })
    // What Git's controller applies the next time takes nothing back.
    await deliver(ref.name)
    expect(await test.engine.restart(ref, { id })).toEqual({ outcome: 'done' })
    expect(await podsOf(ref)).toEqual(after)
    expect(await read(ref)).toMatchObject({ spec: before.spec, metadata: { generation: before.metadata.generation } })
  })

  it('of which nobody may restart the primary is not restarted, and why is said', async () => {
    const watched = await deliver('watched', { spec: { instances: 2, primaryUpdateStrategy: 'supervised' } })
    await until(async () => await test.engine.observe(watched), { deadlineMs: 10_000 })
    expect((await test.engine.planRestart(watched)).refusals).toMatchObject([{ detail: expect.stringContaining('supervised') }])
    await test.api.delete(resources.cluster, { namespace, name: 'watched' })
  })

  it('without an archive has no backups, and how to give it one is said', async () => {
    expect((await test.engine.observe(ref))?.delivered?.backupRefusal).toMatch(/ObjectStore.*barman-cloud/)
    await expect(test.engine.takeBackup(ref, randomUUID())).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('ObjectStore') })
    expect(await test.engine.backups(ref)).toEqual([])
    expect(await test.engine.restoreWindow(ref)).toEqual([])
  })

  it('is not changed: whoever asks is told where to, and its object stays as it was', async () => {
    const before = await test.api.get<KubeObject & { spec?: object }>(resources.cluster, { namespace, name: ref.name })
    const spec = test.spec({ ...ref, memoryMib: 512 })
    const { refusals } = await test.engine.plan(spec)
    expect(refusals).toEqual([{ pointer: '', detail: expect.stringMatching(/Git.*shop-databases.*from-git/) }])
    await expect(test.engine.ensure(spec)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('shop-databases') })
    const after = await test.api.get<KubeObject & { spec?: object }>(resources.cluster, { namespace, name: ref.name })
    expect(after?.spec).toEqual(before?.spec)
    expect(after?.metadata.generation).toBe(before?.metadata.generation)
  })

  it('is not deleted either', async () => {
    expect(await test.engine.destroy(ref)).toEqual({ outcome: 'done' })
    expect((await test.api.get(resources.cluster, { namespace, name: ref.name }))?.metadata.deletionTimestamp).toBeUndefined()
  })

  it('is gone when Git takes it away', async () => {
    const leaving = await deliver('leaving')
    await until(async () => await test.engine.observe(leaving), { deadlineMs: 10_000 })
    await test.api.delete(resources.cluster, { namespace, name: 'leaving' })
    await until(() => test.heard.some(heard => heard.kind === 'gone' && heard.ref.id === leaving.id), { deadlineMs: 60_000 })
  })
})

describe('what is not delivered for the project is none of ours', () => {
  it.each<[string, Record<string, string>]>([
    ['without a label', {}],
    ['labelled for another project', { 'howdah.dev/project': 'bank' }],
    ['that says it is one of our databases', { 'howdah.dev/project': 'bank', 'app.kubernetes.io/managed-by': 'howdah', 'howdah.dev/id': '7d1c7c5e-7b0e-4b64-8d0a-2f6b5b4c9d11' }],
  ])('a Cluster %s', async (_, labels) => {
    const ref = await deliver(`stranger-${Object.keys(labels).length}`, { labels })
    // What came later in the same namespace was heard of, and so this one was too.
    const known = await deliver(`known-${Object.keys(labels).length}`)
    await until(async () => await test.engine.observe(known), { deadlineMs: 10_000 })
    expect(await test.engine.observe(ref)).toBeUndefined()
    expect((await test.engine.list()).map(({ ref: { name } }) => name)).not.toContain(ref.name)
    for (const { name } of [ref, known])
      await test.api.delete(resources.cluster, { namespace, name })
  })
})

describe.runIf(s3)('a Cluster with an archive of its own', () => {
  const store = (endpointURL: string | undefined): object => ({
    configuration: {
      destinationPath: `s3://backups/${namespace}`,
      endpointURL,
      s3Credentials: { accessKeyId: { name: 's3', key: 'id' }, secretAccessKey: { name: 's3', key: 'secret' }, region: { name: 's3', key: 'region' } },
      wal: { compression: 'gzip' },
    },
  })
  let ref: DatabaseRef
  beforeAll(async () => {
    const credentials = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's3', namespace }, stringData: { id: s3?.accessKeyId, secret: s3?.secretAccessKey, region: 'us-east-1' } }
    await test.api.create(resources.secret, credentials)
    // Nobody listens there.
    const astray = { apiVersion: 'barmancloud.cnpg.io/v1', kind: 'ObjectStore', metadata: { name: 'store', namespace }, spec: store('http://10.243.0.1:9') }
    await test.api.create(resources.objectStore, astray)
    ref = await deliver('archived', { spec: { plugins: [{ name: 'barman-cloud.cloudnative-pg.io', isWALArchiver: true, parameters: { barmanObjectName: 'store' } }], postgresql: { parameters: { archive_timeout: '10s' } } } })
  })

  it('is degraded while its WAL does not reach it, although the operator calls it healthy, and ready when it does', async () => {
    await until(async () => (await test.engine.observe(ref))?.reason === 'ArchiveStuck', { deadlineMs: 240_000, everyMs: 100, what: 'it is told' })
    expect(await test.engine.observe(ref)).toMatchObject({ phase: 'degraded', message: expect.stringContaining('archive') })
    await test.api.merge(resources.objectStore, { namespace, name: 'store' }, { spec: store(s3?.endpoint) })
    await until(async () => (await test.engine.observe(ref))?.phase === 'ready', { deadlineMs: 240_000, everyMs: 100, what: 'it is ready' })
  })

  it('is backed up beside its spec, and new databases begin as it was', async () => {
    const before = await read(ref)
    await sql('create extension pg_trgm; create function answer() returns int language plpgsql as $$ begin return 42; end $$')
    await sql('create table rows (n int); insert into rows values (1)')
    const backup = await test.backUp(ref)
    expect(await test.engine.backups(ref)).toMatchObject([{ id: backup, storedBytes: null, dataBytes: expect.any(Number), serverVersion: expect.stringMatching(/^18/) }])
    await sql('insert into rows values (2)')
    const [moment] = await sql('select clock_timestamp() as at')
    const at = moment?.at as Date // of this type
    await sql('insert into rows values (3)')
    const [window] = await test.engine.restoreWindow(ref)
    expect(window?.from.getTime()).toBeLessThan(at.getTime())
    expect(window?.to.getTime()).toBeGreaterThan(at.getTime())
    expect(await rowsOf({ kind: 'backup', backup })).toEqual([1])
    expect(await rowsOf({ kind: 'time', at })).toEqual([1, 2])
    expect(await rowsOf({ kind: 'latest' })).toEqual([1, 2, 3])
    expect(await read(ref)).toMatchObject({ spec: before.spec, metadata: { generation: before.metadata.generation } })
  })

  it('has the backups in its list that a schedule took, without sizes that nobody measured', async () => {
    const scheduled = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Backup', metadata: { name: 'by-schedule', namespace }, spec: { cluster: { name: ref.name }, method: 'plugin', pluginConfiguration: { name: 'barman-cloud.cloudnative-pg.io' } } }
    await test.api.create(resources.backup, scheduled)
    const [newest] = await until(async () => {
      const backups = await test.engine.backups(ref)
      return backups.length === 2 ? backups : undefined
    }, { deadlineMs: 120_000, everyMs: 250, what: 'it is listed' })
    expect(newest).toMatchObject({ dataBytes: null, storedBytes: null })
  })

  it('is proved by a drill with whoever\'s backup is the newest, beside its spec', async () => {
    const before = await read(ref)
    const drill = randomUUID()
    await until(async () => (await test.engine.drillBackup(ref, drill)).outcome === 'done', { deadlineMs: 300_000, everyMs: 500, what: 'the drill is over' })
    expect((await test.engine.backups(ref))[0]?.proof).toMatchObject({ drill, isGood: true, dataLossMs: expect.any(Number), checks: expect.arrayContaining([expect.objectContaining({ name: 'canary', isGood: true })]) })
    expect(await read(ref)).toMatchObject({ spec: before.spec, metadata: { generation: before.metadata.generation } })
  })

  it('loses the record of a backup that is deleted, and keeps what its own retention keeps', async () => {
    for (const { id } of await test.engine.backups(ref))
      await test.engine.deleteBackup(ref, id)
    expect(await test.engine.backups(ref)).toEqual([])
    expect(await test.engine.restoreWindow(ref)).toEqual([])
    expect((await test.engine.plan(test.spec({ project: 'shop', from: { id: ref.id, target: { kind: 'time', at: new Date() } } }))).refusals).toMatchObject([{ pointer: '/from' }])
  })

  it('is nobody\'s to begin with in another project', async () => {
    const theft = test.spec({ project: 'bank', from: { id: ref.id, target: { kind: 'latest' } } })
    expect((await test.engine.plan(theft)).refusals).toMatchObject([{ pointer: '/from' }])
    await expect(test.engine.ensure(theft)).rejects.toMatchObject({ code: 'invalid' })
  })

  /** As the owner, whose password is where the operator put it. */
  async function sql(text: string): Promise<Record<string, unknown>[]> {
    const { password = '' } = await readSecret(test.api, namespace, `${ref.name}-app`) ?? {}
    const session = await test.connect(test.spec({ ...ref, database: 'ledger', owner: { user: 'ledger', password } }))
    const rows = await session.query(text)
    await session.close()
    return rows
  }

  async function rowsOf(target: RestoreTarget): Promise<unknown[]> {
    const copy = await test.database({ project: 'shop', database: 'ledger', extensions: ['pg_trgm'], owner: { user: 'ledger', password: `p-${randomUUID()}` }, from: { id: ref.id, target } })
    const session = await test.connect(copy)
    const rows = await session.query('select n from rows order by n')
    expect(await session.query('select answer(), similarity(\'word\', \'word\') as same')).toEqual([{ answer: 42, same: 1 }])
    await session.close()
    await until(async () => (await test.engine.destroy(copy)).outcome === 'done', { deadlineMs: 300_000, everyMs: 250, what: 'the copy is gone' })
    return rows.map(({ n }) => n)
  }
})

it('our own database lived through all of it', async () => {
  expect(await test.observe(ours)).toMatchObject({ phase: 'ready', managedBy: 'howdah' })
})
