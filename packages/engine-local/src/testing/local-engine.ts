import type { DatabaseSpec, Engine, Notification, Observed, Progress } from '@howdah/engine'
import type { LedgerSession } from '@howdah/testkit/ledger'
import type { LocalEngineOptions } from '../options.ts'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { temporaryFolder, until } from '@howdah/testkit'
import { Client } from 'pg'
import { createLocalEngine } from '../engine.ts'
import { testArchives } from './archives.ts'
import { silentLog } from './silent-log.ts'

/** A local engine in a temporary folder, for tests of one file. */
export interface TestEngine {
  readonly dataDir: string
  readonly engine: Engine
  readonly heard: Notification[]
  /** Close this engine object and open another one over the same folder. `between`: what happens while nobody watches. */
  readonly reopen: (change?: Partial<LocalEngineOptions>, between?: () => void) => Promise<void>
  readonly spec: (change?: Partial<DatabaseSpec>) => DatabaseSpec
  readonly settle: (spec: DatabaseSpec) => Promise<Progress>
  /** A database that is ready. */
  readonly database: (change?: Partial<DatabaseSpec>) => Promise<DatabaseSpec>
  readonly observe: (spec: DatabaseSpec) => Promise<Observed>
  readonly becomes: (spec: DatabaseSpec, phase: Observed['phase'], deadlineMs?: number) => Promise<Observed>
  readonly connect: (spec: DatabaseSpec, change?: Login) => Promise<Client>
  /** Destroy what was made, and the folder. */
  readonly remove: () => Promise<void>
}

interface Login { readonly user?: string, readonly password?: string, readonly database?: string }

/** As the owner, unless it is said otherwise. */
async function connectTo(endpoint: Observed['endpoint'], { database, owner }: DatabaseSpec, change: Login = {}): Promise<Client> {
  const client = new Client({
    host: endpoint?.host,
    port: endpoint?.port ?? 0,
    ssl: { ca: endpoint?.caCertificate },
    user: owner.user,
    password: owner.password,
    database,
    ...change,
  })
  client.on('error', () => {}) // a cut connection fails the next query, which is what tests look at
  await client.connect()
  return client
}

/** The same, as a ledger is written. */
export async function sessionAt(endpoint: Observed['endpoint'], spec: DatabaseSpec): Promise<LedgerSession> {
  const client = await connectTo(endpoint, spec)
  return {
    query: async (text) => {
      // Of several statements pg answers one result each, which its types do not know.
      const result: { rows: Record<string, unknown>[] } | { rows: Record<string, unknown>[] }[] = await client.query<Record<string, unknown>>(text)
      return [result].flat().at(-1)?.rows ?? []
    },
    close: async () => await client.end(),
  }
}

export async function testEngine(options: Partial<LocalEngineOptions> = {}): Promise<TestEngine> {
  const folder = await temporaryFolder()
  const dataDir = options.dataDir ?? folder.path
  const create = (change: Partial<LocalEngineOptions> = {}): Engine =>
    createLocalEngine({ dataDir, location: 'local', poolSize: 1, archives: testArchives(dataDir), log: silentLog, ...options, ...change })
  let engine = create()
  let count = 0
  const made: DatabaseSpec[] = []
  const heard: Notification[] = []
  await engine.open()
  engine.watch(notification => heard.push(notification))

  const test: TestEngine = {
    dataDir,
    get engine() {
      return engine
    },
    heard,
    reopen: async (change, between) => {
      await engine.close()
      between?.()
      engine = create(change)
      await engine.open()
      engine.watch(notification => heard.push(notification))
    },
    spec: (change) => {
      const spec: DatabaseSpec = {
        id: randomUUID(),
        project: 'tests',
        name: `db-${++count}`,
        generation: 1,
        version: 18,
        instances: 1,
        storageGib: 10,
        cpu: 1,
        memoryMib: 512,
        durability: 'async',
        parameters: {},
        extensions: [],
        allowedCidrs: ['127.0.0.1/32'],
        labels: {},
        hibernated: false,
        restartToken: '',
        database: 'app',
        owner: { user: 'app', password: `p-${randomUUID()}` },
        ...change,
      }
      made.push(spec)
      return spec
    },
    settle: async spec => await until(async () => {
      const progress = await engine.ensure(spec)
      if (progress.outcome === 'wait')
        await delay(Math.min(progress.afterMs, 50))
      return progress.outcome === 'done' || progress.outcome === 'failed' ? progress : undefined
    }, { deadlineMs: 60_000, what: `${spec.name} settles` }),
    database: async (change) => {
      const spec = test.spec(change)
      const progress = await test.settle(spec)
      if (progress.outcome !== 'done')
        throw new Error(`a database was not made: ${JSON.stringify(progress)}`)
      return spec
    },
    observe: async (spec) => {
      const observed = await engine.observe(spec)
      if (!observed)
        throw new Error(`nothing is there of ${spec.name}`)
      return observed
    },
    becomes: async (spec, phase, deadlineMs = 30_000) => await until(async () => {
      const observed = await test.observe(spec)
      return observed.phase === phase ? observed : undefined
    }, { deadlineMs, what: `${spec.name} becomes ${phase}` }),
    connect: async (spec, change) => await connectTo((await test.observe(spec)).endpoint, spec, change),
    remove: async () => {
      for (const spec of made)
        await engine.destroy(spec)
      await engine.close()
      await folder.remove()
    },
  }
  return test
}
