import type { Engine } from './engine.ts'
import type { Notification, Observed } from './observed.ts'
import type { Progress } from './plan.ts'
import type { DatabaseRef, DatabaseSpec } from './spec.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import { accessSuite } from './conformance/access.ts'
import { backupsSuite } from './conformance/backups.ts'
import { changesSuite } from './conformance/changes.ts'
import { lifecycleSuite } from './conformance/lifecycle.ts'
import { logsSuite } from './conformance/logs.ts'
import { plansSuite } from './conformance/plans.ts'
import { replicasSuite } from './conformance/replicas.ts'
import { upgradesSuite } from './conformance/upgrades.ts'

/** A session of a database user, for the parts of the suite that need real SQL. */
export interface SqlSession {
  readonly query: (text: string) => Promise<Record<string, unknown>[]>
  readonly close: () => Promise<void>
}

export interface SqlAddress {
  readonly observed: Observed
  readonly user: string
  readonly password: string
  readonly database: string
}

/** What a driver gives to be tested. */
export interface Harness {
  /** A new engine over the same location. Called again after `close` to see what is adopted. */
  readonly createEngine: () => Engine
  /** Open a session over TLS, checking the certificate against `endpoint.caCertificate`. Undefined: no real SQL here. */
  readonly connect?: (address: SqlAddress) => Promise<SqlSession>
  /** Leave nothing behind. */
  readonly cleanup: () => Promise<void>
  /** How long a database may take to become what was asked; the default is 30 s. */
  readonly deadlineMs?: number
  /** Majors of which one can become the other here; the two newest unless it says so. */
  readonly upgrade?: { readonly old: number, readonly next: number }
}

/** What the tests of the suite share. */
export interface Context {
  /** The engine now; another object after `reopen`. */
  readonly engine: Engine
  readonly harness: Harness
  readonly reopen: () => Promise<void>
  /** A spec with an id and a name of its own. */
  readonly spec: (change?: Partial<DatabaseSpec>) => DatabaseSpec
  /** Drive `ensure` to its end and answer what it reported on the way. */
  readonly settle: (spec: DatabaseSpec) => Promise<readonly Progress[]>
  /** `spec` and `settle` in one, for tests of something else. Destroyed at the end. */
  readonly database: (change?: Partial<DatabaseSpec>) => Promise<DatabaseSpec>
  /**
   * One database for several tests, where a create takes longer than what they look at: made when the first of them asks, and anew after a
   * test that failed. A test that changes it writes its newest spec into what this answers.
   */
  readonly shared: <T extends { readonly spec: DatabaseSpec }>(make: () => Promise<T>) => () => Promise<T>
  readonly observe: (ref: DatabaseRef) => Promise<Observed>
  /** Ask again as its progress says until it is done or failed, and answer which. */
  readonly ended: (what: string, step: () => Promise<Progress>) => Promise<Progress>
  readonly until: <T>(what: string, condition: () => T | Promise<T>) => Promise<NonNullable<T>>
  /** Log in as the owner, or as someone else. Only where the harness has `connect`. */
  readonly login: (spec: DatabaseSpec, as?: { user?: string, password?: string, database?: string }) => Promise<SqlSession>
}

const suites = {
  lifecycle: lifecycleSuite,
  plans: plansSuite,
  changes: changesSuite,
  replicas: replicasSuite,
  access: accessSuite,
  logs: logsSuite,
  backups: backupsSuite,
  upgrades: upgradesSuite,
}

export type Part = keyof typeof suites

/**
 * The promises of the port as tests. Every driver passes all of it; what its capabilities exclude is skipped, and
 * nothing else. `parts`: where a create takes a minute, files with some of it each run beside each other.
 */
export function describeEngine(name: string, makeHarness: () => Promise<Harness>, parts: readonly Part[] = Object.keys(suites) as Part[]): void {
  describe(`${name} keeps the promises of the engine port`, () => {
    let harness: Harness
    let engine: Engine
    const made: DatabaseRef[] = []
    let count = 0

    beforeAll(async () => {
      harness = await makeHarness()
      engine = harness.createEngine()
      await engine.open()
    }, 120_000)

    // Begun after each test: a place may have room for a few databases only.
    afterEach(async () => {
      const ended = await Promise.all(made.map(async ref => (await engine.destroy(ref)).outcome === 'done'))
      made.splice(0, made.length, ...made.filter((_, index) => !ended[index]))
    })

    const context: Context = {
      get engine() {
        return engine
      },
      get harness() {
        return harness
      },
      reopen: async () => {
        await engine.close()
        engine = harness.createEngine()
        await engine.open()
      },
      spec: (change = {}) => {
        count++
        const spec: DatabaseSpec = {
          id: crypto.randomUUID(),
          project: 'conformance',
          name: `db-${count}`,
          generation: 1,
          version: 18,
          instances: 1,
          storageGib: 10,
          cpu: 1,
          memoryMib: 256,
          durability: 'async',
          parameters: {},
          extensions: [],
          allowedCidrs: ['0.0.0.0/0', '::/0'],
          labels: {},
          hibernated: false,
          restartToken: '',
          database: 'app',
          owner: { user: 'app', password: `first-${crypto.randomUUID()}` },
          ...change,
        }
        made.push(spec)
        return spec
      },
      settle: async (spec) => {
        const seen: Progress[] = []
        await context.ended(`${spec.name} settles`, async () => {
          const progress = await engine.ensure(spec)
          seen.push(progress)
          return progress
        })
        return seen
      },
      database: async (change) => {
        const spec = context.spec(change)
        const last = (await context.settle(spec)).at(-1)
        if (last?.outcome !== 'done')
          throw new Error(`a database was not made: ${JSON.stringify(last)}`)
        return spec
      },
      shared: (make) => {
        let shared: ReturnType<typeof make> | undefined
        const give = (): void => {
          // It may be what could not be made.
          shared?.then(({ spec }) => made.push(spec), () => {})
          shared = undefined
        }
        afterEach(({ task }) => task.result?.state === 'fail' && give())
        afterAll(give)
        return async () => await (shared ??= make().then((answer) => {
          made.splice(made.findIndex(({ id }) => id === answer.spec.id), 1)
          return answer
        }))
      },
      observe: async (ref) => {
        const observed = await engine.observe(ref)
        if (!observed)
          throw new Error(`nothing is there of ${ref.name}`)
        return observed
      },
      ended: async (what, step) => await context.until(what, async () => {
        const progress = await step()
        if (progress.outcome === 'wait')
          await delay(progress.afterMs)
        return progress.outcome === 'done' || progress.outcome === 'failed' ? progress : undefined
      }),
      until: async (what, condition) => {
        const deadline = performance.now() + (harness.deadlineMs ?? 30_000)
        for (;;) {
          const result = await condition()
          if (result)
            return result
          if (performance.now() > deadline)
            throw new Error(`not in time: ${what}`)
          await delay(5)
        }
      },
      login: async (spec, as = {}) => {
        if (!harness.connect)
          throw new Error('this harness has no SQL')
        return await harness.connect({
          observed: await context.observe(spec),
          user: as.user ?? spec.owner.user,
          password: as.password ?? spec.owner.password,
          database: as.database ?? spec.database,
        })
      },
    }

    afterAll(async () => {
      await Promise.all(made.map(async ref => await context.ended(`${ref.name} is destroyed`, async () => await engine.destroy(ref))))
      await engine.close()
      await harness.cleanup()
    }, 600_000)

    for (const part of parts)
      suites[part](context)
  })
}

/** Listen, do something, and answer what was heard until `isEnough`. */
export async function hear(context: Context, isEnough: (heard: readonly Notification[]) => boolean, work: () => Promise<unknown>): Promise<readonly Notification[]> {
  const heard: Notification[] = []
  const stop = context.engine.watch(notification => heard.push(notification))
  try {
    await work()
    await context.until('what should be heard is heard', () => isEnough(heard))
    return heard
  }
  finally {
    stop()
  }
}
