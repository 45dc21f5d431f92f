import type { BackupMethod, DatabaseRef, DatabaseSpec, Engine, Notification, Observed, Progress } from '@howdah/engine'
import type { SqlSession } from '@howdah/engine/conformance'
import type { TestPlace } from './place.ts'
import { randomUUID } from 'node:crypto'
import { until } from '@howdah/testkit'
import { Ledger } from '@howdah/testkit/ledger'
import { connectThroughService } from './connect.ts'
import { done, ended } from './ended.ts'
import { testPlace } from './place.ts'

/** An engine over a place of its own in the test cluster, for tests of one file. */
export interface ClusterEngine extends TestPlace {
  readonly engine: Engine
  readonly heard: Notification[]
  readonly namespace: string
  readonly spec: (change?: Partial<DatabaseSpec>) => DatabaseSpec
  readonly settle: (spec: DatabaseSpec) => Promise<Progress>
  /** A database that is ready. */
  readonly database: (change?: Partial<DatabaseSpec>) => Promise<DatabaseSpec>
  readonly observe: (spec: DatabaseSpec) => Promise<Observed>
  readonly becomes: (spec: DatabaseSpec, expected: { readonly phase: Observed['phase'], readonly reason?: string }, deadlineMs?: number) => Promise<Observed>
  /** Phases, reasons and events of a database as they were heard, each once until another follows. */
  readonly storyOf: (spec: DatabaseSpec) => readonly string[]
  /** Log in as the owner. */
  readonly connect: (spec: DatabaseSpec, withinMs?: number) => Promise<SqlSession>
  /** Have a backup taken. Answers its id. */
  readonly backUp: (ref: DatabaseRef, method?: BackupMethod) => Promise<string>
  /** Begin to write a ledger into a database that is ready. */
  readonly ledger: (spec: DatabaseSpec) => Promise<Ledger>
}

const project = 'tests'

export async function clusterEngine(settings: Readonly<Record<string, unknown>> = {}): Promise<ClusterEngine> {
  const place = await testPlace()
  const engine = place.createEngine(settings)
  const heard: Notification[] = []
  let count = 0
  await engine.open()
  engine.watch(notification => heard.push(notification))
  const test: ClusterEngine = {
    ...place,
    engine,
    heard,
    namespace: `${place.namespacePrefix}${project}`,
    spec: change => ({
      id: randomUUID(),
      project,
      name: `db-${++count}`,
      generation: 1,
      version: 18,
      instances: 1,
      storageGib: 1,
      cpu: 1,
      memoryMib: 256,
      durability: 'async',
      parameters: {},
      extensions: [],
      allowedCidrs: ['0.0.0.0/0'],
      labels: {},
      hibernated: false,
      restartToken: '',
      database: 'app',
      owner: { user: 'app', password: `p-${randomUUID()}` },
      ...change,
    }),
    settle: async spec => await ended(async () => await engine.ensure(spec), { deadlineMs: 300_000, what: `${spec.name} settles` }),
    database: async (change) => {
      const spec = test.spec(change)
      await done(async () => await engine.ensure(spec), { deadlineMs: 300_000, what: `${spec.name} is made` })
      return spec
    },
    observe: async (spec) => {
      const observed = await engine.observe(spec)
      if (!observed)
        throw new Error(`nothing is there of ${spec.name}`)
      return observed
    },
    becomes: async (spec, { phase, reason }, deadlineMs = 120_000) => await until(async () => {
      const observed = await engine.observe(spec)
      return observed?.phase === phase && (reason === undefined || observed.reason === reason) ? observed : undefined
    }, { deadlineMs, everyMs: 50, what: `${spec.name} becomes ${phase} ${reason ?? ''}; heard: ${test.storyOf(spec).join(', ')}` }),
    storyOf: (spec) => {
      const words = heard.flatMap((notification) => {
        if (notification.kind === 'event')
          return notification.event.ref.id === spec.id ? [notification.event.type] : []
        return notification.kind === 'observed' && notification.observed.ref.id === spec.id
          ? [`${notification.observed.phase} ${notification.observed.reason}`.trim()]
          : []
      })
      return words.filter((word, index) => word !== words[index - 1])
    },
    connect: async (spec, withinMs) => await connectThroughService(place.api, {
      observed: await test.observe(spec),
      user: spec.owner.user,
      password: spec.owner.password,
      database: spec.database,
    }, withinMs),
    backUp: async (ref, method) => {
      const id = randomUUID()
      await done(async () => await engine.takeBackup(ref, id, method), { deadlineMs: 300_000, what: `a backup of ${ref.name} is taken` })
      return id
    },
    ledger: async (spec) => {
      // When writes are possible again is seen by several that do not wait for the same connection to what was lost.
      const ledger = await Ledger.begin(async () => await test.connect(spec, 2_000), { writers: 3, patienceMs: 3_000, restMs: 10 })
      await until(() => ledger.count > 10, { deadlineMs: 30_000, what: 'rows are acknowledged' })
      return ledger
    },
    cleanup: async () => {
      await engine.close()
      await place.cleanup()
    },
  }
  return test
}
