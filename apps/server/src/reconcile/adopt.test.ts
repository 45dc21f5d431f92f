/** Databases that Git delivers to a location, in the records of the control plane. */
import type { Backup, Capabilities, DatabaseRef, DatabaseSpec, Engine, ExtensionObserved, Notification, Observed, Plan, Progress } from '@howdah/engine'
import type { Platform } from '../../test/platform.ts'
import type { Observer } from './observer.ts'
import { randomUUID } from 'node:crypto'
import { FakeEngine } from '@howdah/engine/fake'
import { until } from '@howdah/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createPlatform, location } from '../../test/platform.ts'
import { defaultAllowedCidrs } from '../domain/create-database.ts'
import { startObserver } from './observer.ts'

/** A location to which somebody else delivers. */
class DeliveredEngine extends FakeEngine {
  readonly #delivered = new Map<string, Observed>()
  readonly #heard = new Set<(notification: Notification) => void>()
  /** Orders that were begun, and not yet seen to be over. */
  readonly #restarting = new Set<string>()
  /** Orders of restarts, each as often as it was carried out. */
  readonly restarts: string[] = []
  supervised: string | undefined
  readonly #backups = new Map<string, Backup[]>()
  readonly planned: DatabaseSpec[] = []

  override watch(listener: (notification: Notification) => void): () => void {
    this.#heard.add(listener)
    for (const observed of this.#delivered.values())
      listener({ kind: 'observed', observed })
    return () => this.#heard.delete(listener)
  }

  override async list(): Promise<readonly Observed[]> {
    return [...this.#delivered.values()]
  }

  override async observe({ id }: { readonly id: string }): Promise<Observed | undefined> {
    return this.#delivered.get(id)
  }

  override readonly planRestart = async (): Promise<Plan> => {
    return this.supervised === undefined
      ? { steps: ['restart', 'login'], interruption: 'restart', reasons: ['A restart was asked for.'], refusals: [] }
      : { steps: [], interruption: 'none', reasons: [], refusals: [{ pointer: '', detail: this.supervised }] }
  }

  override readonly restart = async (...[, { id }]: Parameters<Engine['restart']>): Promise<Progress> => {
    if (this.#restarting.delete(id))
      return { outcome: 'done' }
    this.#restarting.add(id)
    this.restarts.push(id)
    return { outcome: 'wait', step: 'restart', afterMs: 1, reason: 'It has yet to restart.' }
  }

  /** It keeps no backups of its own. */
  override async capabilities(): Promise<Capabilities> {
    return { ...await super.capabilities(), backup: false }
  }

  override async extensions(): Promise<readonly ExtensionObserved[]> {
    return ['pg_trgm', 'plpgsql', 'unaccent'].map(name => ({ name, defaultVersion: '1.0', installedVersion: name === 'unaccent' ? null : '1.0', description: '', requires: [], needsRestart: false }))
  }

  override async plan(spec: DatabaseSpec): Promise<Plan> {
    this.planned.push(spec)
    return { steps: ['claim'], interruption: 'none', reasons: [], refusals: [] }
  }

  override async backups({ id }: DatabaseRef): Promise<readonly Backup[]> {
    return this.#backups.get(id) ?? []
  }

  override async takeBackup(ref: DatabaseRef, id: string): Promise<Progress> {
    const at = new Date('2026-01-02T00:00:00Z')
    this.#backups.set(ref.id, [{ id, method: 'archive', startedAt: at, finishedAt: at, startLsn: '0/3000028', stopLsn: '0/3000158', timeline: 1, serverVersion: '18', dataBytes: null, storedBytes: null }, ...await this.backups(ref)])
    return { outcome: 'done' }
  }

  override async deleteBackup(ref: DatabaseRef, id: string): Promise<void> {
    this.#backups.set(ref.id, (await this.backups(ref)).filter(backup => backup.id !== id))
  }

  deliver(observed: Observed): void {
    this.#delivered.set(observed.ref.id, observed)
    this.#tell({ kind: 'observed', observed })
  }

  take({ ref }: Observed): void {
    this.#delivered.delete(ref.id)
    this.#tell({ kind: 'gone', ref })
  }

  forget({ ref }: Observed): void {
    this.#delivered.delete(ref.id)
  }

  #tell(notification: Notification): void {
    for (const listener of this.#heard)
      listener(notification)
  }
}

const engine = new DeliveredEngine()
let platform: Platform
let observer: Observer
let count = 0
beforeAll(async () => {
  platform = await createPlatform({ engine })
})
beforeEach(() => observe())
afterEach(async () => await observer.close())
afterAll(async () => await platform.close())

function observe(): void {
  observer = startObserver(platform.domain, location, engine, { onNews: () => {}, leads: async () => true })
}

function fromGit(change: Partial<Observed> = {}): Observed {
  const name = `git-${count++}`
  return {
    ref: { id: randomUUID(), project: 'default', name },
    phase: 'ready',
    reason: '',
    message: '',
    since: new Date('2026-01-01T00:00:00Z'),
    members: [{ name: `${name}-1`, role: 'primary', phase: 'ready', lagBytes: null, lagSeconds: null }],
    endpoint: { host: `${name}-rw.howdah-default.svc`, port: 5432, caCertificate: 'a certificate' },
    serverVersion: '18.4',
    storageUsedBytes: undefined,
    connections: 1,
    transactionsPerSecond: undefined,
    generation: 0,
    pendingRestart: [],
    managedBy: 'git',
    delivered: { version: 18, instances: 1, storageGib: 5, cpu: 0.5, memoryMib: 512, durability: 'async', parameters: { work_mem: '8MB' }, database: 'ledger', owner: 'clerk' },
    ...change,
  }
}

const read = async (name: string) => await platform.ask('GET', `/api/databases/${name}`)

async function listed(observed: Observed): Promise<Observed> {
  engine.deliver(observed)
  await until(async () => (await read(observed.ref.name)).body.phase === observed.phase, { deadlineMs: 5000, what: 'it is listed' })
  return observed
}

it('one that is delivered is in the list of its project, as it was asked for and as it is', async () => {
  const { ref } = await listed(fromGit())
  const { body } = await read(ref.name)
  expect(body).toMatchObject({ id: ref.id, managedBy: 'git', location, version: 18, instances: 1, storageGib: 5, cpu: 0.5, memoryMib: 512, parameters: { work_mem: '8MB' }, serverVersion: '18.4', endpoint: { host: `${ref.name}-rw.howdah-default.svc` } })
  expect((await platform.ask('GET', '/api/databases')).body.items.map(({ name }: { name: string }) => name)).toContain(ref.name)
  expect((await platform.ask('GET', `/api/databases/${ref.name}/dbs`)).body.items).toMatchObject([{ name: 'ledger', owner: 'clerk' }])
  expect((await platform.ask('GET', `/api/audit/logs?action=databases.adopt&target=database/${ref.name}`)).body.items).toHaveLength(1)
})

it('one that was delivered while nobody looked is there after the next start, once', async () => {
  await observer.close()
  const observed = fromGit()
  engine.deliver(observed)
  observe()
  await until(async () => (await read(observed.ref.name)).status === 200, { deadlineMs: 5000 })
  await observer.close()
  observe()
  await listed({ ...observed, phase: 'degraded', reason: 'ArchiveStuck', message: 'Its WAL does not reach the archive.' })
  expect((await platform.ask('GET', `/api/audit/logs?action=databases.adopt&target=database/${observed.ref.name}`)).body.items).toHaveLength(1)
})

it('what Git changes is changed, with a new generation', async () => {
  const observed = await listed(fromGit())
  const { generation } = (await read(observed.ref.name)).body
  engine.deliver({ ...observed, delivered: { ...observed.delivered!, memoryMib: 1024, parameters: {} } })
  await until(async () => (await read(observed.ref.name)).body.memoryMib === 1024, { deadlineMs: 5000 })
  expect((await read(observed.ref.name)).body).toMatchObject({ parameters: {}, generation: generation + 1 })
})

it.each<[string, 'POST' | 'PATCH' | 'DELETE', string, object?]>([
  ['changed', 'PATCH', '', { memoryMib: 1024 }],
  ['deleted', 'DELETE', ''],
  ['hibernated', 'POST', '/hibernate'],
  ['given another password', 'POST', '/rotate-credentials'],
  ['switched over', 'POST', '/switchover'],
])('it cannot be %s here, and who asks is told where', async (_, method, path, body) => {
  const { ref } = await listed(fromGit())
  const answer = await platform.ask(method, `/api/databases/${ref.name}${path}`, body)
  expect(answer).toMatchObject({ status: 409, body: { code: 'managed-by-git', detail: expect.stringContaining('Git') } })
  expect((await read(ref.name)).body).toMatchObject({ phase: 'ready', operation: null })
})

it('it is restarted here, because that is no change of what Git asks for', async () => {
  const { ref } = await listed(fromGit())
  const before = (await read(ref.name)).body
  expect(before.allowedActions).toEqual(['restart', 'manage', 'backup'])
  expect((await platform.ask('POST', `/api/databases/${ref.name}/restart?dryRun=true`)).body).toMatchObject({ operation: 'database.restart', steps: ['restart', 'login'], interruption: 'restart' })
  const { body, status } = await platform.ask('POST', `/api/databases/${ref.name}/restart`, undefined, { prefer: 'wait=10' })
  expect({ body, status }).toMatchObject({ status: 202, body: { type: 'database.restart', phase: 'succeeded', steps: [{ name: 'restart', phase: 'done' }, { name: 'login', phase: 'done' }] } })
  expect(engine.restarts).toEqual([body.id])
  expect((await read(ref.name)).body).toMatchObject({ phase: 'ready', generation: before.generation, operation: null })
})

it('who keeps it may have said that nothing restarts by itself: then that is the answer, and nothing begins', async () => {
  const { ref } = await listed(fromGit())
  engine.supervised = 'Its primary is replaced by a person.'
  const answer = await platform.ask('POST', `/api/databases/${ref.name}/restart`)
  engine.supervised = undefined
  expect(answer).toMatchObject({ status: 409, body: { code: 'managed-by-git', detail: 'Its primary is replaced by a person.' } })
  expect((await read(ref.name)).body).toMatchObject({ phase: 'ready', operation: null })
})

it('it is backed up here, into the archive that it brings, and the record of a backup can go', async () => {
  const { ref } = await listed(fromGit())
  const at = `/api/databases/${ref.name}/backups`
  expect((await platform.ask('GET', at)).body.items).toEqual([])
  const { body } = await platform.ask('POST', at, undefined, { prefer: 'wait=10' })
  expect(body).toMatchObject({ type: 'backup.create', phase: 'succeeded' })
  expect((await platform.ask('GET', at)).body.items).toMatchObject([{ id: body.target, dataBytes: null, storedBytes: null }])
  expect((await platform.ask('DELETE', `${at}/${body.target}?dryRun=true`)).body.reasons).toEqual([expect.stringContaining('in Git')])
  expect((await platform.ask('DELETE', `${at}/${body.target}`, undefined, { prefer: 'wait=10' })).body).toMatchObject({ phase: 'succeeded' })
  expect((await platform.ask('GET', at)).body.items).toEqual([])
})

it.each(['', '?dryRun=true'])('one without an archive is not backed up%s, and who asks is told what to add', async (query) => {
  const observed = fromGit()
  const { ref } = await listed({ ...observed, delivered: { ...observed.delivered!, backupRefusal: 'Its Cluster has no archive: add one.' } })
  const answer = await platform.ask('POST', `/api/databases/${ref.name}/backups${query}`)
  expect(answer).toMatchObject({ status: 409, body: { code: 'managed-by-git', detail: 'Its Cluster has no archive: add one.' } })
  expect((await platform.ask('GET', `/api/databases/${ref.name}/backups`)).body.items).toEqual([])
})

it('one without limits says so', async () => {
  const observed = fromGit()
  const { ref } = await listed({ ...observed, delivered: { ...observed.delivered!, cpu: 0, memoryMib: 0 } })
  expect((await read(ref.name)).body).toMatchObject({ cpu: null, memoryMib: null })
})

it('what begins as it was has what Git says, the extensions that are in it, and for the rest what is usual', async () => {
  const observed = fromGit()
  const { ref } = await listed({ ...observed, delivered: { ...observed.delivered!, cpu: 0, memoryMib: 0 } })
  const { status } = await platform.ask('POST', '/api/databases?dryRun=true', { name: `${ref.name}-copy`, from: { database: ref.name } })
  expect(status).toBe(200)
  expect(engine.planned.at(-1)).toMatchObject({ cpu: 1, memoryMib: 512, parameters: { work_mem: '8MB' }, extensions: ['pg_trgm'], allowedCidrs: defaultAllowedCidrs, database: 'ledger', owner: { user: 'clerk' }, from: { id: ref.id, target: { kind: 'latest' } } })
})

it('the password of its owner is not ours: who asks how to connect is told where it is', async () => {
  const { ref } = await listed(fromGit())
  const { body, status } = await platform.ask('GET', `/api/databases/${ref.name}/connection`)
  expect(status).toBe(422)
  expect(body.errors).toMatchObject([{ detail: expect.stringContaining(`${ref.name}-app`) }])
})

it('one that Git takes away is gone and not lost, also when nobody looked meanwhile', async () => {
  const [seen, unseen] = [await listed(fromGit()), await listed(fromGit())]
  engine.take(seen)
  await until(async () => (await read(seen.ref.name)).status === 404, { deadlineMs: 5000 })
  await observer.close()
  engine.forget(unseen)
  observe()
  await until(async () => (await read(unseen.ref.name)).status === 404, { deadlineMs: 5000 })
  expect((await platform.ask('GET', `/api/audit/logs?action=databases.release&target=database/${seen.ref.name}`)).body.items).toHaveLength(1)
})

it('one of a name that the project has, and one for a project that is not there, are left out and change nothing', async () => {
  const first = await listed(fromGit())
  const second = fromGit({ ref: { ...first.ref, id: randomUUID() } })
  engine.deliver(second)
  engine.deliver(fromGit({ ref: { id: randomUUID(), project: 'nowhere', name: 'orphan' } }))
  await listed(fromGit())
  expect((await read(first.ref.name)).body.id).toBe(first.ref.id)
  expect((await read('orphan')).status).toBe(404)
  engine.forget(second)
})
